import type { NodeId } from '@menglian/types/address';
import { parseInt64 } from './framework/text.js';
import {
  CONFIG_TABLE,
  CONSENSUS_KEY,
  CONSENSUS_TABLE,
  ROTATION_KEY,
  ROTATION_TABLE,
  VRF_KEYS_TABLE,
} from './tables/systemTables.js';

/** Rows of a table and key: the contract reads them through its host, a node in the state after a block. */
export type RowReader = (
  table: string,
  key: string,
) => readonly { readonly id: number; readonly fields: ReadonlyMap<string, string> }[];

/** What rotation is decided by. */
export interface RotationState {
  /** Node ids of each type, ascending. */
  readonly working: readonly NodeId[];
  readonly waiting: readonly NodeId[];
  /** How many shall work: `rpbft_epoch_sealer_num`, or all when there are fewer. */
  readonly committeeSize: number;
  /** Rotations made so far. */
  readonly epoch: number;
  /** What the last of them left behind: 64 hexadecimal digits. */
  readonly randomness: string;
  /** Whether the next block must begin with a rotation. */
  readonly isDue: boolean;
}

interface Setting {
  readonly value: number;
  readonly enabledAt: number;
}

/**
 * @param parentNumber the block whose state is read, or within which it is read: the contract runs in its child
 * @returns undefined in a group that does not rotate
 */
export function readRotationState(read: RowReader, parentNumber: number): RotationState | undefined {
  const row = read(ROTATION_TABLE, ROTATION_KEY)[0]?.fields;
  if (row === undefined) return undefined;
  const members = read(CONSENSUS_TABLE, CONSENSUS_KEY);
  const ofType = (type: string) =>
    members
      .filter(({ fields }) => fields.get('type') === type)
      .map(({ fields }) => fields.get('node_id') ?? '')
      .toSorted();
  const working = ofType('wSealer');
  const waiting = ofType('sealer');
  const size = readSetting(read, 'rpbft_epoch_sealer_num');
  const committeeSize = Math.min(size.value, working.length + waiting.length);
  const rotatedAt = Number(row.get('enable_num'));
  const isDue =
    rotatedAt <= parentNumber &&
    (readSetting(read, 'notify_rotate').value === 1 ||
      working.length < committeeSize ||
      wasChanged(size, rotatedAt, parentNumber) ||
      hasEnded(readSetting(read, 'rpbft_epoch_block_num'), rotatedAt, parentNumber));
  const randomness = row.get('randomness') ?? '';
  return { working, waiting, committeeSize, epoch: Number(row.get('epoch')), randomness, isDue };
}

/** Who may begin a block with a rotation: those that vote. */
export function votersOf({ working, waiting }: RotationState): readonly NodeId[] {
  return working.length > 0 ? working : waiting;
}

/** The key with which this node must rotate now: registered before the current epoch began. */
export function vrfKeyInForce(read: RowReader, state: RotationState, nodeId: NodeId): string | undefined {
  const row = read(VRF_KEYS_TABLE, nodeId)[0]?.fields;
  return row !== undefined && Number(row.get('epoch')) < state.epoch ? row.get('public_key') : undefined;
}

export function hasVrfKey(read: RowReader, nodeId: NodeId): boolean {
  return read(VRF_KEYS_TABLE, nodeId).length > 0;
}

/** The number of working sealers was changed since the last rotation, or in the block of it. */
function wasChanged({ enabledAt }: Setting, rotatedAt: number, parentNumber: number): boolean {
  return enabledAt >= rotatedAt && enabledAt <= parentNumber;
}

/**
 * Whether the last end of an epoch still wants its rotation. 2.x asks about the parent alone, and loses a rotation that
 * failed; here it stays due until one succeeds.
 */
function hasEnded({ value, enabledAt }: Setting, rotatedAt: number, parentNumber: number): boolean {
  if (enabledAt > parentNumber) return false;
  const lastEnd = parentNumber - ((parentNumber - enabledAt) % value);
  return lastEnd >= rotatedAt;
}

/** Values are checked when they are set, and the genesis sets them all: one that is absent was never of this group. */
function readSetting(read: RowReader, key: string): Setting {
  const fields = read(CONFIG_TABLE, key)[0]?.fields;
  const value = Number(parseInt64(fields?.get('value') ?? '') ?? 1n);
  return { value, enabledAt: Number(fields?.get('enable_num') ?? 0) };
}
