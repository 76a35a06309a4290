import type { Abi, AbiEvent, AbiFunction, AbiItem, StateMutability } from './abi/abi.js';
import { decodeOutput, encodeCall, functionFor } from './abi/functions.js';
import { signatureText } from './abi/signature.js';
import type {
  EventName,
  EventNamed,
  FunctionName,
  FunctionNamed,
  OutputOf,
  OverloadedFunctions,
  UnionToIntersection,
  ValuesOf,
} from './abi/types.js';
import { ContractEvent } from './contractEvent.js';
import { type Address, addressOf, type Hash } from './hex.js';
import type { Receipt } from './rpc/shapes.js';
import { checkExecution } from './transaction/executionError.js';
import type { Caller, SendOptions, WaitOptions } from './transaction/requests.js';

export interface CallOptions {
  /** Who calls: the account of the client, or the zero address, if not said. */
  readonly from?: Address;
}

/** A transaction that succeeded: what the function returned, and the receipt. */
export interface Executed<Result> {
  readonly result: Result;
  readonly receipt: Receipt;
}

type Changing = 'nonpayable' | 'payable';

type Method<F, Options, Wrap extends 'value' | 'hash' | 'executed'> = F extends AbiFunction
  ? (
      ...parameters: F['inputs'] extends readonly []
        ? [args?: readonly [], options?: Options]
        : number extends F['inputs']['length']
          ? [args?: readonly unknown[], options?: Options]
          : [args: ValuesOf<F['inputs']>, options?: Options]
    ) => Promise<
      Wrap extends 'hash' ? Hash : Wrap extends 'value' ? OutputOf<F['outputs']> : Executed<OutputOf<F['outputs']>>
    >
  : never;

/** Methods by function name, overloads joined; each overload by its signature, too: `write['set(uint256)']([1n])`. */
type Methods<A extends Abi, M extends StateMutability, Options, Wrap extends 'value' | 'hash' | 'executed'> = {
  readonly [Name in FunctionName<A, M>]: UnionToIntersection<Method<FunctionNamed<A, Name, M>, Options, Wrap>>;
} & {
  readonly [Name in keyof OverloadedFunctions<A, M>]: Method<OverloadedFunctions<A, M>[Name], Options, Wrap>;
};

/** A contract at an address. Arguments of functions stand in an array, options behind it. */
export interface Contract<A extends Abi> {
  readonly address: Address;
  readonly abi: A;
  /** Functions that change nothing. Each throws `ExecutionError` when the contract refuses. */
  readonly read: Methods<A, 'view' | 'pure', CallOptions, 'value'>;
  /** Functions that change something, tried without a transaction: what would they return? */
  readonly simulate: Methods<A, Changing, CallOptions, 'value'>;
  /** Signs and sends, and returns the hash. */
  readonly write: Methods<A, Changing, SendOptions, 'hash'>;
  /** Signs, sends and waits, and returns what the function returned. Throws `ExecutionError` when it failed. */
  readonly execute: Methods<A, Changing, SendOptions & WaitOptions, 'executed'>;
  readonly events: { readonly [Name in EventName<A>]: ContractEvent<EventNamed<A, Name>> };
}

export function createContract<const A extends Abi>(caller: Caller, place: Address, abi: A): Contract<A> {
  const address = addressOf(place);

  const call = async (found: AbiFunction, args: readonly unknown[], options: CallOptions) => {
    const from = options.from ?? caller.account?.address;
    const data = encodeCall(caller.suite, found, args);
    const result = await caller.call({ to: address, data, ...(from && { from }) });
    checkExecution(caller.suite, found.name, result, { abi });
    return decodeOutput(found, result.output);
  };
  const write = async (found: AbiFunction, args: readonly unknown[], options: SendOptions) => {
    const data = encodeCall(caller.suite, found, args);
    return caller.sendTransaction({ ...options, to: address, data });
  };
  const execute = async (found: AbiFunction, args: readonly unknown[], options: SendOptions & WaitOptions) => {
    const { timeoutMs, ...sending } = options;
    const waiting = timeoutMs === undefined ? { abi } : { abi, timeoutMs };
    const data = encodeCall(caller.suite, found, args);
    const receipt = await caller.execute({ ...sending, to: address, data }, waiting);
    return { result: decodeOutput(found, receipt.output), receipt };
  };

  return {
    address,
    abi,
    read: methods(abi.filter(isReading), call),
    simulate: methods(abi.filter(isChanging), call),
    write: methods(abi.filter(isChanging), write),
    execute: methods(abi.filter(isChanging), execute),
    events: eventsOf(caller, address, abi),
  } as unknown as Contract<A>;
}

function isReading(item: AbiItem): item is AbiFunction {
  return item.type === 'function' && (item.stateMutability === 'view' || item.stateMutability === 'pure');
}

function isChanging(item: AbiItem): item is AbiFunction {
  return item.type === 'function' && !isReading(item);
}

/** By name, and by signature. */
function methods<Options>(
  functions: readonly AbiFunction[],
  run: (found: AbiFunction, args: readonly unknown[], options: Options) => Promise<unknown>,
) {
  const names = new Set(functions.flatMap((one) => [one.name, signatureText(one)]));
  return byName(
    [...names].map((name) => [
      name,
      async (args: readonly unknown[] = [], options: Options = {} as Options) =>
        run(functionFor(functions, name, args), args, options),
    ]),
  );
}

/** By signature, and by name where only one has it: whose topic would be meant otherwise? */
function eventsOf(caller: Caller, address: Address, abi: Abi) {
  const events = abi.filter((item): item is AbiEvent => item.type === 'event');
  return byName(
    events.flatMap((event) => {
      const member = new ContractEvent(caller, address, event);
      const isOnly = events.filter(({ name }) => name === event.name).length === 1;
      return [[signatureText(event), member] as const, ...(isOnly ? [[event.name, member] as const] : [])];
    }),
  );
}

/** Without a prototype: a contract may have a function `constructor` or `toString`. */
function byName<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const members = Object.create(null) as Record<string, T>;
  for (const [name, member] of entries) members[name] = member;
  return members;
}
