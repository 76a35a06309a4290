import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import type { Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { Ledger } from '@menglian/ledger/ledger';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { NonceWindow } from '@menglian/txpool/nonceWindow';
import { TransactionPool } from '@menglian/txpool/transactionPool';
import type { GenesisConfig } from '@menglian/types/genesis';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { Chain } from './chain.js';
import { sealerRules } from './foreignBlock.js';

const suite = await loadSuite('ecdsa');
const executor = createSerialExecutor(suite);
const accountKey = new SeededRandom(3).bytes(32);
const GROUP = { chainId: 1n, groupId: 1 };
const SEALER = toHex(suite.publicKey(accountKey));

const GENESIS: GenesisConfig = {
  groupId: 1,
  timestampMs: 1_600_000_000_000,
  sealers: [SEALER],
  consensusType: 'pbft',
  maxTransactions: 1000,
  consensusTimeoutSeconds: 3,
  gasLimit: 300_000_000n,
  epochSealerCount: 1,
  epochBlockCount: 1000,
  freeStorage: false,
  stateType: 'storage',
};

/** Runtime code that stores, under the block's number, the hash of the block as many below as the input says. */
const BLOCK_HASH_STORER = fromHex('600035430340435500');

interface Ordered {
  readonly digest: Uint8Array;
  readonly proposal: Proposal;
  readonly transactions: readonly SignedTransaction[];
}

async function openChain(): Promise<{ chain: Chain; ledger: Ledger; store: KeyValueStore }> {
  const store = openMemoryStore();
  const ledger = await Ledger.open(store, suite, GENESIS);
  invariant(ledger.ok, 'node/test-ledger');
  const limits = { transactionsMax: 1000, bytesMax: 1_000_000, expirationMs: 1000 };
  const pool = new TransactionPool({ chainId: 1n, groupId: 1n, ...limits }, 0, new NonceWindow(0));
  const options = { ...GROUP, suite, freeStorage: false, gasLimit: GENESIS.gasLimit, rules: sealerRules('pbft') };
  const chain = new Chain(options, { ledger: ledger.value, executor, pool, rotation: undefined });
  return { chain, ledger: ledger.value, store };
}

let nonce = 0n;

function transaction(to: string | undefined, data: Uint8Array): SignedTransaction {
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  return signTransaction(suite, { ...fields, nonce: ++nonce, to, data, extraData: new Uint8Array(0) }, accountKey);
}

function call(address: string, signature: string, types: string[], values: (string | bigint)[]): SignedTransaction {
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), signature),
    encodeAbi(types, values),
  );
  return transaction(address.padStart(40, '0'), data);
}

function randomTransaction(random: SeededRandom, storer: string | undefined): SignedTransaction {
  const user = () => `user${random.below(6)}`;
  switch (random.below(storer === undefined ? 4 : 6)) {
    case 0:
      return call('5002', 'userSave(string,uint256)', ['string', 'uint256'], [user(), 100n]);
    case 1:
      return call(
        '1000',
        'setValueByKey(string,string)',
        ['string', 'string'],
        ['tx_count_limit', String(1 + random.below(3))],
      );
    case 2:
    case 3: {
      const values = [user(), user(), BigInt(random.below(50))];
      return call('5002', 'userTransfer(string,string,uint256)', ['string', 'string', 'uint256'], values);
    }
    default:
      return transaction(storer, encodeAbi(['uint256'], [BigInt(1 + random.below(4))]));
  }
}

function order(
  parent: { digest: Uint8Array; epoch: number },
  height: number,
  transactions: SignedTransaction[],
): Ordered {
  const proposal: Proposal = {
    height,
    parentDigest: parent.digest,
    epoch: parent.epoch,
    timestampMs: GENESIS.timestampMs + height,
    sealer: 0,
    sealers: [SEALER],
    transactionHashes: transactions.map(({ hash }) => hash),
  };
  return { digest: proposalDigest(suite, GROUP, proposal), proposal, transactions };
}

