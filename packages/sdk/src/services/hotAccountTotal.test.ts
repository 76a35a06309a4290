import { encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import { fakeContractClient } from '../testing/fakeContract.js';
import { hotAccountTotal } from './hotAccountTotal.js';

const suite = await loadSuite('ecdsa');
const [HOT, USERS, OTHERS] = [1, 2, 3].map((byte) => hexOf(new Uint8Array(32).fill(byte))) as [Hash, Hash, Hash];
const OWNER = `0x${'11'.repeat(20)}`;
const WORD = 'uint256';

/** What both chains say; tests change it, also between two questions. */
interface World {
  balance: bigint;
  settledIn: bigint;
  granted: bigint;
  lastEpoch: bigint;
  openEpoch: bigint;
  openIn: bigint;
  openOut: bigint;
  hotChain: Hash;
  /** Money paid in, by closed epoch. */
  records: Map<bigint, bigint>;
  asked: (what: string) => void;
}

let world: World;
beforeEach(() => {
  world = {
    balance: 100n,
    settledIn: 100n,
    granted: 0n,
    lastEpoch: 1n,
    openEpoch: 2n,
    openIn: 0n,
    openOut: 0n,
    hotChain: HOT,
    records: new Map(),
    asked: () => {},
  };
});

function record(epoch: bigint): Uint8Array {
  const amountIn = world.records.get(epoch);
  if (amountIn === undefined) return new Uint8Array(0);
  return encodeClearingRecord({
    account: 'shop',
    chain: bytesOf(USERS, 'the chain'),
    epoch,
    amountIn,
    amountOut: 0n,
    payments: 1n,
    firstBlock: 1n,
    lastBlock: 2n,
    previousHash: NO_RECORD_HASH,
  });
}

const hot = fakeContractClient(suite, HOT, {
  'account(string)': {
    returns: ['address', WORD, WORD, WORD, WORD],
    answer: () => {
      world.asked('account');
      return [OWNER, world.balance, world.settledIn, 0n, world.granted];
    },
  },
  'shadows(string)': {
    returns: ['string'],
    answer: () => [JSON.stringify([{ chain: USERS.slice(2), state: 'open' }])],
  },
  'shadow(string,bytes32)': {
    returns: [WORD, 'bytes32', WORD, WORD, WORD, WORD, WORD],
    answer: () => [world.lastEpoch, HOT, world.settledIn, 0n, world.granted, 1n, 0n],
  },
});
const users = fakeContractClient(suite, USERS, {
  'shadow(string)': {
    returns: ['bytes32', 'address', WORD, WORD, WORD, WORD, WORD, WORD],
    answer: () => {
      world.asked('shadow');
      return [world.hotChain, OWNER, world.openEpoch, world.openIn, world.openOut, 1n, 0n, 0n];
    },
  },
  'record(string,uint256)': {
    returns: ['bytes'],
    answer: (input) => {
      const decoded = decodeAbi(['string', WORD], input);
      return [hexOf(record(decoded.ok ? (decoded.value[1] as bigint) : 0n))];
    },
  },
});
const total = () => hotAccountTotal(hot, [users], 'shop');

describe('what a hot account has now', () => {
  it('is its balance with what is open and closed on the chains of users, and what it granted there', async () => {
    Object.assign(world, { openEpoch: 4n, openIn: 7n, openOut: 3n, granted: 10n, balance: 90n });
    world.records = new Map([
      [2n, 20n],
      [3n, 30n],
    ]);
    const { chains, ...sums } = await total();
    expect(sums).toEqual({ total: 90n + 20n + 30n + 7n + 10n - 3n, balance: 90n });
    expect(chains).toMatchObject([
      {
        chain: USERS,
        amountIn: 157n,
        amountOut: 3n,
        unsettledIn: 57n,
        quota: 7n,
        unsettled: [{ epoch: 2n }, { epoch: 3n }],
      },
    ]);
  });

  it('counts an epoch once that is booked while it is read', async () => {
    Object.assign(world, { openEpoch: 3n, records: new Map([[2n, 50n]]) });
    world.asked = (what) => {
      if (what !== 'shadow') return;
      Object.assign(world, { balance: 150n, settledIn: 150n, lastEpoch: 2n, records: new Map(), asked: () => {} });
    };
    expect(await total()).toMatchObject({ total: 150n, balance: 150n });
  });

  it('is of one moment: a balance that changes between two questions is read again', async () => {
    let questions = 0;
    world.asked = (what) => {
      if (what === 'account' && ++questions === 2) world.balance = 70n;
    };
    expect(await total()).toMatchObject({ total: 70n });
    world.asked = (what) => {
      if (what === 'account') world.balance++;
    };
    await expect(total()).rejects.toMatchObject({ code: 'Timeout' });
  });

  it('is not that of another account with this name', async () => {
    Object.assign(world, { hotChain: OTHERS, openIn: 1_000_000n });
    expect(await total()).toMatchObject({ total: 100n, chains: [{ unsettledIn: 0n, quota: 0n }] });
  });

  it('is refused where a chain is missing or says what cannot be', async () => {
    await expect(hotAccountTotal(hot, [], 'shop')).rejects.toMatchObject({ code: 'NotFound' });
    world.openEpoch = 2n ** 200n;
    await expect(total()).rejects.toMatchObject({ code: 'Timeout' });
    world.openEpoch = 1n;
    await expect(total()).rejects.toMatchObject({ code: 'Timeout' });
  });
});
