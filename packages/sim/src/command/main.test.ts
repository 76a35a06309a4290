import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../dist/command/main.js', import.meta.url));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('runs seeds and reports them where nobody watches, too', () => {
  const { status, stdout, stderr } = run('--engine', 'raft', '--seeds', '60', '--processes', '2');
  expect(stderr).toBe('');
  expect(stdout).toContain('engine raft, seeds 1 to 60\n60 seeds in ');
  expect(stdout).toContain('violations: 0\n');
  expect(status).toBe(0);
}, 60_000);

it('names the engines to who asks for another one', () => {
  const { status, stdout } = run('--engine', 'paxos');
  expect(status).toBe(2);
  expect(stdout).toContain('pbft, rpbft, raft, sync or whole');
});
