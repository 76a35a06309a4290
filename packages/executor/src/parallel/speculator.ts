import type { CryptoSuite } from '@menglian/crypto/suite';
import type { StateView } from '@menglian/ledger/stateView';
import type { SystemContract } from '@menglian/precompiled/ports';
import { FIRST_OBJECT_NUMBER } from '@menglian/precompiled/addresses';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import { openBlockScope } from '../blockScope.js';
import type { ExecutorParts } from '../blockScope.js';
import { BLOCK_RESULT_BYTES_MAX, BUDGET_UNITS_PER_ROW_BYTE, TEMPORARY_OBJECTS_MAX } from '../limits.js';
import { encodeCell } from '../state/cells.js';
import { CodeCache } from '../state/codeCache.js';
import { NumberedRow } from '../state/numberedRow.js';
import { StateOverlay } from '../state/overlay.js';
import { TemporaryObjects } from '../system/temporaryObjects.js';
import { executeCharged } from '../transaction/gasCharge.js';
import { TransactionHost } from '../transaction/transactionHost.js';
import { type BlockFrame, decodeFrame, decodeRequest } from './blockRecord.js';
import { WORKER_RESULT_BYTES } from './limits.js';
import { NotSpeculative } from './notSpeculative.js';
import { encodeOutcome, type Outcome, type Sum, type Write } from './outcomeRecord.js';
import { Control, type SharedMemory, TransactionState } from './sharedMemory.js';
import { SharedStateView } from './sharedStateView.js';

export interface SpeculatorPorts {
  /** The coordinator's answer: the index of a key. */
  askIndex(key: Uint8Array): number;
  /** The coordinator's answer: the value of a key in the parent's state. */
  askParent(key: Uint8Array): Uint8Array | undefined;
  /** For measuring only, from any start. */
  nowMicros(): number;
}

/** What to do when there is nothing to claim: all is claimed, or what is left waits for transactions to be settled. */
export type Claim = number | 'nothing left' | 'wait';

/**
 * The part of a worker that thinks: claims transactions of a block and runs each over the shared state as it finds it,
 * leaving there what it read, what it would write, and the receipt. Whether that counts is for the coordinator to say.
 */
export class Speculator {
  readonly #memory: SharedMemory;
  readonly #worker: number;
  readonly #suite: CryptoSuite;
  readonly #parts: ExecutorParts;
  readonly #ports: SpeculatorPorts;
  readonly #view: SharedStateView;
  readonly #overlay: StateOverlay;
  #generation = 0;
  #host: TransactionHost | undefined;
  #next = 0;
  #resultBytes = 0;

  constructor(
    memory: SharedMemory,
    worker: number,
    suites: { readonly suite: CryptoSuite; readonly ecdsa: CryptoSuite },
    ports: SpeculatorPorts,
  ) {
    this.#memory = memory;
    this.#worker = worker;
    this.#suite = suites.suite;
    this.#parts = { codes: new CodeCache(), ecdsa: suites.ecdsa };
    this.#ports = ports;
    this.#view = new SharedStateView(memory, (key) => ports.askIndex(key));
    this.#overlay = new StateOverlay(suites.suite, this.#view);
    this.#overlay.notesSums = true;
  }

  /** A block is in the memory. */
  begin(): void {
    this.#next = 0;
    this.#resultBytes = 0;
    this.#host = new TransactionHost(this.#scope(decodeFrame(this.#memory.block)));
  }

