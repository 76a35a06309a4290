import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';

/** The console as people and scripts use it, in processes of its own, with a real node. */

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/menglian.js', import.meta.url));
const CONTRACTS = fileURLToPath(new URL('../../configs/contracts', import.meta.url));
const RUN_TIMEOUT_MS = 50_000;

/** A compiler of npm as it is: the console makes code for the suite of the chain with it. */
const SOLJSON = fileURLToPath(import.meta.resolve('solc-0.4.26/soljson.js'));

const folder = mkdtempSync(join(tmpdir(), 'menglian-console-'));
const running = new Set<ChildProcess>();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.build(1);
  cluster.startAll();
  await cluster.linked(0);
  copyFileSync(join(CONTRACTS, 'HelloWorld.sol'), join(folder, 'HelloWorld.sol'));
  copyFileSync(SOLJSON, join(folder, 'soljson-v0.4.26.js'));
});

afterAll(async () => {
  for (const child of running) child.kill();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** @param input lines of a script, or nothing */
async function run(args: readonly string[], input = '', url = `http://127.0.0.1:${cluster.rpcPort}`): Promise<Ran> {
  const env = { ...process.env, MENGLIAN_HOME: join(folder, 'home'), LANG: 'C', LC_ALL: 'C' };
  const child = spawn(process.execPath, [COMMAND, 'console', ...args, '--rpc', url], {
    cwd: folder,
    env,
    timeout: RUN_TIMEOUT_MS,
  });
  running.add(child);
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  running.delete(child);
  return { code, out, error };
}

async function json(...args: readonly string[]): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const { code, out, error } = await run([...args, '--json']);
  expect(error).toBe('');
  expect(out.split('\n')).toHaveLength(2);
  return { code, value: JSON.parse(out) };
}

describe('single commands', () => {
  it('read the chain', async () => {
    expect(await run(['getBlockNumber', '--group', '1'])).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\n$/),
      error: '',
    });
    expect(await json('getSealerList')).toMatchObject({ code: 0, value: [expect.stringMatching(/^[0-9a-f]{128}$/)] });
    expect(await json('getBlockByNumber', '0')).toMatchObject({ code: 0, value: { number: '0x0' } });
    expect((await run(['getPeers'])).out).toBe('(none)\n');
    expect((await run(['getPeers', '--lang', 'zh'])).out).toBe('（空）\n');
  });

  it('say what is wrong', async () => {
    const wrong = [
      ['getBlockByNumber', 'C02', 'getBlockByNumber got 0 arguments'],
      ['getBlockByNumber seven', 'C03', 'argument 1, number, is "seven"'],
      ['getBlockByNumber 99999', -40004, 'BlockNumber does not exist'],
      ['getblok', 'C01', 'no such command'],
      ['getCode "', 'C04', 'not closed'],
      ['deploy Nothing.sol', 'C05', 'no contract Nothing.sol'],
      ['setSystemConfigByKey tx_count_limit 0', 'C03', 'value is "0"'],
      ['switch 9', 'C17', 'does not run group 9'],
      ['loadAccount nothing.pem', 'C12', 'nothing.pem is not there'],
    ] as const;
    const { code, out } = await run(['--json'], wrong.map(([line]) => line).join('\n'));
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(code).toBe(1);
    expect(answers).toMatchObject(
      wrong.map(([, code, sentence]) => ({ error: { code, message: expect.stringContaining(sentence) } })),
    );
    const once = await run(['getBlockNumber', '--group', '7']);
    expect([once.code, once.out]).toEqual([1, '']);
    expect(once.error).toContain('error -40001  the node answered: GroupID does not exist');
    expect(await json('getBlockNumber', '--group', '7')).toMatchObject({ code: 1, value: { error: { code: -40001 } } });
  });

  it('say that nobody answers', async () => {
    const { code, error } = await run(['getBlockNumber'], '', 'http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(error).toContain('error NoConnection  http://127.0.0.1:1 cannot be reached');
  });
});

