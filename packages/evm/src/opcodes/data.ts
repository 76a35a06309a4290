import { EMPTY_BYTES } from '@menglian/base/bytes';
import type { Log } from '@menglian/types/receipt';
import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import { COPY_WORD_GAS, HASH_WORD_GAS, LOG_BYTE_GAS } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { addressOfWord, bytesOfWord, wordCount, wordOfHash } from '../words.js';

/**
 * Instructions that move stretches of bytes: SHA3, the copies, LOG, RETURN and REVERT. Each pops its arguments and answers
 * RUNNING or the status that ends the frame. Memory is paid before the words.
 */

/** SHA3 with the chain's own hash. */
export function hashMemory(frame: Frame, activation: Activation): number {
  const { stack } = frame;
  const offset = stack[frame.height - 1]!;
  const size = stack[frame.height - 2]!;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  if (!payWords(frame, size, HASH_WORD_GAS)) return Halt.OUT_OF_GAS;
  const start = Number(offset);
  const data = size === 0n ? EMPTY_BYTES : frame.bytes.subarray(start, start + Number(size));
  frame.height -= 1;
  stack[frame.height - 1] = wordOfHash(activation.suite.hash(data));
  return Halt.RUNNING;
}

/** CALLDATACOPY and CODECOPY */
export function copyToMemory(frame: Frame, data: Uint8Array): number {
  const { stack } = frame;
  const offset = stack[frame.height - 1]!;
  const dataOffset = stack[frame.height - 2]!;
  const size = stack[frame.height - 3]!;
  frame.height -= 3;
  if (!frame.growRange(offset, size) || !payWords(frame, size, COPY_WORD_GAS)) return Halt.OUT_OF_GAS;
  frame.writePadded(offset, data, dataOffset, size);
  return Halt.RUNNING;
}

export function copyExternalCode(frame: Frame, activation: Activation): number {
  const address = frame.stack[frame.height - 1]!;
  frame.height -= 1;
  const size = frame.stack[frame.height - 3]!;
  // Fetching the code is the host's work: not for a copy of nothing.
  const code = size === 0n ? EMPTY_BYTES : activation.host.code(addressOfWord(address));
  return copyToMemory(frame, code);
}

/** Reading beyond the return data ends the frame, even a read of no bytes (EIP-211). */
export function copyReturnData(frame: Frame): number {
  const { stack, returnData } = frame;
  const offset = stack[frame.height - 1]!;
  const dataOffset = stack[frame.height - 2]!;
  const size = stack[frame.height - 3]!;
  frame.height -= 3;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  if (dataOffset + size > BigInt(returnData.length)) return Halt.UNKNOWN;
  if (!payWords(frame, size, COPY_WORD_GAS)) return Halt.OUT_OF_GAS;
  frame.writePadded(offset, returnData, dataOffset, size);
  return Halt.RUNNING;
}

export function emitLog(frame: Frame, activation: Activation, topicCount: number): number {
  if (activation.message.isStatic) return Halt.UNKNOWN;
  const { stack } = frame;
  const offset = stack[frame.height - 1]!;
  const size = stack[frame.height - 2]!;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  const cost = LOG_BYTE_GAS * Number(size);
  if (cost > frame.gas) return Halt.OUT_OF_GAS;
  frame.gas -= cost;
  frame.height -= 2;
  const topics: Uint8Array[] = [];
  for (let i = 0; i < topicCount; i++) topics.push(bytesOfWord(stack[--frame.height]!));
  const log: Log = { address: activation.message.recipient, topics, data: frame.copyRange(offset, size) };
  activation.host.emitLog(log);
  return Halt.RUNNING;
}

/** RETURN and REVERT. */
export function finish(frame: Frame, status: number): number {
  const offset = frame.stack[frame.height - 1]!;
  const size = frame.stack[frame.height - 2]!;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  frame.output = frame.copyRange(offset, size);
  return status;
}

function payWords(frame: Frame, size: bigint, gasPerWord: number): boolean {
  const cost = gasPerWord * wordCount(Number(size));
  if (cost > frame.gas) return false;
  frame.gas -= cost;
  return true;
}
