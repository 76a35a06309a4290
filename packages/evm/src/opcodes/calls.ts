import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import { HASH_WORD_GAS } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { CALL_DEPTH_LIMIT } from '../limits.js';
import type { CallMessage } from '../ports.js';
import { addressOfWord, wordCount, wordOfAddress } from '../words.js';

/**
 * CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE and CREATE2. Each pops its arguments from the frame's stack, pushes one
 * word and answers RUNNING or the status that ends the frame.
 *
 * `paidAhead` is what the block's entry took for the instructions behind this one: the callee may be given a share of
 * it, and if it burns it, the caller is out of gas when the call is over, as it would be one instruction later.
 */

/** CALL and CALLCODE. Nobody has a balance, so with a value they fail at once and only the price of trying is paid. */
export function callWithValue(
  frame: Frame,
  activation: Activation,
  kind: 'call' | 'callcode',
  paidAhead: number,
): number {
  const { stack } = frame;
  const top = frame.height - 1;
  const value = stack[top - 2]!;
  const inputOffset = Number(stack[top - 3]!);
  const inputSize = Number(stack[top - 4]!);
  const outputOffset = Number(stack[top - 5]!);
  const outputSize = Number(stack[top - 6]!);
  if (!frame.growRange(inputOffset, inputSize)) return Halt.OUT_OF_GAS;
  if (!frame.growRange(outputOffset, outputSize)) return Halt.OUT_OF_GAS;

  const { message, schedule } = activation;
  if (value !== 0n) {
    if (kind === 'call' && message.isStatic) return Halt.UNKNOWN;
    if (frame.gas + paidAhead < schedule.callValue) return Halt.OUT_OF_GAS;
    if (frame.gas + schedule.callStipend < schedule.callValue) return Halt.OUT_OF_GAS;
    frame.gas += schedule.callStipend - schedule.callValue;
    frame.returnData = EMPTY_BYTES;
    return pushResult(frame, top - 6, false);
  }
  frame.returnData = EMPTY_BYTES;
  if (message.depth >= CALL_DEPTH_LIMIT) return pushResult(frame, top - 6, false);

  const target = addressOfWord(stack[top - 1]!);
  return call(frame, activation, top - 6, outputOffset, outputSize, {
    kind,
    gas: forwarded(stack[top]!, frame.gas + paidAhead),
    sender: message.recipient,
    recipient: kind === 'call' ? target : message.recipient,
    codeAddress: target,
    value,
    input: frame.copyRange(inputOffset, inputSize),
    depth: message.depth + 1,
    isStatic: message.isStatic,
  });
}

/** DELEGATECALL and STATICCALL. At the depth limit they keep the return data of the call before (rule of 2.x). */
export function callWithoutValue(
  frame: Frame,
  activation: Activation,
  kind: 'delegatecall' | 'staticcall',
  paidAhead: number,
): number {
  const { stack } = frame;
  const top = frame.height - 1;
  const inputOffset = Number(stack[top - 2]!);
  const inputSize = Number(stack[top - 3]!);
  const outputOffset = Number(stack[top - 4]!);
  const outputSize = Number(stack[top - 5]!);
  if (!frame.growRange(inputOffset, inputSize)) return Halt.OUT_OF_GAS;
  if (!frame.growRange(outputOffset, outputSize)) return Halt.OUT_OF_GAS;

  const { message } = activation;
  if (message.depth >= CALL_DEPTH_LIMIT) return pushResult(frame, top - 5, false);
  const target = addressOfWord(stack[top - 1]!);
  const isDelegated = kind === 'delegatecall';
  return call(frame, activation, top - 5, outputOffset, outputSize, {
    kind,
    gas: forwarded(stack[top]!, frame.gas + paidAhead),
    sender: isDelegated ? message.sender : message.recipient,
    recipient: isDelegated ? message.recipient : target,
    codeAddress: target,
    value: isDelegated ? message.value : 0n,
    input: frame.copyRange(inputOffset, inputSize),
    depth: message.depth + 1,
    isStatic: isDelegated ? message.isStatic : true,
  });
}

/** CREATE, and with a salt CREATE2. */
export function create(frame: Frame, activation: Activation, hasSalt: boolean, paidAhead: number): number {
  const { stack } = frame;
  const { message, context, host } = activation;
  if (message.isStatic) return Halt.UNKNOWN;
  const top = frame.height - 1;
  const resultIndex = hasSalt ? top - 3 : top - 2;
  const value = stack[top]!;
  const codeOffset = Number(stack[top - 1]!);
  const codeSize = Number(stack[top - 2]!);
  if (!frame.growRange(codeOffset, codeSize)) return Halt.OUT_OF_GAS;
  if (hasSalt) {
    const cost = HASH_WORD_GAS * wordCount(codeSize);
    if (cost > frame.gas) return Halt.OUT_OF_GAS;
    frame.gas -= cost;
  }
  frame.returnData = EMPTY_BYTES;
  if (message.depth >= CALL_DEPTH_LIMIT || value !== 0n) return pushResult(frame, resultIndex, false);

  const gas = allButOne64th(frame.gas + paidAhead);
  const outcome = host.create({
    gas,
    sender: message.recipient,
    initCode: frame.copyRange(codeOffset, codeSize),
    salt: hasSalt ? stack[top - 3]! : undefined,
    depth: message.depth + 1,
  });
  frame.returnData = outcome.output;
  stack[resultIndex] = outcome.success ? wordOfAddress(outcome.address) : 0n;
  frame.height = resultIndex + 1;
  return settle(frame, gas - outcome.gasLeft, context.budget.remaining);
}

function call(
  frame: Frame,
  activation: Activation,
  resultIndex: number,
  outputOffset: number,
  outputSize: number,
  message: CallMessage,
): number {
  const { gasLeft, output, success } = activation.host.call(message);
  frame.returnData = output;
  if (outputSize !== 0) {
    frame.bytes.set(output.length > outputSize ? output.subarray(0, outputSize) : output, outputOffset);
  }
  pushResult(frame, resultIndex, success);
  return settle(frame, message.gas - gasLeft, activation.context.budget.remaining);
}

/** Takes what the callee used. A spent budget ends the caller too, so that the transaction comes to an end. */
function settle(frame: Frame, used: number, budgetRemaining: number): number {
  const isPaid = used <= frame.gas;
  frame.gas = isPaid ? frame.gas - used : 0;
  return isPaid && budgetRemaining >= 0 ? Halt.RUNNING : Halt.OUT_OF_GAS;
}

function pushResult(frame: Frame, index: number, success: boolean): number {
  frame.stack[index] = success ? 1n : 0n;
  frame.height = index + 1;
  return Halt.RUNNING;
}

/** What was asked for, or all but one 64th of what is there (EIP-150). An inexact large number is above that in any case. */
function forwarded(asked: bigint, available: number): number {
  return Math.min(Number(asked), allButOne64th(available));
}

function allButOne64th(gas: number): number {
  return gas - Math.floor(gas / 64);
}
