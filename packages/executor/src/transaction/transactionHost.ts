import { EMPTY_BYTES, toBigInt } from '@menglian/base/bytes';
import type { AnalyzedCode } from '@menglian/evm/codeAnalysis';
import type {
  CallMessage,
  CallOutcome,
  CreateMessage,
  CreateOutcome,
  EvmHost,
  ExecutionBudget,
  TransactionContext,
} from '@menglian/evm/ports';
import type { InnerCall, InnerOutcome, SystemContract } from '@menglian/precompiled/ports';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import type { BlockScope } from '../blockScope.js';
import {
  ANALYSED_CODE_BYTES_MAX,
  BUDGET_CODE_BYTES_PER_UNIT,
  BUDGET_UNITS_MIN,
  BUDGET_UNITS_PER_CODE_BYTE,
} from '../limits.js';
import { callMessage } from '../call/messageCall.js';
import { callBySystemContract } from '../call/systemCall.js';
import { createContract } from '../call/creation.js';
import { RecentCodes } from '../state/recentCodes.js';
import { hasCode } from '../state/accounts.js';
import { TransactionSystemHost } from '../system/systemHost.js';

/** For one self-destructed account, once. */
const SELF_DESTRUCT_REFUND = 24_000;

/** What a frame did apart from the state; a failed frame takes it back with the state. */
interface Snapshot {
  readonly state: number;
  readonly logs: number;
  readonly refunds: number;
  readonly destroyed: number;
}

/** Shared by all transactions without logs; nothing is ever added to it. */
const NO_LOGS: Log[] = [];
const NOBODY: ReadonlySet<Address> = new Set();

/**
 * The transaction of a block that runs at the moment: the interpreter's host, with the logs, refunds and self-destructions so
 * far. One object serves all transactions of the block.
 */
export class TransactionHost implements EvmHost {
  readonly block: BlockScope;
  readonly system: TransactionSystemHost;
  /** Calls by system contracts that are under way. */
  systemCallsDepth = 0;
  /** Of the message call that a system contract runs in. */
  systemContractDepth = 0;
  #context: TransactionContext | undefined;
  #logs: Log[] = NO_LOGS;
  /** In the order of their self-destruction. */
  #destroyed: Set<Address> | undefined;
  #recentCodes: RecentCodes<true> | undefined;
  #lastCode = '';
  #refunds = 0;

  constructor(block: BlockScope) {
    this.block = block;
    this.system = new TransactionSystemHost(block, this);
  }

