import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { assemble } from '@menglian/evm/testing/assembler';
import { accountKey, encodeAccount } from '@menglian/ledger/stateRecords';
import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BlockInput, BlockResult, ExecutionSettings } from '../ports.js';
import { newAccount } from '../state/accounts.js';
import { CodeCache } from '../state/codeCache.js';
import { StateOverlay } from '../state/overlay.js';
import { RandomBlocks, shown } from '../testing/randomBlocks.js';
import { deploying, TestChain } from '../testing/testChain.js';
import { ConflictKeys } from './conflictKeys.js';
import { Coordinator, type Settlement } from './coordinator.js';
import { planBlock } from './plan.js';
import { Control, createSharedBuffers, NO_ROOM, SharedMemory } from './sharedMemory.js';
import { SharedState } from './sharedState.js';
import { Speculator } from './speculator.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

/**
 * Coordinator and workers on one thread, in an order that a seed decides. Workers forget the state before each transaction,
 * so that they ask for every key they read: there the seed lets others go on, up to a whole run inside another's read.
 */
class Interleaving {
  readonly counts = { merged: 0, conflict: 0, 'in order': 0 };
  readonly #random: SeededRandom;
  readonly #memory: SharedMemory;
  readonly #state: SharedState;
  readonly #speculators: readonly Speculator[];
  readonly #parts = { codes: new CodeCache(), ecdsa: suite };
  readonly #busy = new Set<number>();
  #coordinator: Coordinator | undefined;
  #overlay: StateOverlay | undefined;