describe('contracts', () => {
  it('say what to install, and are deployed once a compiler is there', async () => {
    const missing = await run(['deploy', 'HelloWorld.sol', '--solc', join(folder, 'home')]);
    expect(missing.code).toBe(1);
    expect(missing.error).toContain('npm install solc-0.4.26@npm:solc@0.4.26 --prefix');

    const deployed = await json('deploy', 'HelloWorld.sol', '--solc', folder);
    expect(deployed).toMatchObject({
      code: 0,
      value: { contract: 'HelloWorld', contractAddress: expect.stringMatching(/^0x[0-9a-f]{40}$/) },
    });
    // What was deployed is known by its name, without a compiler.
    expect(await json('call', 'HelloWorld', 'latest', 'get')).toEqual({ code: 0, value: 'Hello, World!' });
    const set = await json('call', 'HelloWorld', 'latest', 'set', '盟链 "1"');
    expect(set).toMatchObject({ code: 0, value: { events: [{ event: 'Changed', value: '盟链 "1"' }] } });
    expect(await json('call', 'HelloWorld', 'latest', 'get')).toEqual({ code: 0, value: '盟链 "1"' });
    expect(await json('call', 'HelloWorld', 'latest', 'fail')).toMatchObject({
      code: 1,
      value: { error: { code: 'RevertInstruction', message: expect.stringContaining('not today') } },
    });
    expect(await json('call', 'HelloWorld', 'latest', 'set')).toMatchObject({
      code: 1,
      value: { error: { code: 'C11' } },
    });
    expect(await json('call', 'HelloWorld', 'latest', 'put', '1')).toMatchObject({
      code: 1,
      value: { error: { code: 'C10', advice: 'it has set(string), get(), fail()' } },
    });
    const receipt = (set.value as { transactionHash: string }).transactionHash;
    expect(await json('getTransactionReceipt', receipt)).toMatchObject({ code: 0, value: { status: '0x0' } });
    expect(await json('listDeployContractAddress')).toMatchObject({ code: 0, value: [{ name: 'HelloWorld' }] });
  });
});

describe('a script', () => {
  it('makes an account, names a contract, sets the chain and votes', async () => {
    const lines = [
      'newAccount operator.pem',
      'deployByCNS HelloWorld.sol 1.0',
      'callByCNS HelloWorld:1.0 set "from a script"',
      'callByCNS HelloWorld get',
      'queryCNS HelloWorld',
      'setSystemConfigByKey tx_count_limit 500',
      'getSystemConfigByKey tx_count_limit',
      'create table t_goods (name varchar, price varchar, primary key(name))',
      'insert into t_goods values ("red apple", 5)',
      'select price from t_goods where name = "red apple" and price > 4',
      'select * from t_goods where price = 5',
      'grantCNSManager 0x2c7536e3605d9c16a7a3d7b1898e529396a65c23',
      'deployByCNS HelloWorld.sol 1.1',
      'grantDeployAndCreateManager 0x2c7536e3605d9c16a7a3d7b1898e529396a65c23',
      'deployByCNS HelloWorld.sol 2.0',
      'registerCNS HelloWorld.sol 0x2c7536e3605d9c16a7a3d7b1898e529396a65c23 1.0',
      'listDeployAndCreateManager',
      'quit',
      'getBlockNumber',
    ];
    const { code, out, error } = await run(['--json', '--solc', folder], `${lines.join('\n')}\n`);
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(error).toBe('');
    expect(answers).toMatchObject([
      { address: expect.stringMatching(/^0x[0-9a-f]{40}$/), file: 'operator.pem' },
      { contract: 'HelloWorld', version: '1.0' },
      { events: [{ event: 'Changed', value: 'from a script' }] },
      'from a script',
      [{ name: 'HelloWorld', version: '1.0' }],
      { code: 1, message: 'done' },
      '500',
      { code: 0, message: 'done' },
      { code: 1, message: 'rows' },
      [{ price: '5' }],
      { error: { code: 'C19', message: expect.stringContaining('name') } },
      { code: 1, message: 'done' },
      { error: { code: -50000, message: expect.stringMatching(/^deployed at 0x[0-9a-f]{40}, but not registered/) } },
      { code: 1, message: 'done' },
      { error: { code: 'PermissionDenied' } },
      { error: { code: -51200, message: expect.stringContaining('this name and version are taken') } },
      [{ address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23' }],
      null,
    ]);
    expect(code).toBe(1);

    // The key lies in its file alone, for its owner.
    const pem = join(folder, 'operator.pem');
    expect(statSync(pem).mode & 0o077).toBe(0);
    expect(readFileSync(pem, 'utf8')).toContain('PRIVATE KEY');
    const { address } = answers[0] as { address: string };
    expect(await json('listAccount', '--pem', 'operator.pem')).toEqual({ code: 0, value: [address] });
  });

  it('speaks Chinese', async () => {
    const { code, out, error } = await run(
      ['--lang', 'zh'],
      'help getBlockByNumber\nsetSystemConfigByKey tx_count_limit x\n',
    );
    expect(code).toBe(1);
    expect(out).toContain('按高度查询区块');
    expect(error).toContain('错误 C03');
  });
});
