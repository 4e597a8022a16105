import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { parse } from 'yaml';

const ROOT = join(__dirname, '..', '..');
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');

interface Service {
  readonly image: string;
  readonly profiles: readonly string[];
  readonly restart?: string;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const compose = parse(TEXT, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};
const services = Object.entries(compose.services);
const named = (name: string): Service => compose.services[name] as Service;

/** Those that do their work once and end. */
const ONE_SHOT = ['certificates', 'users', 'operator'];
const SERVERS = ['esdb-1', 'esdb-2', 'esdb-3'];
const NODES = ['yichi-1', 'yichi-2'];

type Secret = NonNullable<Service['secrets']>[number];

const sourceOf = (secret: Secret): string => (typeof secret === 'string' ? secret : secret.source);

describe('docker-compose.yml', () => {
  it('has three servers, two nodes and one entry point, and a trial of one server and one node', () => {
    const of = (profile: string): readonly string[] =>
      services.flatMap(([name, { profiles }]) => (profiles.includes(profile) ? [name] : [])).sort();
    expect(of('cluster')).toEqual([
      'certificates',
      'entry',
      'esdb-1',
      'esdb-2',
      'esdb-3',
      'users',
      'yichi-1',
      'yichi-2',
    ]);
    expect(of('trial')).toEqual(['esdb-trial', 'yichi-trial']);
    expect(of('operator')).toEqual(['operator']);
    expect(services.every(([, { profiles }]) => profiles.length === 1)).toBe(true);
  });

  it.each(services)('%s: its image is pinned', (_name, { image }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/);
  });

  it.each(services)('%s: its health is checked, or it ends by itself', (name, { healthcheck, restart }) => {
    if (ONE_SHOT.includes(name)) expect(restart).toBe('no');
    else expect(healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it('shows nothing outside of loopback, unless somebody opens the entry point', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) {
        expect(port.startsWith(name === 'entry' ? '${YICHI_ENTRY_ADDRESS:-127.0.0.1}:' : '127.0.0.1:')).toBe(true);
      }
    }
    for (const server of ['esdb-1', 'esdb-2', 'esdb-3', 'yichi-1', 'yichi-2']) {
      expect(named(server).ports).toBeUndefined();
    }
    for (const server of ['esdb-1', 'esdb-2', 'esdb-3']) expect(named(server).networks).toEqual(['log']);
    expect(compose.networks['log']?.internal).toBe(true);
  });

  it('is without certificates only in the trial', () => {
    const insecure = services.filter(([, { environment = {} }]) =>
      JSON.stringify(environment).match(/INSECURE|tls=false/i),
    );
    expect(insecure.map(([name]) => name).sort()).toEqual(['esdb-trial', 'yichi-trial']);
    for (const server of ['esdb-1', 'esdb-2', 'esdb-3']) {
      expect(named(server).environment).toMatchObject({
        EVENTSTORE_CLUSTER_SIZE: '3',
        EVENTSTORE_NODE_HOST_ADVERTISE_AS: server,
        EVENTSTORE_CERTIFICATE_FILE: '/certs/node/node.crt',
      });
    }
  });

  it('holds no secret: passwords and keys are files that are not under version control', () => {
    expect(TEXT).not.toMatch(/:\/\/[^\s/@]+:[^\s@]+@/);
    expect(TEXT).not.toMatch(/-----BEGIN/);
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|KEY|TOKEN|SECRET/.test(name)) expect(value).toMatch(/^\/(run\/secrets|certs)\//);
      }
    }
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^docker\/secrets\/[a-z.-]+$/);
    expect(readFileSync(join(ROOT, 'docker', 'secrets', '.gitignore'), 'utf8')).toBe('*\n!.gitignore\n');
    const made = readFileSync(join(ROOT, 'docker', 'make-secrets.sh'), 'utf8');
    for (const name of Object.keys(compose.secrets)) expect(made).toContain(name);
  });

  it('shares the keys among the nodes, and nothing else but the log', () => {
    for (const node of ['yichi-1', 'yichi-2']) {
      expect(named(node).secrets).toEqual(['event-log', 'log-key.pem', 'token-key.pem']);
      expect(named(node).volumes).toEqual([
        `${node}-data:/data`,
        'certs-ca:/certs/ca:ro',
        '${YICHI_CHECKPOINTS:-checkpoints}:/checkpoints',
      ]);
    }
    // The authority's key is for nobody who serves.
    for (const [name, { volumes = [] }] of services) {
      expect(volumes.some((volume) => volume.startsWith('authority:'))).toBe(name === 'certificates');
    }
  });

  it('gives each server its own certificate and key, and nobody else’s', () => {
    for (const server of SERVERS) {
      const certificates = (named(server).volumes ?? []).filter((volume) => volume.startsWith('certs-'));
      expect(certificates).toEqual(['certs-ca:/certs/ca:ro', `certs-${server}:/certs/node:ro`]);
      expect(named('certificates').volumes).toContain(`certs-${server}:/certs/nodes/${server}`);
    }
  });

  it.each(services.filter(([name]) => name !== 'certificates'))(
    '%s: writes nowhere but in its volumes, and has no rights of the system',
    (_name, { read_only, tmpfs, cap_drop, security_opt }) => {
      expect({ read_only, tmpfs, cap_drop, security_opt }).toEqual({
        read_only: true,
        tmpfs: ['/tmp'],
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    },
  );

  it('restarts servers whatever they end with, because they end with 0 after a truncation', () => {
    for (const server of [...SERVERS, 'esdb-trial']) expect(named(server).restart).toBe('unless-stopped');
  });

  it('hands the nodes’ settings in, the same to both', () => {
    const settings = ['YICHI_CHECKPOINT_SECONDS', 'YICHI_CHECKPOINT_TO', 'YICHI_LANG', 'YICHI_ORIGIN'];
    for (const node of [...NODES, 'operator']) {
      const { environment = {} } = named(node);
      expect(Object.keys(environment).sort()).toEqual(settings);
      for (const name of settings) expect(environment[name]).toBe(`\${${name}:-}`);
    }
  });

  it('keeps the administrator’s address from everything that serves', () => {
    const holders = services.filter(([, { secrets = [] }]) =>
      secrets.some((secret) => sourceOf(secret) === 'event-log-admin'),
    );
    expect(holders.map(([name]) => name)).toEqual(['operator']);
    expect(named('operator').secrets).toContainEqual({ source: 'event-log-admin', target: 'event-log' });
  });

  it('names only what there is', () => {
    for (const [, service] of services) {
      for (const needed of Object.keys(service.depends_on ?? {})) {
        expect(named(needed).profiles).toEqual(service.profiles);
      }
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        const [volumeName = source] = /(?<=:-)[\w-]+(?=\}$)/.exec(volume.split(':/')[0] ?? '') ?? [];
        if (source.startsWith('./')) expect(existsSync(join(ROOT, source))).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(volumeName);
      }
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(sourceOf(secret));
      for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
    }
  });
});

