import type { Activation } from '../activation.js';
import type { Frame } from '../frame.js';
import { SSTORE_CLEAR_REFUND, SSTORE_SENTRY } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { BLOCK_HASH_WINDOW } from '../limits.js';
import { addressOfWord, wordOfHash } from '../words.js';

/** Instructions that ask or change the state. */

/** The price follows the value there now, not the one before the transaction: no net metering. */
export function store(frame: Frame, activation: Activation, slot: bigint, value: bigint, paidAhead: number): number {
  const { message, host, schedule } = activation;
  if (message.isStatic) return Halt.UNKNOWN;
  if (frame.gas + paidAhead <= SSTORE_SENTRY) return Halt.OUT_OF_GAS;
  const present = host.storage(message.recipient, slot);
  if (!host.setStorage(message.recipient, slot, value)) return Halt.PERMISSION_DENIED;
  let cost = schedule.sstoreReset;
  if (present === value) cost = schedule.sstoreUnchanged;
  else if (present === 0n) cost = schedule.sstoreSet;
  else if (value === 0n) host.addRefund(SSTORE_CLEAR_REFUND);
  if (cost > frame.gas) return Halt.OUT_OF_GAS;
  frame.gas -= cost;
  return Halt.RUNNING;
}

/** No balance moves, so the beneficiary is not even read. */
export function selfDestruct(activation: Activation): number {
  if (activation.message.isStatic) return Halt.UNKNOWN;
  activation.host.selfDestruct(activation.message.recipient);
  return Halt.SUCCESS;
}

export function externalCodeHash(activation: Activation, address: bigint): bigint {
  const hash = activation.host.codeHash(addressOfWord(address));
  return hash === undefined ? 0n : wordOfHash(hash);
}

export function blockHash(activation: Activation, number: bigint): bigint {
  const current = BigInt(activation.context.blockNumber);
  const isKnown = number < current && number + BigInt(BLOCK_HASH_WINDOW) >= current;
  return isKnown ? activation.host.blockHash(number) : 0n;
}