  constructor(seed: number, workers: number) {
    this.#random = new SeededRandom(seed);
    this.#memory = new SharedMemory(createSharedBuffers(workers));
    this.#state = new SharedState(this.#memory);
    this.#speculators = Array.from({ length: workers }, (_, worker) => {
      const askIndex = (key: Uint8Array): number => {
        this.#goOn();
        return this.#coordinator!.indexOf(key);
      };
      const askParent = (key: Uint8Array): Uint8Array | undefined => {
        const record = this.#coordinator!.parentRecord(key);
        expect(record).not.toBe(NO_ROOM);
        return this.#memory.record(record);
      };
      return new Speculator(this.#memory, worker, { suite, ecdsa: suite }, { askIndex, askParent, nowMicros: () => 0 });
    });
  }

  execute(input: BlockInput, isTried: (transaction: SignedTransaction) => boolean): BlockResult {
    const overlay = (this.#overlay ??= new StateOverlay(suite, input.view));
    overlay.begin(input.view);
    const plan = planBlock(input.transactions, new ConflictKeys(input.view), isTried, input.settings.chargeGas);
    const count = (_: number, { how }: Settlement): void => void (this.counts[how] += 1);
    this.#coordinator = new Coordinator(this.#memory, this.#state, { input, plan, parts: this.#parts, overlay }, count);
    for (const speculator of this.#speculators) speculator.begin();
    while (!this.#isFinished()) this.#step();
    return this.#coordinator.finish();
  }

  #isFinished(): boolean {
    return Atomics.load(this.#memory.control, Control.Settled) === this.#memory.control[Control.TransactionCount];
  }

  #goOn(): void {
    while (this.#random.chance(50)) this.#step();
  }

  /** The coordinator settles one transaction if it can, or a worker that does nothing runs one. */
  #step(): void {
    const worker = this.#random.below(this.#speculators.length + 1);
    if (worker === this.#speculators.length) {
      this.#coordinator!.advance();
      return;
    }
    if (this.#busy.has(worker)) return;
    const speculator = this.#speculators[worker]!;
    const claim = speculator.claim();
    if (typeof claim !== 'number') return;
    this.#busy.add(worker);
    Atomics.add(this.#memory.control, Control.StateGeneration, 1);
    speculator.run(claim);
    this.#busy.delete(worker);
  }
}

/** Before the first block; it counts only where gas is charged. */
function giveGas(chain: TestChain, address: Address): void {
  const record = { ...newAccount(suite), remainGas: 10n ** 7n };
  chain.state.apply([{ key: accountKey(address), value: encodeAccount(record) }]);
}

const BLOCKS = process.env['MENGLIAN_LONG'] === '1' ? 1_000 : 40;

describe('parallel execution', () => {
  it('of payments to one account meets no conflict, also when a contract makes them, until amounts are near a bound', () => {
    const chain = new TestChain(suite, suite);
    const account = chain.account(1);
    const dagTransfer = '5002'.padStart(40, '0');
    // Hands its data on to DagTransfer, and the answer back.
    const relay = assemble(
      `CALLDATASIZE 0 0 CALLDATACOPY 32 0 CALLDATASIZE 0 0 PUSH20 0x${dagTransfer} GAS CALL POP 32 0 RETURN`,
    );
    const deployed = chain.run(chain.sign(account, { data: deploying(relay) })).receipts[0]!.contractAddress;
    const send = (to: Address, signature: string, ...values: (string | bigint)[]) => {
      const { address } = chain.account(chain.number * 100 + ++senders);
      return { ...chain.sign(account, { to, data: chain.data(signature, ...values) }), sender: address };
    };
    let senders = 0;
    const payers = Array.from({ length: 20 }, (_, i) => `payer${i}`);
    chain.run(...payers.map((payer) => send(dagTransfer, 'userSave(string,uint256)', payer, 100n)));
    chain.run(send(dagTransfer, 'userSave(string,uint256)', 'shop', 5n));
    const parallel = new Interleaving(1, 4);
    const run = (transactions: readonly SignedTransaction[]): void => {
      const expected = chain.execute(transactions);
      expect(shown(parallel.execute(chain.input(transactions), () => true))).toStrictEqual(shown(expected));
      chain.keep(expected);
    };
    for (const to of [dagTransfer, deployed]) {
      run(payers.map((payer) => send(to, 'userTransfer(string,string,uint256)', payer, 'shop', 3n)));
    }
    expect(parallel.counts).toStrictEqual({ merged: 40, conflict: 0, 'in order': 0 });
    // 125 are there: some of these are refused, which depends on those before.
    run(payers.map((payer) => send(deployed, 'userTransfer(string,string,uint256)', 'shop', payer, 20n)));
    expect(parallel.counts.conflict).toBeGreaterThan(0);
    run([send(dagTransfer, 'userSave(string,uint256)', 'shop', 2n ** 256n - 50n)]);
    run(payers.map((payer) => send(dagTransfer, 'userTransfer(string,string,uint256)', payer, 'shop', 9n)));
  });

  it.each<{ workers: number; seed: number; settings: Partial<ExecutionSettings> }>([
    { workers: 1, seed: 1, settings: {} },
    { workers: 2, seed: 2, settings: { freeStorage: true } },
    { workers: 3, seed: 3, settings: { chargeGas: true } },
    { workers: 8, seed: 4, settings: {} },
    { workers: 16, seed: 5, settings: { gasLimit: 3_000_000n } },
  ])(
    'equals serial execution with $workers workers in any order',
    ({ workers, seed, settings }) => {
      const blocks = new RandomBlocks(suite, seed, settings);
      for (const account of [1, 2, 3]) giveGas(blocks.chain, blocks.chain.account(account).address);
      const parallel = new Interleaving(seed, workers);
      const random = new SeededRandom(seed);
      for (let i = 0; i < BLOCKS; i++) {
        const transactions = blocks.next();
        const input = blocks.chain.input(transactions);
        const expected = blocks.chain.execute(transactions);
        const share = random.pick([100, 100, 80, 20]);
        expect(shown(parallel.execute(input, () => random.chance(share)))).toStrictEqual(shown(expected));
        // Now and then a block is executed twice, or another one in its place: a candidate that was not chosen.
        if (random.chance(20)) continue;
        blocks.chain.keep(expected);
        blocks.learn(expected);
      }
      expect(parallel.counts.merged).toBeGreaterThan(BLOCKS / 2);
      expect(parallel.counts['in order']).toBeGreaterThan(0);
      // Where senders pay, one sender's transactions wait for one another.
      if (workers > 1 && settings.chargeGas !== true) expect(parallel.counts.conflict).toBeGreaterThan(0);
    },
    600_000,
  );
});
