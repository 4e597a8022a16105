// Whoever runs the tests may have settings of their own in the environment, and a ledger behind them that no test may write to.
for (const name of Object.keys(process.env)) {
  if (/^YICHI_(?!TEST_)/.test(name)) delete process.env[name];
}

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // A library that looks at its own global after a file's end would be warned of on stderr, in the midst of another test
  // that holds what a command writes there against what it should be.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  // On two cores jest would take one worker, and the whole run would take nearly twice as long.
  maxWorkers: 2,
  roots: ['<rootDir>/test', '<rootDir>/src'],
  testRegex: '\\.spec\\.ts$',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  setupFiles: ['<rootDir>/test/support/drawing-of-histories.ts'],
  // A guard against what never ends. The slowest tests take seconds, on a machine that others use as well ten times that.
  testTimeout: 180_000,
};