  /** Turns to the next transaction: nothing of the one before is left. */
  begin(origin: Address, gasPrice: bigint): void {
    const { number, timestampMs, gasLimit } = this.block;
    const budget = { remaining: gasLimit > BUDGET_UNITS_MIN ? gasLimit : BUDGET_UNITS_MIN };
    this.#context = { origin, gasPrice, blockNumber: number, timestampMs, budget };
    this.system.begin(this.#context);
    this.systemCallsDepth = 0;
    this.systemContractDepth = 0;
    this.#logs = NO_LOGS;
    this.#destroyed = undefined;
    this.#recentCodes = undefined;
    this.#lastCode = '';
    this.#refunds = 0;
  }

  get context(): TransactionContext {
    return this.#context!;
  }

  /** Stay as they are when the next transaction begins. */
  get logs(): readonly Log[] {
    return this.#logs;
  }

  /** Gas to give back at the end, before the cap. */
  get refunds(): number {
    return this.#refunds;
  }

  get destroyed(): ReadonlySet<Address> {
    return this.#destroyed ?? NOBODY;
  }

  /** Takes work that no gas pays for from the execution budget. */
  spend(units: number): void {
    this.context.budget.remaining -= units;
  }

  get isBudgetSpent(): boolean {
    return this.context.budget.remaining < 0;
  }

  /** Analysed runtime code; the budget pays for code that this transaction did not use lately. */
  loadCode(codeHash: Uint8Array): AnalyzedCode {
    const { name, code } = this.block.codes.load(codeHash, this.block.overlay);
    if (name === this.#lastCode) return code;
    this.#lastCode = name;
    this.#recentCodes ??= new RecentCodes(ANALYSED_CODE_BYTES_MAX);
    if (this.#recentCodes.get(name) === undefined) {
      this.#recentCodes.add(name, true, code.bytes.length);
      this.spend(code.bytes.length * BUDGET_UNITS_PER_CODE_BYTE);
    }
    return code;
  }

  snapshot(): Snapshot {
    return {
      state: this.block.overlay.snapshot(),
      logs: this.#logs.length,
      refunds: this.#refunds,
      destroyed: this.#destroyed?.size ?? 0,
    };
  }

  revert(snapshot: Snapshot): void {
    this.block.overlay.revert(snapshot.state);
    if (this.#logs.length > snapshot.logs) this.#logs.length = snapshot.logs;
    this.#refunds = snapshot.refunds;
    const destroyed = this.#destroyed;
    if (destroyed === undefined || destroyed.size <= snapshot.destroyed) return;
    for (const address of [...destroyed].slice(snapshot.destroyed)) destroyed.delete(address);
  }

  /** A system contract or an object that was opened in this block. */
  systemContractAt(address: Address): SystemContract | undefined {
    return this.system.contractAt(address);
  }

  storage(address: Address, slot: bigint): bigint {
    return this.block.overlay.storage(address, slot);
  }

  setStorage(address: Address, slot: bigint, value: bigint): boolean {
    if (!this.block.authority.mayWriteContract(address, this.context.origin)) return false;
    this.block.overlay.setStorage(address, slot, value);
    return true;
  }

  codeSize(address: Address): number {
    return this.systemContractAt(address) === undefined ? this.code(address).length : 1;
  }

  code(address: Address): Uint8Array {
    const { codes, overlay, suite } = this.block;
    const account = overlay.account(address);
    if (account === undefined || !hasCode(suite, account)) return EMPTY_BYTES;
    const code = codes.bytes(account.codeHash, overlay);
    this.spend(Math.floor(code.length / BUDGET_CODE_BYTES_PER_UNIT));
    return code;
  }

  codeHash(address: Address): Uint8Array | undefined {
    return this.block.overlay.account(address)?.codeHash;
  }

  blockHash(number: bigint): bigint {
    const hash = this.block.blockHash(Number(number));
    return hash === undefined ? 0n : toBigInt(hash);
  }

  emitLog(log: Log): void {
    if (this.#logs === NO_LOGS) this.#logs = [];
    this.#logs.push(log);
  }

  selfDestruct(address: Address): void {
    this.#destroyed ??= new Set();
    if (this.#destroyed.has(address)) return;
    this.#destroyed.add(address);
    this.#refunds += SELF_DESTRUCT_REFUND;
  }

  addRefund(gas: number): void {
    this.#refunds += gas;
  }

  call(message: CallMessage): CallOutcome {
    const { status, gasLeft, output } = callMessage(this, message);
    return { success: status === 0, gasLeft, output };
  }

  callContract(call: InnerCall): InnerOutcome {
    return callBySystemContract(this, call);
  }

  /** Runs something inside the transaction as if this address had sent it, with a bounded share of its budget. */
  asOrigin<T>(origin: Address, budget: ExecutionBudget, run: () => T): T {
    const context = this.context;
    const enter = (entered: TransactionContext): void => {
      this.#context = entered;
      this.system.begin(entered);
    };
    enter({ ...context, origin, budget });
    this.systemCallsDepth += 1;
    try {
      return run();
    } finally {
      this.systemCallsDepth -= 1;
      enter(context);
    }
  }

  create(message: CreateMessage): CreateOutcome {
    const { status, gasLeft, output, address } = createContract(this, { ...message, value: 0n });
    return { success: status === 0, gasLeft, output, address };
  }
}
