import { concatBytes, equalBytes } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi, encodeAbi, selector } from '@menglian/codec/abi';
import type { CrossTransaction } from './2004-crossRows.js';
import { systemAddress } from './addresses.js';
import { word } from './framework/output.js';
import { parameterTypes } from './framework/signature.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { CROSS_PARTICIPANT_GAS, CROSS_REASON_BYTES_MAX } from './limits.js';
import type { InnerOutcome } from './ports.js';

type Context = FunctionContext<undefined>;

const OWN_ADDRESS = systemAddress(0x2004);
const PREPARE_OUT = 'prepareOut(bytes32,bytes32,address,address,bytes)';
const PREPARE_IN = 'prepareIn(bytes32,bytes32,address,bytes)';
const CONFIRM = 'confirm(bytes32)';
const CANCEL = 'cancel(bytes32)';

/** What is left for the rows, the message and the event of a step, of gas and of work. */
const GAS_AROUND = 200_000;
const WORK_AROUND = 1_000_000;
const READY = word(1);
const ERROR_SELECTOR_BYTES = 4;

/** Asks the participant here to hold what is to leave. @returns what the other one needs to know. @throws SystemError */
export function prepareOut(context: Context, transaction: CrossTransaction, data: Uint8Array): Uint8Array {
  const { id, chain, participant, remote, initiator } = transaction;
  const gas = Math.min(CROSS_PARTICIPANT_GAS, gasLeft(context));
  const outcome = call(context, participant, gas, PREPARE_OUT, [id, chain, remote, initiator, data]);
  if (outcome.status !== 0) throw new SystemError(`the participant refused: ${reasonOf(outcome)}`);
  const decoded = decodeAbi(['bytes'], outcome.output);
  if (!decoded.ok) throw new SystemError('the participant did not answer bytes');
  return decoded.value[0] as Uint8Array;
}

/** @returns whether it holds what the other one gives, until one of the next two is called */
export function prepareIn(context: Context, transaction: CrossTransaction, forRemote: Uint8Array): boolean {
  const { id, chain, participant, remote } = transaction;
  const outcome = callInFull(context, participant, PREPARE_IN, [id, chain, remote, forRemote]);
  return outcome.status === 0 && equalBytes(outcome.output, READY);
}

/** @returns whether it did; it is asked again by `finish` if not */
export function confirm(context: Context, { id, participant }: CrossTransaction): boolean {
  return callInFull(context, participant, CONFIRM, [id]).status === 0;
}

/** @returns as `confirm` */
export function cancel(context: Context, { id, participant }: CrossTransaction): boolean {
  return callInFull(context, participant, CANCEL, [id]).status === 0;
}

/** With all the gas that a step has: who sends a transaction must not decide by its gas how a step ends. */
function callInFull(context: Context, participant: string, signature: string, values: readonly AbiValue[]) {
  if (gasLeft(context) < CROSS_PARTICIPANT_GAS || context.host.workLeft < CROSS_PARTICIPANT_GAS + WORK_AROUND) {
    throw new SystemError(`the participant needs ${CROSS_PARTICIPANT_GAS} gas: send more`);
  }
  return call(context, participant, CROSS_PARTICIPANT_GAS, signature, values);
}

function gasLeft({ gas, gasLimit }: Context): number {
  return Math.max(0, gasLimit - gas.total() - GAS_AROUND);
}

function call(
  { host, gas }: Context,
  target: string,
  gasGiven: number,
  signature: string,
  values: readonly AbiValue[],
): InnerOutcome {
  const name = selector((data) => host.suite.hash(data), signature);
  const input = concatBytes(name, encodeAbi(parameterTypes(signature), values));
  const outcome = host.callContract({ caller: OWN_ADDRESS, target, input, gas: gasGiven });
  gas.add(outcome.gasUsed);
  return outcome;
}

function reasonOf({ status, output }: InnerOutcome): string {
  const decoded = decodeAbi(['string'], output.subarray(ERROR_SELECTOR_BYTES));
  const text = decoded.ok ? String(decoded.value[0]) : '';
  return text === '' ? `status ${status}` : text.slice(0, CROSS_REASON_BYTES_MAX);
}
