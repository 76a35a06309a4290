import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, until } from './cluster.js';
import { editFile, runNodeToEnd } from './nodeRuns.js';
import { clientOf, DAG_TRANSFER } from './sdkClient.js';
import { IS_SM, SUITE } from './suite.js';

/**
 * Goal: the data of a node can be encrypted, its key exchanged while the node works, and decrypted again, and the chain is
 * the same all along. Method: one real node, and the commands an operator would give, in their order.
 */

const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/menglian.js', import.meta.url));
const ENVIRONMENT = { MENGLIAN_STORAGE_PASSPHRASE: 'a passphrase for tests' };
/** Six starts of a node, one after the other. */
const TIMEOUT_MS = 180_000;

/** Behind the arguments of transactions; names of rows are keys of the database, which stay in clear. */
const SECRET = 'easy to find in a file';

const suite = await loadSuite(SUITE);
const account = await randomAccount(SUITE);

let chain: Cluster;
beforeAll(async () => {
  chain = await Cluster.build(1, { environment: () => ENVIRONMENT });
});
afterAll(async () => {
  await chain?.stop();
});

const folder = () => dirname(chain.configPath(0));

async function storage(...args: readonly string[]): Promise<string> {
  const options = { env: { ...process.env, ...ENVIRONMENT } };
  const command = [COMMAND, '--lang', 'en', 'storage', ...args, '-c', chain.configPath(0)];
  const { stdout } = await promisify(execFile)(process.execPath, command, options);
  return stdout;
}

async function start(): Promise<void> {
  chain.start(0);
  await until(
    async () =>
      chain.blockNumber(0).then(
        () => true,
        () => false,
      ) || chain.nodes[0]?.isRunning === false,
    'ends or answers',
  );
  expect(chain.nodes[0]!.isRunning, chain.nodes[0]!.tail()).toBe(true);
}

async function transact(count: number): Promise<void> {
  const client = clientOf(chain.clients[0]!, account);
  const names = Array.from({ length: count }, (_, i) => `user ${i} ${Math.random()}`);
  await Promise.all(
    names.map(async (name) => {
      const data = encodeCall(suite, functionOf('userSave(string,uint256)'), [name, 1n]);
      const hidden = Buffer.from(SECRET).toString('hex');
      const receipt = await client.execute({ to: DAG_TRANSFER, data: `${data}${hidden}` });
      expect(receipt.status).toBe(0);
    }),
  );
}

/** All blocks up to a height, as clients see them. */
async function blocks(height: number): Promise<unknown[]> {
  const numbers = Array.from({ length: height + 1 }, (_, number) => String(number));
  return Promise.all(numbers.map(async (number) => chain.clients[0]!.call('getBlockByNumber', 1, number, true)));
}

function isInFiles(text: string, path: string): boolean {
  return readdirSync(path).some((name) => readFileSync(join(path, name)).includes(text));
}

function enable(isEnabled: boolean): void {
  editFile(chain.configPath(0), (text) => text.replace(/(\[storage_security\]\s+enable=)\w+/, `$1${isEnabled}`));
}

it(
  'encrypts the data of a node, exchanges its key under load, and decrypts it again',
  async () => {
    const data = () => join(folder(), 'data', 'group1', 'block');
    const log = () =>
      readdirSync(join(folder(), 'log'))
        .map((name) => readFileSync(join(folder(), 'log', name), 'utf8'))
        .join('');

    await start();
    await transact(20);
    const height = await chain.blockNumber(0);
    const before = await blocks(height);
    await chain.nodes[0]!.stop();
    expect(isInFiles(SECRET, data())).toBe(true);

    expect(await storage('encrypt')).toMatch(/group 1: encrypted \d+ values/);
    expect(isInFiles(SECRET, data())).toBe(false);
    const refused = await runNodeToEnd(folder());
    expect(refused).toMatchObject({
      exitCode: 1,
      complaint: expect.stringContaining('is encrypted; set [storage_security]'),
    });
    enable(true);
    const without = await runNodeToEnd(folder(), 'unset MENGLIAN_STORAGE_PASSPHRASE');
    expect(without).toMatchObject({ exitCode: 1, complaint: expect.stringContaining('MENGLIAN_STORAGE_PASSPHRASE') });

    await start();
    expect(await blocks(height)).toEqual(before);
    const [, rotated] = await Promise.all([transact(50), storage('rotate-key', '--algorithm', IS_SM ? 'aes' : 'sm4')]);
    expect(rotated).toContain('the running node uses it from now on');
    await transact(20);
    await until(async () => log().includes('all values are under data key'), 'all values are rewritten');
    await chain.nodes[0]!.stop();
    expect(isInFiles(SECRET, data())).toBe(false);
    expect(log()).not.toContain(ENVIRONMENT.MENGLIAN_STORAGE_PASSPHRASE);
    expect(await storage('check')).toMatch(/ 0 broken; by key: [0-9a-f]{8}=\d+\n/);
    expect(await storage('rotate-key', '--drop')).toContain('dropped 1 keys');

    await start();
    const higher = await chain.blockNumber(0);
    const all = await blocks(higher);
    expect(all.slice(0, height + 1)).toEqual(before);
    await chain.nodes[0]!.stop();
    expect(await storage('decrypt')).toMatch(/group 1: decrypted \d+ values/);
    enable(false);
    await start();
    expect(await blocks(higher)).toEqual(all);
  },
  TIMEOUT_MS,
);