  /** The lowest transaction that is free and waits for nothing: the closer to what is settled, the fewer conflicts. */
  claim(): Claim {
    const { control, states, predecessors } = this.#memory;
    const count = Atomics.load(control, Control.TransactionCount);
    let isWaiting = false;
    for (let i = this.#next; i < count; i++) {
      if (Atomics.load(states, i) !== TransactionState.Free) {
        if (i === this.#next) this.#next += 1;
        continue;
      }
      if (Atomics.load(predecessors, i) >= Atomics.load(control, Control.Settled)) {
        isWaiting = true;
        continue;
      }
      const found = Atomics.compareExchange(states, i, TransactionState.Free, TransactionState.Claimed);
      if (found === TransactionState.Free) return i;
    }
    return isWaiting ? 'wait' : 'nothing left';
  }

  /** Runs a claimed transaction. Whatever happens, it is done or given to the coordinator afterwards. */
  run(index: number): void {
    const { states, places, results } = this.#memory;
    const outcome = this.#outcomeOf(index);
    const bytes = outcome === undefined ? undefined : encodeOutcome(outcome);
    const place = this.#worker * WORKER_RESULT_BYTES + this.#resultBytes;
    if (bytes === undefined || this.#resultBytes + bytes.length > WORKER_RESULT_BYTES) {
      Atomics.store(states, index, TransactionState.InOrder);
      return;
    }
    results.set(bytes, place);
    this.#resultBytes += bytes.length;
    Atomics.store(places, index, place);
    Atomics.store(states, index, TransactionState.Done);
  }

  /**
   * undefined for what cannot be found out here. Also for what throws: a state that is partly newer than the rest can break
   * anything that holds in a real one, and what is really broken will break in block order too.
   */
  #outcomeOf(index: number): Outcome | undefined {
    const generation = Atomics.load(this.#memory.control, Control.StateGeneration);
    if (generation !== this.#generation) this.#view.forget();
    this.#generation = generation;
    const startMicros = this.#ports.nowMicros();
    const overlay = this.#overlay;
    try {
      overlay.begin(this.#view);
      overlay.addedCodes = [];
      this.#view.takeReads();
      const host = this.#host!;
      const execution = executeCharged(host, decodeRequest(this.#memory.block, index));
      // Perhaps it exceeded a bound of the block, of which it had a whole one for itself here.
      const tookAll =
        execution.status === TransactionStatus.OutOfGas && execution.gasUsed >= BigInt(host.block.gasLimit);
      if (tookAll) return undefined;
      const micros = Math.max(0, Math.round(this.#ports.nowMicros() - startMicros));
      const sums = this.#sums(host);
      const summed = new Set(sums.map(({ index }) => index));
      const reads = this.#view.takeReads().filter(({ index }) => !summed.has(index));
      const writes = this.#writes().filter(({ index, isKept }) => !isKept || !summed.has(index));
      return { execution, reads, writes, sums, codes: overlay.addedCodes, micros };
    } catch {
      return undefined;
    }
  }

  /**
   * Numbers that need not be known exactly. Looking at a row takes from the budget as many units as its number has digits: only
   * where the budget was ample does that make no difference.
   */
  #sums(host: TransactionHost): Sum[] {
    const sums: Sum[] = [];
    for (const { name, sums: range, original, value, isKept } of this.#overlay.summed()) {
      if (!(original instanceof NumberedRow) || !(value instanceof NumberedRow) || range === undefined) continue;
      const isAmple =
        host.context.budget.remaining >= AMPLE_UNITS_PER_COMPARISON * range.comparisons &&
        value.bytes < AMPLE_ROW_BYTES;
      if (!isAmple) continue;
      const { low, high, base } = range;
      const added = isKept ? value.number - base : undefined;
      const index = this.#view.indexOf(name);
      sums.push({ index, field: value.field, low, high, otherBytes: original.otherBytes, added });
    }
    return sums;
  }

  #writes(): Write[] {
    return this.#overlay.written.map((cell) => {
      const index = this.#view.indexOf(cell.name);
      return { index, isKept: cell.isKept, value: cell.isKept ? encodeCell(cell) : undefined };
    });
  }

  #scope({ header, settings }: BlockFrame) {
    const parent = new Map<string, Uint8Array | undefined>();
    const view: StateView = { get: (key) => this.#parentValue(parent, key) };
    const blockHash = (): never => {
      throw new NotSpeculative('asks for the hash of a block');
    };
    const input = { suite: this.#suite, view, settings, blockHash };
    const scope = openBlockScope(input, header, header.number - 1, this.#parts, this.#overlay);
    return { ...scope, objects: new NoObjects(), results: ONE_BLOCK_EACH };
  }

  /** Settings and lists of who may write what: as of the parent for the whole block, so outside of what is compared. */
  #parentValue(known: Map<string, Uint8Array | undefined>, key: Uint8Array): Uint8Array | undefined {
    const name = Buffer.from(key).toString('latin1');
    if (!known.has(name)) known.set(name, this.#ports.askParent(key));
    return known.get(name);
  }
}

/** A comparison and the writing after it look at the row twice; a number has 78 digits at most. */
const AMPLE_UNITS_PER_COMPARISON = 4 * 78 * BUDGET_UNITS_PER_ROW_BYTE;
/** Far from the bound on the bytes of one key's rows. */
const AMPLE_ROW_BYTES = 1024 * 1024;

/** The coordinator counts. */
const ONE_BLOCK_EACH = {
  hasRoom: (bytes: number) => bytes <= BLOCK_RESULT_BYTES_MAX,
  take: () => undefined,
};

/** Numbers of temporary objects count through the block, and what they hold passes from transaction to transaction. */
class NoObjects extends TemporaryObjects {
  override add(): Address | undefined {
    throw new NotSpeculative('opens a temporary object');
  }

  override at(address: Address): SystemContract | undefined {
    if (!address.startsWith(LONG_ZEROS)) return undefined;
    const number = Number.parseInt(address, 16);
    const isObject = number >= FIRST_OBJECT_NUMBER && number < FIRST_OBJECT_NUMBER + TEMPORARY_OBJECTS_MAX;
    if (isObject) throw new NotSpeculative('asks for a temporary object');
    return undefined;
  }
}

const LONG_ZEROS = '0'.repeat(30);
