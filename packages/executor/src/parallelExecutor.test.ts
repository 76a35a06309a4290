import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { assemble } from '@menglian/evm/testing/assembler';
import type { SignedTransaction } from '@menglian/types/transaction';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionThreads } from './parallel/ports.js';
import { ParallelExecutor } from './parallelExecutor.js';
import { NodeThreads } from './parallel/nodeThreads.js';
import { shown } from './testing/randomBlocks.js';
import { deploying, TestChain } from './testing/testChain.js';

/** Parallel execution on real threads. That it equals serial execution in any order: parallel/equivalence.test.ts. */

let suite: CryptoSuite;
let threads: NodeThreads | undefined;
let executor: ParallelExecutor | undefined;

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

afterEach(async () => {
  executor?.stop();
  await threads?.terminate();
});

/** Hashes as often as the second word of its data says, then adds 1 to the slot in the first. */
const PROGRAM = `32 CALLDATALOAD :again 3000 0 SHA3 POP 1 SWAP1 SUB DUP1 @again JUMPI
  0 CALLDATALOAD DUP1 SLOAD 1 ADD SWAP1 SSTORE STOP`;
/** Some hundred µs, whatever runs the code. */
const ROUNDS = 40;
const CALLS = 60;

class Workload {
  readonly chain = new TestChain(suite, suite);
  readonly #account = this.chain.account(1);
  readonly #contract: string;
  readonly #template: SignedTransaction;

  constructor() {
    this.#template = this.chain.sign(this.#account, { data: deploying(assemble(PROGRAM)) });
    this.#contract = this.chain.run(this.#template).receipts[0]!.contractAddress;
  }

  call(sender: number, slot: number): SignedTransaction {
    const data = new Uint8Array(64);
    new DataView(data.buffer).setUint32(28, slot);
    new DataView(data.buffer).setUint32(60, ROUNDS);
    return { ...this.#template, sender: sender.toString(16).padStart(40, 'a'), to: this.#contract, data };
  }

  /** Executes a block in both ways, compares, and keeps it. */
  next(slots: number): void {
    const transactions = Array.from({ length: CALLS }, (_, i) => this.call(i, i % slots));
    const expected = this.chain.execute(transactions);
    expect(shown(executor!.executeBlock(this.chain.input(transactions)))).toStrictEqual(shown(expected));
    this.chain.keep(expected);
  }
}

describe('ParallelExecutor', () => {
  it.each([2, 3])('equals serial execution on %i threads, and uses them for dear blocks', async (workers) => {
    threads = new NodeThreads('ecdsa');
    executor = new ParallelExecutor(suite, threads, workers);
    const workload = new Workload();
    // The first block teaches what calls cost, the second starts the threads.
    for (let i = 0; i < 2; i++) workload.next(CALLS);
    await threads.ready();
    for (let i = 0; i < 6; i++) workload.next(CALLS);
    expect(executor.parallelBlocks).toBe(6);
    // Some conflicts, then so many that the blocks are better run in order.
    for (let i = 0; i < 6; i++) workload.next(8);
    for (let i = 0; i < 12; i++) workload.next(1);
    const { merged, conflict } = executor.settlements;
    expect(merged).toBeGreaterThan(6 * CALLS * 0.9);
    expect(conflict).toBeGreaterThan(0);
    expect(executor.parallelBlocks).toBeLessThan(24);
  });

  it('starts no threads for cheap blocks', () => {
    const idle: ExecutionThreads = {
      start: () => expect.unreachable(),
      areRunning: () => false,
      nowMicros: () => 0,
    };
    executor = new ParallelExecutor(suite, idle, 2);
    const workload = new Workload();
    for (let i = 0; i < 3; i++) workload.next(CALLS);
    expect(executor.parallelBlocks).toBe(0);
  });

  it('executes in order when a thread has died, and after it was stopped', async () => {
    threads = new NodeThreads('ecdsa');
    executor = new ParallelExecutor(suite, threads, 2);
    const workload = new Workload();
    for (let i = 0; i < 2; i++) workload.next(CALLS);
    await threads.ready();
    workload.next(CALLS);
    expect(executor.parallelBlocks).toBe(1);
    await threads.terminate();
    workload.next(CALLS);
    executor.stop();
    workload.next(CALLS);
    expect(executor.parallelBlocks).toBe(1);
  });

  it('finishes a block alone when the threads say nothing', () => {
    let clock = 0;
    const silent: ExecutionThreads = {
      start: () => undefined,
      areRunning: () => true,
      nowMicros: () => (clock += 300),
    };
    executor = new ParallelExecutor(suite, silent, 2, { stallMs: 50 });
    const workload = new Workload();
    for (let i = 0; i < 4; i++) workload.next(CALLS);
    expect(executor.parallelBlocks).toBe(1);
  });
});
