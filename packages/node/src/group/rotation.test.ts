import { SeededRandom } from '@menglian/base/seededRandom';
import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { executionSettings } from '@menglian/executor/settings';
import { genesisState } from '@menglian/ledger/genesisState';
import { layeredView, type StateChange, type StateView } from '@menglian/ledger/stateView';
import { readMembership, readSystemConfig } from '@menglian/ledger/systemState';
import { readRows } from '@menglian/ledger/systemTables';
import { readRotationState } from '@menglian/precompiled/1011-rotationState';
import type { NodeId } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rotation } from './rotation.js';

const suite = await loadSuite('ecdsa');
const executor = createSerialExecutor(suite);
const GAS_LIMIT = 300_000_000n;

/** A chain of an rPBFT group without its consensus: blocks are made by the leader that the test names. */
class RotatingChain {
  readonly keys = new Map<NodeId, Uint8Array>();
  readonly rotations = new Map<NodeId, Rotation>();
  height = 0;
  view: StateView;
  #nonce = 0n;

  constructor(overrides: Partial<GenesisConfig> = {}) {
    const random = new SeededRandom(7);
    for (let index = 0; index < 5; index++) {
      const privateKey = random.bytes(32);
      const nodeId = toHex(suite.publicKey(privateKey));
      this.keys.set(nodeId, privateKey);
      this.rotations.set(nodeId, new Rotation({ suite, chainId: 1n, groupId: 1, nodeId, privateKey }));
    }
    const genesis: GenesisConfig = {
      groupId: 1,
      timestampMs: 1,
      sealers: [...this.keys.keys()],
      consensusType: 'rpbft',
      maxTransactions: 1000,
      consensusTimeoutSeconds: 3,
      gasLimit: GAS_LIMIT,
      epochSealerCount: 3,
      epochBlockCount: 3,
      freeStorage: false,
      stateType: 'storage',
      ...overrides,
    };
    this.view = layeredView(genesisState(genesis), { get: () => undefined });
  }

  get #any(): Rotation {
    return this.rotations.values().next().value!;
  }

  /** Whether the next block must rotate. */
  get isDue(): boolean {
    return readRotationState((table, key) => readRows(this.view, table, key), this.height)!.isDue;
  }

  isRotation(transaction: SignedTransaction): boolean {
    return this.#any.isReserved(transaction);
  }

  get working(): readonly NodeId[] {
    return readMembership(this.view, this.height + 1).sealers;
  }

  opening(nodeId: NodeId): SignedTransaction[] {
    return this.open(nodeId, 1000, []);
  }

  open(nodeId: NodeId, maxTransactions: number, transactions: readonly SignedTransaction[]): SignedTransaction[] {
    return this.rotations.get(nodeId)!.openBlock(this.view, { height: this.height + 1, maxTransactions }, transactions);
  }

  check(sealer: NodeId, transactions: readonly SignedTransaction[]): string | undefined {
    return this.#any.check(this.view, { height: this.height + 1, sealer }, transactions);
  }

  /** Executes a block. @returns the statuses of its receipts */
  add(transactions: readonly SignedTransaction[]): number[] {
    const result = executor.executeBlock({
      suite,
      view: this.view,
      settings: executionSettings(this.view, this.height, false, GAS_LIMIT),
      blockHash: () => undefined,
      header: { number: this.height + 1, timestampMs: this.height + 1 },
      parent: { stateDigest: new Uint8Array(32) },
      transactions,
    });
    this.height++;
    this.#apply(result.changes);
    return result.receipts.map(({ status }) => status);
  }

  /** Executes a block that is not kept. @returns the statuses of its receipts */
  trial(transactions: readonly SignedTransaction[]): number[] {
    const { view, height } = this;
    const statuses = this.add(transactions);
    [this.view, this.height] = [view, height];
    return statuses;
  }

  /** A transaction of no node, to a system contract. */
  sign(to: number, signature: string, ...texts: readonly string[]): SignedTransaction {
    const types = texts.map(() => 'string');
    const data = concatBytes(
      selector((bytes) => suite.hash(bytes), signature),
      encodeAbi(types, texts),
    );
    return this.send(new Uint8Array(32).fill(1), to, data);
  }

  send(key: Uint8Array, to: number, data: Uint8Array): SignedTransaction {
    const address = to.toString(16).padStart(40, '0');
    const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, to: address, value: 0n, chainId: 1n, groupId: 1n };
    this.#nonce++;
    return signTransaction(suite, { ...fields, nonce: this.#nonce, data, extraData: new Uint8Array(0) }, key);
  }

  #apply(changes: readonly StateChange[]): void {
    this.view = layeredView(changes, this.view);
  }
}

