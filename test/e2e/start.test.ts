import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { freePorts, until } from './cluster.js';
import { IS_SM } from './suite.js';

const START = fileURLToPath(new URL('../../packages/cli/dist/start.js', import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs what `npm start` runs after its build, until it shows the endpoints; then Ctrl-C. */
async function startAndInterrupt(folder: string, ...args: string[]): Promise<{ output: string; code: number | null }> {
  const child = spawn(process.execPath, [START, '--folder', folder, ...(IS_SM ? ['--sm'] : []), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  await until(() => Promise.resolve(output.includes('| transactions ')), 'the status line is shown');
  child.kill('SIGINT');
  return { output, code: await exited };
}

it('makes a chain with a contract, ends on Ctrl-C, and continues the same chain at the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-start-'));
  folders.push(folder);
  const first = await freePorts(12);
  const ports = `${first},${first + 4},${first + 8}`;

  const fresh = await startAndInterrupt(folder, '--ports', ports);
  expect(fresh.code).toBe(0);
  expect(fresh.output).toContain('HelloWorld is at 0x');
  expect(fresh.output).toMatch(/get\(\) answers "Hello from block 1"/);
  expect(fresh.output).toContain(`JSON-RPC http://127.0.0.1:${first + 8}`);

  // The ports are those of the chain, asked for or not.
  const again = await startAndInterrupt(folder);
  expect(again.code).toBe(0);
  expect(again.output).toContain('continuing it');
  expect(again.output).not.toContain('HelloWorld is at');
  expect(again.output).toMatch(/get\(\) answers "Hello from block 2"/);
}, 180_000);

it('makes several groups, each with its contract, and continues them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-start-'));
  folders.push(folder);
  const first = await freePorts(12);
  const ports = `${first},${first + 4},${first + 8}`;

  const fresh = await startAndInterrupt(folder, '--ports', ports, '--groups', '3');
  expect(fresh.code).toBe(0);
  expect(fresh.output.match(/HelloWorld is at 0x/g)).toHaveLength(3);
  expect(fresh.output.match(/get\(\) answers "Hello from block 1"/g)).toHaveLength(3);
  expect(fresh.output).toContain('groups 1, 2, 3, each a chain of its own on the four nodes');
  expect(fresh.output).toContain(`"params":[3],"id":1}' http://127.0.0.1:${first + 8}`);
  expect(fresh.output).toMatch(/block group 1: [12 -]+, group 2: [12 -]+, group 3: [12 -]+ \| transactions 6 \|/);

  const again = await startAndInterrupt(folder, '--groups', '5');
  expect(again.code).toBe(0);
  expect(again.output).toContain(`groups of this chain: 3; --groups is for a new chain: remove ${folder} first`);
  expect(again.output.match(/get\(\) answers "Hello from block 2"/g)).toHaveLength(3);
}, 180_000);
