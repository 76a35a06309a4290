import { decodeAbiLenient, errorString, selector, type AbiValue } from '@menglian/codec/abi';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import type { SystemCall, SystemContract, SystemHost, SystemOutcome } from '../ports.js';
import { GasMeter } from './gasMeter.js';
import { readPlainArguments } from './plainArguments.js';
import { type ArgumentsOf, parameterTypes } from './signature.js';
import { parameterError, requireGas, SystemError, WORK_SPENT } from './systemError.js';

const SELECTOR_BYTES = 4;
const STATUS_PRECOMPILED_ERROR = 21;

/** What a function works with beside its arguments. */
export interface FunctionContext<State> {
  readonly host: SystemHost;
  readonly sender: Address;
  readonly gas: GasMeter;
  /** What the call was given. */
  readonly gasLimit: number;
  /** Content of the temporary object that was called. */
  readonly state: State;
}

export interface SystemFunction<State> {
  readonly signature: string;
  readonly types: readonly string[];
  run(context: FunctionContext<State>, values: readonly AbiValue[]): Uint8Array;
}

/**
 * Declares functions whose arguments get their types from the signature text, the text that the selector is the hash of.
 * @example functionsOf<TableState>()('select(string,address)', (context, key, condition) => …)
 */
export function functionsOf<State>() {
  return <Signature extends string>(
    signature: Signature,
    run: (context: FunctionContext<State>, ...values: ArgumentsOf<Signature>) => Uint8Array,
  ): SystemFunction<State> => ({
    signature,
    types: parameterTypes(signature),
    // Sound because the values are decoded by the types of the same signature.
    run: (context, values) => run(context, ...(values as ArgumentsOf<Signature>)),
  });
}

export interface ContractDescription<State> {
  readonly name: string;
  /** Whether gas is charged for the memory of the call data, as contracts that touch user tables do. */
  readonly countsInput: boolean;
  readonly functions: readonly SystemFunction<State>[];
  /** Work of every call that gas does not pay for, in the units of SystemHost.spend. */
  readonly work?: number;
  /** Answer to an unknown selector, and to call data too short for one. */
  readonly unknown: Uint8Array;
}

/** What all contracts of one description share: the functions by selector, once per suite. */
export class ContractKind<State> {
  readonly name: string;
  readonly functions: readonly SystemFunction<State>[];
  readonly #description: ContractDescription<State>;
  readonly #bySuite = new Map<SuiteName, ReadonlyMap<number, SystemFunction<State>>>();

  constructor(description: ContractDescription<State>) {
    this.name = description.name;
    this.functions = description.functions;
    this.#description = description;
  }

  create(state: State): SystemContract {
    return new ContractInstance(this, state);
  }

  /** The content of a temporary object, if it is of this kind. */
  stateOf(contract: SystemContract | undefined): State | undefined {
    if (!(contract instanceof ContractInstance) || contract.kind !== this) return undefined;
    return contract.state as State;
  }

  run(host: SystemHost, call: SystemCall, state: State): SystemOutcome {
    const gas = new GasMeter(host.freeStorage, this.#description.countsInput ? call.input.length : 0);
    try {
      if (!host.spend(this.#description.work ?? 0)) throw new SystemError(WORK_SPENT);
      const output = this.#answer({ host, sender: call.sender, gas, gasLimit: call.gasLeft, state }, call.input);
      gas.raiseMemory(output.length);
      const gasUsed = gas.total();
      requireGas(gasUsed, call.gasLeft);
      return { status: 0, output, gasUsed };
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      const output = errorString((data) => host.suite.hash(data), error.message);
      return { status: STATUS_PRECOMPILED_ERROR, output, gasUsed: 0 };
    }
  }

  #answer(context: FunctionContext<State>, input: Uint8Array): Uint8Array {
    const called = this.#functionAt(context.host.suite, input);
    if (called === undefined) return this.#description.unknown;
    const values = readPlainArguments(called.types, input, SELECTOR_BYTES);
    if (values !== undefined) return called.run(context, values);
    const decoded = decodeAbiLenient(called.types, input.subarray(SELECTOR_BYTES));
    if (!decoded.ok) throw parameterError();
    return called.run(context, decoded.value);
  }

  #functionAt(suite: CryptoSuite, input: Uint8Array): SystemFunction<State> | undefined {
    if (input.length < SELECTOR_BYTES) return undefined;
    let functions = this.#bySuite.get(suite.name);
    if (functions === undefined) {
      const hash = (data: Uint8Array): Uint8Array => suite.hash(data);
      functions = new Map(this.functions.map((declared) => [numberOf(selector(hash, declared.signature)), declared]));
      this.#bySuite.set(suite.name, functions);
    }
    return functions.get(numberOf(input));
  }
}

/** The first four bytes, big-endian. */
function numberOf(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

class ContractInstance<State> implements SystemContract {
  readonly name: string;

  constructor(
    readonly kind: ContractKind<State>,
    readonly state: State,
  ) {
    this.name = kind.name;
  }

  run(host: SystemHost, call: SystemCall): SystemOutcome {
    return this.kind.run(host, call, this.state);
  }
}