describe('the scripts of the containers', () => {
  const scratch = (): string => mkdtempSync(join(tmpdir(), 'yichi-docker-'));

  it('make what is missing among the secrets, and keep the keys of a ledger that moves in', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'log-key.pem'), 'its key', { mode: 0o600 });
    const make = (): void => void execFileSync('sh', [join(ROOT, 'docker', 'make-secrets.sh'), folder]);
    make();
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(read('log-key.pem')).toBe('its key');
    expect(read('token-key.pem')).toContain('PRIVATE KEY');
    for (const [file, user] of [
      ['event-log', 'yichi'],
      ['event-log-admin', 'admin'],
    ] as const) {
      expect(read(file).startsWith(`esdb://${user}:${read(`esdb-${user}-password`).trim()}@esdb-1:2113,`)).toBe(true);
    }
    // The containers' users are not the owner.
    for (const { file } of Object.values(compose.secrets)) {
      expect(statSync(join(folder, basename(file))).mode & 0o777).toBe(0o444);
    }
    const before = readdirSync(folder).map(read);
    make();
    expect(readdirSync(folder).map(read)).toEqual(before);
    rmSync(folder, { recursive: true, force: true });
  });

  it('start the application with an address that was set for this call', () => {
    const folder = scratch();
    const start = (environment: Readonly<Record<string, string>>): string =>
      execFileSync('sh', [join(ROOT, 'docker', 'start.sh'), 'sh', '-c', 'printf %s "$YICHI_EVENT_LOG"'], {
        env: { PATH: process.env['PATH'] ?? '', YICHI_DATA: folder, ...environment },
        encoding: 'utf8',
      });
    expect(start({ YICHI_EVENT_LOG: 'esdb://admin@there:2113' })).toBe('esdb://admin@there:2113');
    expect(start({})).toBe('');
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('docker/Dockerfile', () => {
  const dockerfile = readFileSync(join(ROOT, 'docker', 'Dockerfile'), 'utf8');
  const application = dockerfile.slice(dockerfile.indexOf('AS application'));

  it('builds on a pinned Node 20 and runs as a user without rights', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(images.filter((image) => image?.includes(':'))).toEqual(['node:20.20.2-bookworm-slim']);
    expect(application).toContain('\nUSER node\n');
    expect(application).toContain('HEALTHCHECK');
  });

  it('copies only what there is, and no secret', () => {
    for (const [, source = ''] of application.matchAll(/^COPY --from=build \/yichi\/(\S+)/gm)) {
      if (source !== 'dist' && source !== 'node_modules') expect(existsSync(join(ROOT, source))).toBe(true);
    }
    const ignored = readFileSync(join(ROOT, 'docker', 'Dockerfile.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['docker/secrets', '.git', 'node_modules']));
  });

  it('brings every folder that the program reads beside its own code', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const folders = sources
      .filter((name) => name.endsWith('.ts') && !name.includes('write-'))
      .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
      .flatMap((text) => [...text.matchAll(/join\(PACKAGE_ROOT, '([a-z-]+)'/g)].map(([, folder = '']) => folder));
    expect(folders).toContain('verifier');
    for (const folder of [...folders, 'projections', 'data']) {
      expect(application).toContain(`COPY --from=build /yichi/${folder} ./${folder}\n`);
    }
  });

  it('brings every script that it starts', () => {
    const there = readdirSync(join(ROOT, 'docker'));
    for (const [, script = ''] of `${TEXT}${dockerfile}`.matchAll(/docker\/([a-z-]+\.(?:js|sh|conf))/g)) {
      expect(there).toContain(script);
    }
  });
});
