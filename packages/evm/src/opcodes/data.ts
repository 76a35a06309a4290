import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import { COPY_WORD_GAS, HASH_WORD_GAS, LOG_BYTE_GAS } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import type { Log } from '@menglian/types/receipt';
import { bytesOfWord, wordCount } from '../words.js';
import { hashWord } from './hashWord.js';

/**
 * Instructions that move stretches of bytes: SHA3, the copies, LOG, RETURN and REVERT. Offsets and sizes are words turned to
 * numbers (`Frame.growRange`). Each answers RUNNING or the status that ends the frame. Memory is paid before the words.
 */

/** SHA3 with the chain's own hash. @returns undefined when the gas does not suffice */
export function hashMemory(frame: Frame, activation: Activation, offset: number, size: number): bigint | undefined {
  if (!frame.growRange(offset, size) || !payWords(frame, size, HASH_WORD_GAS)) return undefined;
  return hashWord(activation.suite, frame, offset, size);
}

/** CALLDATACOPY, CODECOPY and EXTCODECOPY */
export function copyToMemory(frame: Frame, data: Uint8Array, offset: number, dataOffset: number, size: number): number {
  if (!frame.growRange(offset, size) || !payWords(frame, size, COPY_WORD_GAS)) return Halt.OUT_OF_GAS;
  frame.writePadded(offset, data, dataOffset, size);
  return Halt.RUNNING;
}

/** Reading beyond the return data ends the frame, even a read of no bytes (EIP-211). */
export function copyReturnData(frame: Frame, offset: number, dataOffset: number, size: number): number {
  const { returnData } = frame;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  if (dataOffset + size > returnData.length) return Halt.UNKNOWN;
  if (!payWords(frame, size, COPY_WORD_GAS)) return Halt.OUT_OF_GAS;
  frame.writePadded(offset, returnData, dataOffset, size);
  return Halt.RUNNING;
}

/** @param topicCount of the words on the stack, the first on top; they are popped */
export function emitLog(
  frame: Frame,
  activation: Activation,
  offset: number,
  size: number,
  topicCount: number,
): number {
  if (activation.message.isStatic) return Halt.UNKNOWN;
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  const cost = LOG_BYTE_GAS * size;
  if (cost > frame.gas) return Halt.OUT_OF_GAS;
  frame.gas -= cost;
  const topics: Uint8Array[] = [];
  for (let i = 0; i < topicCount; i++) topics.push(bytesOfWord(frame.stack[--frame.height]!));
  const log: Log = { address: activation.message.recipient, topics, data: frame.copyRange(offset, size) };
  activation.host.emitLog(log);
  return Halt.RUNNING;
}

/** RETURN and REVERT. */
export function finish(frame: Frame, status: number, offset: number, size: number): number {
  if (!frame.growRange(offset, size)) return Halt.OUT_OF_GAS;
  frame.output = frame.copyRange(offset, size);
  return status;
}

function payWords(frame: Frame, size: number, gasPerWord: number): boolean {
  const cost = gasPerWord * wordCount(size);
  if (cost > frame.gas) return false;
  frame.gas -= cost;
  return true;
}
