import { encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { toByteString, utf8Bytes } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { type Hash, hexOf } from '../hex.js';
import { fakeContractClient, type FakeFunction } from '../testing/fakeContract.js';
import { Balances } from './balances.js';
import { HotAccounts } from './hotAccounts.js';
import { LightClients } from './lightClients.js';
import { Messages } from './messages.js';
import { readClearingStatement, ShadowAccounts } from './shadowAccounts.js';

const suite = await loadSuite('ecdsa');
const CHAIN: Hash = hexOf(new Uint8Array(32).fill(7));
const OWNER = `0x${'11'.repeat(20)}` as const;
const NOBODY = `0x${'00'.repeat(20)}` as const;
const WORD = 'uint256';

const answers = (returns: readonly string[], ...values: readonly AbiValue[]): FakeFunction => ({
  returns,
  answer: () => values,
});
const client = (functions: Readonly<Record<string, FakeFunction>>) => fakeContractClient(suite, CHAIN, functions);

describe('light clients', () => {
  const known = ['string', 'string', WORD, WORD, 'bool'];

  it('are known by what the contract says of them', async () => {
    const json = `[{"anchorNumber":"7","chain":"${CHAIN.slice(2)}","frozen":"true","highestProven":"9","name":"hot","rule":"raft"}]\n`;
    const clients = new LightClients(
      client({
        'client(bytes32)': answers(known, 'hot', 'raft', 7n, 9n, true),
        'clients()': answers(['string'], json),
        'sealersAt(bytes32,uint256)': answers(['string'], 'aa,bb'),
      }),
    );
    const hot = { name: 'hot', rule: 'raft', anchorNumber: 7, highestProven: 9, isFrozen: true };
    expect(await clients.get(CHAIN)).toEqual(hot);
    expect(await clients.list()).toEqual([{ ...hot, chain: CHAIN }]);
    expect(await clients.sealersAt(CHAIN, 8)).toEqual(['aa', 'bb']);
  });

  it('may be none, and proofs may be refused', async () => {
    const clients = new LightClients(
      client({
        'client(bytes32)': answers(known, '', '', 0n, 0n, false),
        'clients()': answers(['string'], '[]\n'),
        'sealersAt(bytes32,uint256)': answers(['string'], ''),
        'update(bytes32,bytes)': answers(['int256'], -60_206n),
        'checkReceipt(bytes32,bytes)': answers(['int256'], 1n),
      }),
    );
    expect([await clients.get(CHAIN), await clients.list(), await clients.sealersAt(CHAIN, 8)]).toEqual([
      undefined,
      [],
      [],
    ]);
    await expect(clients.tryUpdate(CHAIN, '0x00')).rejects.toMatchObject({ code: -60_206 });
    await clients.checkReceipt(CHAIN, '0x00');
  });

  it.each(['{}', '[{}]', 'null', `[{"chain":"0x"}]`])('listed as %s are refused', async (json) => {
    const clients = new LightClients(client({ 'clients()': answers(['string'], json) }));
    await expect(clients.list()).rejects.toMatchObject({ code: 'BadAnswer' });
  });
});

it('messages are counted, found and known by what became of them', async () => {
  const messages = (state: bigint, block: bigint) =>
    new Messages(
      client({
        'outbox(bytes32)': answers([WORD], 9n),
        'inbox(bytes32)': answers([WORD, WORD], 8n, 2n),
        'sentAt(bytes32,uint256)': answers([WORD], block),
        'state(bytes32,uint256)': answers([WORD], state),
      }),
    );
  expect(await messages(0n, 5n).lastSent(CHAIN)).toBe(9n);
  expect(await messages(0n, 5n).inbox(CHAIN)).toEqual({ lastTaken: 8n, failed: 2n });
  expect([await messages(0n, 5n).sentAt(CHAIN, 1n), await messages(0n, 0n).sentAt(CHAIN, 1n)]).toEqual([5, undefined]);
  const states = await Promise.all([0n, 1n, 2n, 9n].map((state) => messages(state, 0n).stateOf(CHAIN, 1n)));
  expect(states).toEqual(['unknown', 'taken', 'failed', 'unknown']);
});

it('money is issued by somebody or nobody', async () => {
  const balances = (issuer: string) =>
    new Balances(client({ 'issuer()': answers(['address'], issuer), 'isAllowed(bytes32)': answers([WORD], 1n) }));
  expect([await balances(OWNER).issuer(), await balances(NOBODY).issuer()]).toEqual([OWNER, undefined]);
  expect(await balances(OWNER).isAllowedChain(CHAIN)).toBe(true);
});

describe('accounts', () => {
  const SHADOW = ['bytes32', 'address', WORD, WORD, WORD, WORD, WORD, WORD];
  const statement = encodeClearingRecord({
    account: toByteString(utf8Bytes('店')),
    chain: new Uint8Array(32).fill(7),
    epoch: 3n,
    amountIn: 42n,
    amountOut: 1n,
    payments: 5n,
    firstBlock: 10n,
    lastBlock: 20n,
    previousHash: NO_RECORD_HASH,
  });

  it('have shadows with open sums and closed epochs', async () => {
    const shadows = new ShadowAccounts(
      client({
        'shadow(string)': answers(SHADOW, CHAIN, OWNER, 4n, 10n, 2n, 3n, 50n, 2n),
        'record(string,uint256)': answers(['bytes'], hexOf(statement)),
      }),
    );
    expect(await shadows.get('店')).toEqual({
      hotChain: CHAIN,
      owner: OWNER,
      openEpoch: 4n,
      openIn: 10n,
      openOut: 2n,
      openCount: 3n,
      quota: 50n,
      settledEpoch: 2n,
    });
    expect(await shadows.record('店', 3n)).toEqual({
      account: '店',
      chain: CHAIN,
      epoch: 3n,
      amountIn: 42n,
      amountOut: 1n,
      payments: 5n,
      firstBlock: 10,
      lastBlock: 20,
      previousHash: hexOf(NO_RECORD_HASH),
      bytes: hexOf(statement),
    });
  });

  it('may be missing', async () => {
    const none = client({
      'shadow(string)': answers(SHADOW, hexOf(new Uint8Array(32)), NOBODY, 0n, 0n, 0n, 0n, 0n, 0n),
      'record(string,uint256)': answers(['bytes'], '0x'),
      'statement(string,bytes32,uint256)': answers(['bytes'], '0x'),
      'account(string)': answers(['address', WORD, WORD, WORD, WORD], NOBODY, 0n, 0n, 0n, 0n),
    });
    expect(await new ShadowAccounts(none).get('x')).toBeUndefined();
    expect(await new ShadowAccounts(none).record('x', 1n)).toBeUndefined();
    expect(await new HotAccounts(none).statement('x', CHAIN, 1n)).toBeUndefined();
    expect(await new HotAccounts(none).get('x')).toBeUndefined();
    expect(() => readClearingStatement('0x0102')).toThrow('the record cannot be read');
  });

  it('are listed page by page', async () => {
    const entry = (index: number) => ({ account: `a${index}`, hotChain: CHAIN.slice(2), owner: OWNER.slice(2) });
    const all = Array.from({ length: 600 }, (_, index) => entry(index));
    const page: FakeFunction = {
      returns: ['string'],
      answer: (input) => {
        const first = Number(BigInt(hexOf(input)));
        return [JSON.stringify(all.slice(first, first + 256))];
      },
    };
    expect(await new ShadowAccounts(client({ 'shadowsFrom(uint256)': page })).list()).toEqual(all);
  });
});
