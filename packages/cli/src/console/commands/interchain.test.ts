import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AbiValue, encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { hexOf } from '@menglian/sdk/hex';
import { afterAll, describe, expect, it } from 'vitest';
import { runLine } from '../run.js';
import { testSession } from '../testing/testSession.js';

const root = mkdtempSync(join(tmpdir(), 'menglian-interchain-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const suite = await loadSuite('ecdsa');
const CHAIN = 'c1'.repeat(32);
const OWNER = '0a'.repeat(20);

type FunctionAnswer = readonly [types: readonly string[], values: readonly AbiValue[]];

const uints = (...values: readonly bigint[]): FunctionAnswer => [values.map(() => 'uint256'), values];
const json = (value: unknown): FunctionAnswer => [['string'], [JSON.stringify(value)]];

/** A console before a node whose system contracts answer so, by address and signature. */
function startConsole(functions: Readonly<Record<string, FunctionAnswer>>) {
  const asked: string[] = [];
  const session = testSession({
    folder: root,
    answer: ({ method, params }) => {
      if (method === 'getBlockHashByNumber') return `0x${CHAIN}`;
      expect(method).toBe('call');
      const { to, data } = params[1] as { to: string; data: string };
      const found = Object.entries(functions).find(([name]) => {
        const [address, signature] = name.split(' ') as [string, string];
        const start = hexOf(selector((bytes) => suite.hash(bytes), signature));
        return to.endsWith(address) && data.startsWith(start);
      });
      expect(found, `${to} ${data}`).toBeDefined();
      asked.push(found![0]);
      return { currentBlockNumber: '0x1', output: hexOf(encodeAbi(...found![1])), status: '0x0' };
    },
  });
  const run = async (line: string) => {
    const outcome = await runLine(session, line);
    return outcome?.ok === true ? outcome.value : outcome?.reason;
  };
  return { run, asked };
}

const CLIENT = {
  chain: CHAIN,
  name: 'users',
  rule: 'pbft',
  anchorNumber: '2',
  highestProven: '13',
  frozen: 'false',
};

describe('messages between chains', () => {
  it('shows the chains that are known, and what was sent to and taken from each', async () => {
    const { run } = startConsole({
      '2001 clients()': json([CLIENT]),
      '2002 outbox(bytes32)': uints(7n),
      '2002 inbox(bytes32)': uints(5n, 1n),
    });
    expect(await run('listLightClients')).toMatchObject({
      json: [{ chain: `0x${CHAIN}`, name: 'users', isFrozen: false }],
      view: { rows: [['users', `0x${CHAIN}`, 'pbft', '2', '13', 'false']] },
    });
    expect(await run('listMessages')).toMatchObject({
      json: [{ name: 'users', chain: `0x${CHAIN}`, sent: '7', taken: '5', failed: '1' }],
    });
  });
});

describe('money and hot accounts', () => {
  it('shows balances as they are, however large', async () => {
    const { run } = startConsole({ '2005 balanceOf(address)': uints(2n ** 255n) });
    expect(await run('getBalance')).toMatchObject({ json: String(2n ** 255n) });
    expect(await run(`getBalance 0x${OWNER}`)).toMatchObject({ json: String(2n ** 255n) });
  });

  it('shows a hot account with its shadows, or that there is none', async () => {
    const account = (owner: string): FunctionAnswer => [
      ['address', 'uint256', 'uint256', 'uint256', 'uint256'],
      [owner, 84n, 144n, 0n, 50n],
    ];
    const { run, asked } = startConsole({
      '2007 account(string)': account(OWNER),
      '2007 shadows(string)': json([{ chain: CHAIN, state: 'open' }]),
      '2007 shadow(string,bytes32)': [
        ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'],
        [2n, new Uint8Array(32), 144n, 0n, 50n, 6n, 1n],
      ],
    });
    expect(await run('getHotAccount shop')).toMatchObject({
      json: { owner: `0x${OWNER}`, balance: 84, shadows: [{ chain: `0x${CHAIN}`, state: 'open', lastEpoch: 2 }] },
    });
    expect(asked.length).toBe(3);
    const without = startConsole({ '2007 account(string)': account('00'.repeat(20)) });
    expect(await without.run('getHotAccount shop')).toMatchObject({
      json: null,
      view: { text: { en: 'there is no hot account shop here', zh: '本链没有热点账户 shop' } },
    });
  });

  it('shows a shadow account', async () => {
    const { run } = startConsole({
      '2006 shadow(string)': [
        ['bytes32', 'address', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'],
        [new Uint8Array(32).fill(0xc1), OWNER, 3n, 100n, 8n, 4n, 42n, 2n],
      ],
      '2006 shadowsFrom(uint256)': json([{ account: 'shop', hotChain: CHAIN, owner: OWNER }]),
    });
    expect(await run('getShadowAccount shop')).toMatchObject({ json: { openEpoch: 3, openIn: 100, quota: 42 } });
    expect(await run('listShadowAccounts')).toMatchObject({ view: { rows: [['shop', `0x${OWNER}`, `0x${CHAIN}`]] } });
  });

  it.each(['payHotAccount shop 0', 'payHotAccount shop -1', 'payHotAccount shop 1.5', 'attachShadow shop here'])(
    'refuses %s before anything is asked',
    async (line) => {
      const { run, asked } = startConsole({});
      expect(await run(line)).toMatchObject({ code: expect.stringMatching(/^C/) });
      expect(asked).toEqual([]);
    },
  );
});

describe('routes', () => {
  it('shows groups, and where a user belongs', async () => {
    const group = { group: '2', chain: CHAIN, weight: '10', capacity: '100', warn_at: '0', users: '3' };
    const { run } = startConsole({
      '2003 groups()': json([group]),
      '2003 route(string,string,uint256)': [
        ['uint256', 'string'],
        [2n, 'home'],
      ],
    });
    expect(await run('listRouteGroups')).toMatchObject({ view: { rows: [['2', '10', '3', '100', '0']] } });
    expect(await run('getRoute user alice')).toMatchObject({ json: { group: 2, why: 'home' } });
  });
});
