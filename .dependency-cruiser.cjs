/** Edges of a use case (HTTP) live in its folder; the core beside them must not know them. */
const EDGE = '\\.(controller|dto|handler|module)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'money-knows-nothing',
      comment: 'money stands on nothing but error texts',
      severity: 'error',
      from: { path: '^src/money' },
      to: { path: '^src/', pathNot: '^src/(money|platform/domain-error)' },
    },
    {
      name: 'event-log-knows-no-capability',
      severity: 'error',
      from: { path: '^src/event-log' },
      to: { path: '^src/', pathNot: '^src/(event-log|money|platform)' },
    },
    {
      name: 'capabilities-point-down',
      comment: 'pool, registry and project library decide; they do not know who asks or who reads',
      severity: 'error',
      from: { path: '^src/(pool|registry|project-library)/', pathNot: EDGE },
      to: { path: '^src/', pathNot: '^src/(pool|registry|project-library|event-log|money|platform/domain-error)' },
    },
    {
      name: 'registry-does-not-know-the-pool',
      severity: 'error',
      from: { path: '^src/registry/', pathNot: EDGE },
      to: { path: '^src/(pool|project-library)/' },
    },
    {
      name: 'no-sideways',
      severity: 'error',
      from: { path: '^src/pool/', pathNot: EDGE },
      to: { path: '^src/project-library/' },
    },
    {
      name: 'reading-does-not-decide',
      comment: 'the read side meets the pool only through its events',
      severity: 'error',
      from: { path: '^src/(projecting|balances|audit)/', pathNot: EDGE },
      to: { path: '^src/(ledger|importing|http|cli|scenarios|identity)/' },
    },
    {
      name: 'http-does-not-know-the-command-line',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'core-knows-no-framework',
      severity: 'error',
      from: {
        path: '^src/(money|event-log|pool|registry|project-library|projecting|balances|audit|ledger|importing|scenarios)/',
        pathNot: EDGE,
      },
      to: { path: 'node_modules/(@nestjs|fastify|commander)' },
    },
    {
      name: 'one-engine-behind-its-port',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(event-log/(sqlite|notary)|projecting)/' },
      to: { path: 'node_modules/better-sqlite3' },
    },
    {
      name: 'eventstore-client-in-one-folder',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/event-log/eventstoredb/' },
      to: { path: 'node_modules/@eventstore' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.build.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
