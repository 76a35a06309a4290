import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { contractAddress, create2Address } from '@menglian/types/address';
import type { Address } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import { builtin } from '../builtins.js';
import { analyze } from '../codeAnalysis.js';
import type { AnalyzedCode } from '../codeAnalysis.js';
import { executeOn } from '../execute.js';
import type { Core } from '../execute.js';
import type { GasSchedule } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { interpret } from '../interpreter.js';
import type {
  CallMessage,
  CallOutcome,
  CreateMessage,
  CreateOutcome,
  EvmHost,
  ExecutionOutcome,
  TransactionContext,
} from '../ports.js';
import { bytesOfWord } from '../words.js';

const CODE_DEPOSIT_GAS_PER_BYTE = 200;
const SELF_DESTRUCT_REFUND = 24_000;

interface Account {
  readonly code: Uint8Array;
  readonly creationNumber: bigint;
}

interface State {
  readonly accounts: Map<Address, Account>;
  /** `address:slot` to word */
  readonly storage: Map<string, bigint>;
  readonly destroyed: Set<Address>;
  logs: Log[];
  refund: number;
}

export interface MemoryHostOptions {
  readonly suite: CryptoSuite;
  /** for the built-in ecrecover */
  readonly ecdsa: CryptoSuite;
  readonly schedule: GasSchedule;
  readonly context: TransactionContext;
  /** creations of a new contract begin here: 0 on a 2.x chain, 1 on Ethereum */
  readonly firstCreationNumber: bigint;
  readonly blockHash?: (number: bigint) => bigint;
  readonly mayWrite?: (address: Address) => boolean;
  /** what runs code; the interpreter if not given */
  readonly core?: Core;
  /** told when a frame begins, and how it ends */
  readonly onFrame?: { begin(): void; end(status: number, gasLeft: number): void };
}

/** By identity: nobody changes code that an account has. */
const analyzedCodes = new WeakMap<Uint8Array, AnalyzedCode>();

/** An `EvmHost` over maps, small enough to be seen right, for tests of the interpreter and for trying code out. */
export class MemoryHost implements EvmHost {
  state: State = { accounts: new Map(), storage: new Map(), destroyed: new Set(), logs: [], refund: 0 };
  readonly #options: MemoryHostOptions;

  constructor(options: MemoryHostOptions) {
    this.#options = options;
  }

  setAccount(address: Address, code: Uint8Array, creationNumber = this.#options.firstCreationNumber): void {
    this.state.accounts.set(address, { code, creationNumber });
  }

  storage(address: Address, slot: bigint): bigint {
    return this.state.storage.get(`${address}:${slot}`) ?? 0n;
  }

