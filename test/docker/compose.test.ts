import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FEW_CORES_FLAGS, FEW_CORES_MAX } from '@menglian/cli/start/nodeFlags';
import { freePorts, until } from '../e2e/cluster.js';

/** The published schema of compose files: compose-spec/compose-spec, 2026-06-23, Apache-2.0. */
const SCHEMA = new URL('compose-spec.json', import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface ComposeFile {
  readonly services: Readonly<
    Record<string, { volumes?: string[]; ports?: string[]; command?: string[]; networks?: unknown }>
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readFileSync(join(ROOT, 'docker/compose.yaml'), 'utf8'), { merge: true }) as ComposeFile;
const dockerfile = readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8');

describe('compose.yaml', () => {
  it('fits the published schema', () => {
    // Its `$schema` names draft 07 with https, by which ajv does not know it.
    const { $schema: _, ...schema } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as { $schema: string };
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const validate = ajv.compile(schema);
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
  });

  it('gives each node its own volume, address and port, and init all volumes and addresses', () => {
    const nodes = ['node0', 'node1', 'node2', 'node3'];
    expect(Object.keys(compose.services)).toEqual(['init', ...nodes]);
    expect(Object.keys(compose.volumes)).toEqual(nodes);
    expect(nodes.map((name) => compose.services[name]!.volumes)).toEqual(nodes.map((name) => [`${name}:/data`]));
    expect(compose.services['init']!.volumes).toEqual(nodes.map((name, index) => `${name}:/nodes/${index}`));
    const addresses = nodes.map((name) => {
      const networks = compose.services[name]!.networks as { chain: { ipv4_address: string } };
      return networks.chain.ipv4_address;
    });
    expect(compose.services['init']!.command).toEqual(addresses);
    const published = nodes.flatMap((name) => compose.services[name]!.ports!);
    expect(new Set(published).size).toBe(8);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:(8545|20200)$/);
  });
});

describe('the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-image-'));
  const image = join(folder, 'menglian');
  const children: ChildProcess[] = [];
  const environment = {
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    NODES: join(folder, 'nodes'),
  };

  /** Runs a step as the builder would, in the folder that stands for the image's. */
  function run(command: string): void {
    const { status, stderr } = spawnSync('bash', ['-c', command], { cwd: image, env: environment, encoding: 'utf8' });
    expect(status, `${command}\n${stderr}`).toBe(0);
  }

  /** The tracked files below what a COPY line names. */
  function copy(sources: readonly string[]): void {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...sources], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    for (const file of files.split('\n').filter((path) => path !== '' && existsSync(join(ROOT, path)))) {
      mkdirSync(dirname(join(image, file)), { recursive: true });
      cpSync(join(ROOT, file), join(image, file));
    }
  }

  beforeAll(() => {
    mkdirSync(image);
    const build = dockerfile.split(/^FROM /m)[1]!.replaceAll('\\\n', ' ');
    for (const line of build.split('\n')) {
      if (line.startsWith('COPY ')) copy(line.split(/\s+/).slice(1, -1));
      if (line.startsWith('RUN ')) run(line.slice(4));
    }
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      join(folder, 'bin', 'menglian'),
      `#!/bin/sh\nexec node "${image}/packages/cli/bin/menglian.js" "$@"\n`,
    );
    chmodSync(join(folder, 'bin', 'menglian'), 0o755);
  }, 600_000);

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds no sources, tests or development packages', () => {
    expect(existsSync(join(image, 'packages/cli/dist/main.js'))).toBe(true);
    for (const path of ['packages/cli/src', 'packages/sim', 'node_modules/vitest', 'node_modules/typescript']) {
      expect(existsSync(join(image, path)), path).toBe(false);
    }
  });

  it.runIf(spawnSync('cc', ['--version']).status === 0)(
    'checks signatures by the addon, which needs no compiler',
    () => {
      expect(existsSync(join(image, 'packages/crypto/native/ecdsa.c'))).toBe(false);
      run(`node -e "import('@menglian/crypto/loadSuite').then((m) => m.loadSuite('ecdsa', 'addon'))"`);
    },
  );

  /** What the entry point would run as a node where the container has that limit. */
  function startedWith(limit: readonly (readonly [string, string])[], environmentOfIt = {}): string {
    const cgroup = mkdtempSync(join(folder, 'cgroup-'));
    for (const [file, text] of limit) {
      mkdirSync(dirname(join(cgroup, file)), { recursive: true });
      writeFileSync(join(cgroup, file), text);
    }
    const bin = join(cgroup, 'bin');
    mkdirSync(bin);
    for (const [name, script] of [
      ['node', 'echo "$@"'],
      ['nproc', 'echo 16'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, CGROUP: cgroup, ...environmentOfIt };
    const { stdout, stderr } = spawnSync(join(image, 'docker/start.sh'), ['node'], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout;
  }

  it('starts a node with the options for few cores where the container has no more', () => {
    const few = FEW_CORES_FLAGS.join(' ');
    expect(startedWith([])).not.toContain(few);
    expect(startedWith([['cpu.max', 'max 100000\n']])).not.toContain(few);
    expect(startedWith([['cpu.max', `${100_000 * (FEW_CORES_MAX + 1)} 100000\n`]])).not.toContain(few);
    expect(startedWith([['cpu.max', '150000 100000\n']])).toContain(few);
    const version1 = (quota: string) =>
      startedWith([
        ['cpu/cpu.cfs_quota_us', `${quota}\n`],
        ['cpu/cpu.cfs_period_us', '100000\n'],
      ]);
    expect(version1('-1')).not.toContain(few);
    expect(version1('200000')).toContain(few);
    expect(startedWith([['cpu.max', '150000 100000\n']], { MENGLIAN_NODE_FLAGS: '' })).not.toContain('--');
  });

  it('makes the chain once, runs a node that is healthy, and stops it on SIGTERM', async () => {
    mkdirSync(join(folder, 'nodes', '0'), { recursive: true });
    run('docker/init.sh 127.0.0.1');
    const nodeFolder = join(folder, 'nodes', '0');
    const nodeId = readFileSync(join(nodeFolder, 'conf', 'node.nodeid'), 'utf8');
    run('docker/init.sh 127.0.0.1');
    expect(readFileSync(join(nodeFolder, 'conf', 'node.nodeid'), 'utf8')).toBe(nodeId);

    const first = await freePorts(3);
    const configPath = join(nodeFolder, 'config.ini');
    const config = readFileSync(configPath, 'utf8');
    const ports = config
      .replaceAll('30300', `${first}`)
      .replaceAll('20200', `${first + 1}`)
      .replaceAll('8545', `${first + 2}`);
    writeFileSync(configPath, ports);
    const health = () => spawnSync('node', [join(image, 'docker/healthcheck.mjs'), configPath], { encoding: 'utf8' });
    expect(health().status).toBe(1);
    const [entry] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)![1]!) as [string];
    const node = spawn(join(image, entry.replace('/menglian/', '')), ['node', '--config', configPath], {
      cwd: nodeFolder,
      stdio: 'ignore',
    });
    children.push(node);
    await until(() => Promise.resolve(health().status === 0), 'the node is healthy');
    const exited = new Promise((resolve) => node.once('exit', resolve));
    node.kill('SIGTERM');
    expect(await exited).toBe(0);
  }, 120_000);
});