describe('rotation', () => {
  it('moves the working sealers at the end of each epoch, with keys once they are registered', () => {
    const chain = new RotatingChain();
    const seen = new Set<string>();
    let withProof = 0;
    for (let height = 1; height <= 60; height++) {
      expect(chain.isDue).toBe((height - 1) % 3 === 0);
      const leader = chain.working[height % 3]!;
      const opening = chain.opening(leader);
      expect(chain.opening(leader)).toEqual(opening);
      // The lowest limit there can be must do for rotations too.
      const block = [...opening, chain.sign(0x1000, 'setValueByKey(string,string)', 'tx_gas_limit', '100000')];
      expect(chain.check(leader, block)).toBeUndefined();
      const rotation = opening.find((transaction) => chain.isRotation(transaction));
      if (rotation !== undefined && rotation.data.length > 300) withProof++;
      expect(chain.add(block)).toEqual(block.map(() => 0));
      expect(chain.working).toHaveLength(3);
      seen.add(chain.working.join());
    }
    expect(seen.size).toBeGreaterThan(5);
    expect(withProof).toBeGreaterThan(10);
    expect(new Set([...seen].flatMap((list) => list.split(','))).size).toBe(5);
  });

  it('follows what 0x1000 and 0x1003 change, from the next block on', () => {
    const chain = new RotatingChain({ epochBlockCount: 1000 });
    chain.add(chain.opening(chain.working[0]!));
    const removed = chain.working[0]!;
    expect(chain.isDue).toBe(false);
    chain.add([chain.sign(0x1003, 'remove(string)', removed)]);
    expect(chain.working).toHaveLength(2);
    expect(chain.isDue).toBe(true);
    chain.add(chain.opening(chain.working[0]!));
    expect(chain.working).toHaveLength(3);
    expect(chain.working).not.toContain(removed);
    chain.add([chain.sign(0x1000, 'setValueByKey(string,string)', 'rpbft_epoch_sealer_num', '1')]);
    expect(readSystemConfig(chain.view, 'rpbft_epoch_sealer_num', 5)).toBe('1');
    chain.add(chain.opening(chain.working[0]!));
    expect(chain.working).toHaveLength(1);
  });

  it('has its place in a block, whatever the limits are', () => {
    const chain = new RotatingChain();
    const [leader] = chain.working as [NodeId];
    // Four of them fit into a block, but not with what stands in front.
    const ordinary = [1, 2, 3, 4].map((number) =>
      chain.send(new Uint8Array(32).fill(1), number, new Uint8Array(1024 * 1024 - 200)),
    );
    const [rotation, key] = chain.opening(leader);
    expect(chain.open(leader, 1, ordinary)).toEqual([rotation]);
    expect(chain.open(leader, 3, ordinary)).toEqual([rotation, key, ordinary[0]]);
    expect(chain.open(leader, 1000, ordinary)).toEqual([rotation, key, ...ordinary.slice(0, 3)]);
    chain.add(chain.opening(leader));
    expect(chain.open(leader, 1000, ordinary.slice(0, 1))).toEqual(ordinary.slice(0, 1));
  });

  it('stays due until one succeeds', () => {
    const chain = new RotatingChain();
    const leader = chain.working[0]!;
    chain.add(chain.opening(leader));
    for (let height = 2; height <= 4; height++) chain.add([]);
    expect(chain.isDue).toBe(true);
    chain.add(chain.opening(chain.working[1]!));
    expect(chain.isDue).toBe(false);
  });
});

describe('a proposal', () => {
  it('is refused without the due rotation, or with one of another node, place, time or content', () => {
    const chain = new RotatingChain();
    const [leader, other] = chain.working as [NodeId, NodeId];
    const idle = [...chain.keys.keys()].find((nodeId) => !chain.working.includes(nodeId))!;
    const ordinary = chain.sign(0x1000, 'setValueByKey(string,string)', 'tx_count_limit', '10');
    const [rotation] = chain.opening(leader) as [SignedTransaction];
    const missing = 'does not begin with the rotation of the working sealers';
    const forged = chain.send(chain.keys.get(leader)!, 0x1011, rotation.data.slice(0, 4));
    const bent = rotation.data.slice();
    bent[bent.length - 100]! ^= 1;
    for (const [sealer, block, reason] of [
      [leader, [], missing],
      [leader, [ordinary], missing],
      [leader, [ordinary, rotation], 'holds a rotation of the working sealers behind its beginning'],
      [leader, [rotation, ordinary, rotation], 'holds a rotation of the working sealers behind its beginning'],
      [leader, chain.opening(other), 'its rotation is not signed by the node that proposed it'],
      [idle, chain.opening(idle), 'its rotation is refused: the sender is no working sealer'],
      [leader, [forged], 'its rotation is refused: the input is not that of the next epoch'],
      [leader, [chain.send(chain.keys.get(leader)!, 0x1011, bent)], 'its rotation is refused: '],
    ] as const) {
      expect(chain.check(sealer, block)).toContain(reason);
    }
    expect(chain.check(leader, [rotation])).toBeUndefined();
    chain.add([rotation]);
    expect(chain.check(leader, [rotation])).toBe('begins with a rotation of the working sealers that is not due');
    expect(chain.check(leader, [ordinary])).toBeUndefined();
  });

  it('is refused exactly where its rotation fails, whatever the bytes', () => {
    const chain = new RotatingChain();
    const [leader] = chain.working as [NodeId];
    const [{ data }] = chain.opening(leader) as [SignedTransaction];
    const word = fc.constantFrom(0n, 32n, 96n, 128n, 2n ** 63n, 2n ** 256n - 1n).map((value) => fromBigInt(value, 32));
    const tail = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(word, { maxLength: 8 }).map((words) => concatBytes(...words)),
    );
    fc.assert(
      fc.property(tail, fc.nat({ max: data.length }), (bytes, kept) => {
        const call = concatBytes(data.subarray(0, Math.max(4, kept)), bytes);
        const block = [chain.send(chain.keys.get(leader)!, 0x1011, call)];
        expect(chain.trial(block)).toEqual([chain.check(leader, block) === undefined ? 0 : 21]);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused with the rotation that another leader could make', () => {
    const chain = new RotatingChain();
    for (let height = 1; height <= 30; height++) {
      const [leader, other] = chain.working as [NodeId, NodeId];
      const opening = chain.opening(leader);
      const foreign = chain.opening(other);
      if (chain.isDue) {
        const stolen = chain.send(chain.keys.get(leader)!, 0x1011, foreign[0]!.data);
        expect(chain.trial([stolen])).toEqual([chain.check(leader, [stolen]) === undefined ? 0 : 21]);
      }
      expect(chain.check(leader, opening)).toBeUndefined();
      chain.add(opening);
    }
  });
});
