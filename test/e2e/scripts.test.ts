import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildChain } from '@menglian/cli/chain/buildChain';
import { afterAll, expect, it } from 'vitest';
import { freePorts, until } from './cluster.js';
import { RpcClient } from './rpcClient.js';
import { IS_SM } from './suite.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-scripts-'));
const host = join(folder, 'nodes', '127.0.0.1');

function run(...command: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('bash', command, { encoding: 'utf8', timeout: 60_000 });
  return { code: status, output: stdout + stderr };
}

afterAll(() => {
  if (existsSync(host)) run(join(host, 'stop_all.sh'));
  rmSync(folder, { recursive: true, force: true });
});

/** The scripts around a chain of one node, as an operator of 2.x uses them, with the node that was built. */
it('starts, tries, watches and stops a node by its scripts', async () => {
  const first = await freePorts(3);
  const ports = `${first},${first + 1},${first + 2}`;
  const output = join(folder, 'nodes');
  const built = await buildChain({ hosts: '127.0.0.1:1', output, ports, chainId: '300', sm: IS_SM });
  expect(built.ok).toBe(true);
  const script = (name: string) => join(host, 'node0', name);
  const rpc = new RpcClient(`http://127.0.0.1:${first + 2}`);

  expect(run(script('stop.sh'))).toEqual({ code: 0, output: " node0 isn't running.\n" });
  expect(run(join(host, '.transTest.sh'))).toMatchObject({
    code: 1,
    output: expect.stringContaining('does not answer'),
  });
  expect(run(script('start.sh'))).toEqual({ code: 0, output: ' node0 start successfully\n' });
  const again = run(script('start.sh'));
  expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/^ node0 is running, pid is \d+\.\n$/) });
  expect(run(join(host, 'fisco-bcos'), '-v').output).toContain('FISCO-BCOS Version : 2.11.0\n');

  // Nobody signed these, and each has another sender; those of an SM chain were signed with a key of this run.
  const sent = run(join(host, '.transTest.sh'), '3');
  expect(sent).toMatchObject({ code: 0, output: expect.stringContaining('node of version 2.11.0') });
  const hashes = [...sent.output.matchAll(/"result":"(0x[0-9a-f]{64})"/g)].map((match) => match[1]!);
  expect(new Set(hashes).size).toBe(3);
  const receiptOf = async (hash: string) => rpc.call('getTransactionReceipt', 1, hash);
  await until(async () => (await Promise.all(hashes.map(receiptOf))).every((receipt) => receipt !== null), 'receipts');
  const receipts = (await Promise.all(hashes.map(receiptOf))) as { status: string; from: string; output: string }[];
  expect(receipts.map(({ status }) => status)).toEqual(['0x0', '0x0', '0x0']);
  expect(new Set(receipts.map(({ from }) => from)).size).toBe(IS_SM ? 1 : 3);
  // selectByName answers with the JSON text of no entries.
  expect(Buffer.from(receipts[0]!.output.slice(2), 'hex').toString('latin1')).toContain('[]');

  expect(run(script('scripts/monitor.sh'), '-d', host)).toEqual({ code: 0, output: '' });
  const height = readFileSync(script('scripts/node0_1.height'), 'utf8').trim();
  expect(Number(height)).toBeGreaterThan(0);
  expect(run(script('scripts/monitor.sh'), '-d', host)).toEqual({ code: 0, output: '' });

  expect(run(script('stop.sh'))).toEqual({ code: 0, output: ' stop node0 success.\n' });
  expect(readFileSync(script('nohup.out'), 'utf8')).toMatch(/FISCO-BCOS program exit normally\.\n$/);
  expect(run(script('stop.sh'))).toEqual({ code: 0, output: " node0 isn't running.\n" });

  expect(run(script('scripts/monitor.sh'), '-d', host).output).toContain('[ALARM] node0 was not running');
  // The client may first have to notice that its connection ended with the node.
  const heightNow = async () => rpc.call('getBlockNumber', 1).catch(() => undefined);
  await until(async () => (await heightNow()) === height, 'the chain goes on where it was');
  expect(run(join(host, 'stop_all.sh')).output).toContain(' stop node0 success.');
}, 180_000);