  setStorage(address: Address, slot: bigint, value: bigint): boolean {
    if (this.#options.mayWrite?.(address) === false) return false;
    this.state.storage.set(`${address}:${slot}`, value);
    return true;
  }

  codeSize(address: Address): number {
    return this.code(address).length;
  }

  code(address: Address): Uint8Array {
    return this.state.accounts.get(address)?.code ?? EMPTY_BYTES;
  }

  codeHash(address: Address): Uint8Array | undefined {
    const account = this.state.accounts.get(address);
    return account === undefined ? undefined : this.#options.suite.hash(account.code);
  }

  blockHash(number: bigint): bigint {
    return this.#options.blockHash?.(number) ?? 0n;
  }

  emitLog(log: Log): void {
    this.state.logs.push(log);
  }

  selfDestruct(address: Address): void {
    if (!this.state.destroyed.has(address)) this.state.refund += SELF_DESTRUCT_REFUND;
    this.state.destroyed.add(address);
  }

  addRefund(gas: number): void {
    this.state.refund += gas;
  }

  call(message: CallMessage): CallOutcome {
    const { status, gasLeft, output } = this.run(message);
    return { success: status === Halt.SUCCESS, gasLeft, output };
  }

  /** A call as a transaction makes it. */
  run(message: CallMessage): ExecutionOutcome {
    this.#options.onFrame?.begin();
    const outcome = this.#run(message);
    this.#options.onFrame?.end(outcome.status, outcome.gasLeft);
    return outcome;
  }

  #run(message: CallMessage): ExecutionOutcome {
    const contract = builtin(message.codeAddress);
    if (contract !== undefined) {
      const gas = contract.gas(message.input);
      if (gas > message.gas) return { status: Halt.OUT_OF_GAS, gasLeft: message.gas, output: EMPTY_BYTES };
      const output = contract.run(message.input, this.#options.ecdsa);
      if (output === undefined) return { status: Halt.BAD_INSTRUCTION, gasLeft: 0, output: EMPTY_BYTES };
      return { status: Halt.SUCCESS, gasLeft: message.gas - gas, output };
    }
    const code = this.code(message.codeAddress);
    // Ethereum would answer with success. Output stands for the text that the executor makes.
    if (code.length === 0) return { status: Halt.REVERT, gasLeft: message.gas, output: NO_CODE_OUTPUT };
    return this.#execute(code, message);
  }

  create(message: CreateMessage): CreateOutcome {
    this.#options.onFrame?.begin();
    const outcome = this.#create(message);
    this.#options.onFrame?.end(outcome.status, outcome.gasLeft);
    return { ...outcome, success: outcome.status === Halt.SUCCESS };
  }

  #create(message: CreateMessage): ExecutionOutcome & { address: Address } {
    const { suite, firstCreationNumber } = this.#options;
    const { sender, initCode, salt, gas, depth } = message;
    const creator = this.state.accounts.get(sender) ?? { code: EMPTY_BYTES, creationNumber: 0n };
    const address =
      salt === undefined
        ? contractAddress(suite, sender, creator.creationNumber)
        : create2Address(suite, sender, bytesOfWord(salt), initCode);
    this.state.accounts.set(sender, { ...creator, creationNumber: creator.creationNumber + 1n });
    const taken = this.state.accounts.get(address);
    if (taken !== undefined && (taken.code.length > 0 || taken.creationNumber > 0n)) {
      return { status: Halt.BAD_INSTRUCTION, gasLeft: 0, output: EMPTY_BYTES, address };
    }
    const saved = this.#copyState();
    this.setAccount(address, EMPTY_BYTES);
    const outcome = this.#execute(initCode, {
      kind: 'call',
      gas,
      sender,
      recipient: address,
      codeAddress: address,
      value: 0n,
      input: EMPTY_BYTES,
      depth,
      isStatic: false,
    });
    if (outcome.status !== Halt.SUCCESS) {
      this.state = saved;
      return { ...outcome, address };
    }
    const deposit = CODE_DEPOSIT_GAS_PER_BYTE * outcome.output.length;
    if (deposit > outcome.gasLeft) {
      this.state = saved;
      return { status: Halt.OUT_OF_GAS, gasLeft: gas, output: EMPTY_BYTES, address };
    }
    const { creationNumber } = this.state.accounts.get(address) ?? { creationNumber: firstCreationNumber };
    this.setAccount(address, outcome.output, creationNumber);
    return { status: Halt.SUCCESS, gasLeft: outcome.gasLeft - deposit, output: EMPTY_BYTES, address };
  }

  #execute(code: Uint8Array, message: CallMessage): ExecutionOutcome {
    const { context, schedule, suite, core } = this.#options;
    const saved = this.#copyState();
    let analyzed = analyzedCodes.get(code);
    if (analyzed === undefined) analyzedCodes.set(code, (analyzed = analyze(code)));
    const outcome = executeOn(core ?? interpret, analyzed, message, this, context, schedule, suite);
    if (outcome.status !== Halt.SUCCESS) this.state = saved;
    return outcome;
  }

  #copyState(): State {
    const { accounts, storage, destroyed, logs, refund } = this.state;
    return {
      accounts: new Map(accounts),
      storage: new Map(storage),
      destroyed: new Set(destroyed),
      logs: [...logs],
      refund,
    };
  }
}

/** What a call of an address without code returns here; the executor's names the address. */
export const NO_CODE_OUTPUT = new TextEncoder().encode('no code');