async function allOf(store: KeyValueStore): Promise<string[]> {
  const rows: string[] = [];
  let from = new Uint8Array(0);
  for (;;) {
    const page = await store.scan({ from, to: new Uint8Array(64).fill(0xff) });
    if (page.length === 0) return rows;
    for (const [key, value] of page) rows.push(`${toHex(key)}=${toHex(value)}`);
    from = Uint8Array.of(...page.at(-1)![0], 0);
  }
}

describe('blocks executed ahead of the stored head', () => {
  it.each([1, 2, 3])('come out as those executed one by one, byte by byte (%i)', async (seed) => {
    const random = new SeededRandom(seed);
    const serial = await openChain();
    const piped = await openChain();
    const init = concatBytes(Uint8Array.of(0x68), BLOCK_HASH_STORER, fromHex('60005260096017f3'));
    let storer: string | undefined;
    const inFlight: Ordered[] = [];
    for (let height = 1; height <= 40; height++) {
      const block =
        height === 1
          ? [transaction(undefined, init)]
          : Array.from({ length: 1 + random.below(4) }, () => randomTransaction(random, storer));
      const ordered = order(serial.chain.head().order, height, block);
      const expected = serial.chain.execute(ordered.digest, ordered.proposal, block)!;
      await serial.chain.store(expected, [], []);
      storer ??= expected.result.receipts[0]!.contractAddress;
      // Beside it another candidate on the same parent, which comes to nothing.
      if (random.chance(30)) {
        const parent = { digest: ordered.proposal.parentDigest, epoch: ordered.proposal.epoch };
        const other = order(parent, height, [randomTransaction(random, undefined)]);
        expect(piped.chain.execute(other.digest, other.proposal, other.transactions)).toBeDefined();
      }
      const result = piped.chain.execute(ordered.digest, ordered.proposal, block)!;
      expect(toHex(result.hash)).toBe(toHex(expected.hash));
      expect(result.order).toEqual(expected.order);
      expect(result.result.receipts).toEqual(expected.result.receipts);
      inFlight.push(ordered);
      const stored = inFlight.splice(0, random.below(inFlight.length > 7 ? inFlight.length : 2));
      for (const { digest } of stored) await piped.chain.store(piped.chain.executed(digest)!, [], []);
    }
    for (const { digest } of inFlight) await piped.chain.store(piped.chain.executed(digest)!, [], []);
    expect(await allOf(piped.store)).toEqual(await allOf(serial.store));
    expect(serial.ledger.head().number).toBe(40);
  });

  it('see the same state while the blocks below them are being stored', async () => {
    const { chain, ledger } = await openChain();
    const head = chain.head().order;
    const first = order(head, 1, [call('5002', 'userSave(string,uint256)', ['string', 'uint256'], ['a', 1n])]);
    const low = chain.execute(first.digest, first.proposal, first.transactions)!;
    const second = order(low.order, 2, [call('5002', 'userSave(string,uint256)', ['string', 'uint256'], ['b', 1n])]);
    const storing = chain.store(low, [], []);
    const early = chain.execute(second.digest, second.proposal, second.transactions)!;
    await storing;
    expect(ledger.head().number).toBe(1);
    const late = chain.execute(second.digest, second.proposal, second.transactions)!;
    expect(toHex(late.hash)).toBe(toHex(early.hash));
    expect(chain.execute(first.digest, first.proposal, first.transactions)).toBeUndefined();
  });

  it('are not executed on a branch that was left behind', async () => {
    const { chain } = await openChain();
    const head = chain.head().order;
    const one = (user: string) => [call('5002', 'userSave(string,uint256)', ['string', 'uint256'], [user, 1n])];
    const chosen = order(head, 1, one('a'));
    const left = order(head, 1, one('b'));
    const low = chain.execute(chosen.digest, chosen.proposal, chosen.transactions)!;
    const leftLow = chain.execute(left.digest, left.proposal, left.transactions)!;
    const above = order(leftLow.order, 2, one('c'));
    expect(chain.canExecute(above.proposal)).toBe(true);
    await chain.store(low, [], []);
    expect(chain.canExecute(above.proposal)).toBe(false);
    expect(chain.executed(left.digest)).toBeUndefined();
    expect(chain.execute(above.digest, above.proposal, above.transactions)).toBeUndefined();
  });
});
