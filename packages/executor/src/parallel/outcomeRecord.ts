import { fromBigIntMinimal, fromByteString, toBigInt, toByteString, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { addressBytes } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import type { Execution } from '../transaction/executeTransaction.js';
import type { Read } from './sharedStateView.js';

/** What a transaction did to one key, for the coordinator to do again. */
export interface Write {
  readonly index: number;
  /** false: it was written and undone */
  readonly isKept: boolean;
  readonly value: Uint8Array | undefined;
}

/** What a transaction did to a number of which it knows only that it is in a range. */
export interface Sum {
  readonly index: number;
  readonly field: string;
  /** The numbers with which it would do the same, both included. */
  readonly low: bigint;
  readonly high: bigint;
  /** Bytes of the row beside the number's. */
  readonly otherBytes: number;
  /** What it added in the end; undefined where it wrote nothing. */
  readonly added: bigint | undefined;
}

/** What a worker found when it ran a transaction. */
export interface Outcome {
  readonly execution: Execution;
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
  /** Of keys that are in neither. */
  readonly sums: readonly Sum[];
  /** Added code, that of failed frames included. */
  readonly codes: readonly Uint8Array[];
  readonly micros: number;
}

const Written = { undone: 0, absent: 1, present: 2 } as const;
const NO_LIMIT = 0xffff_ffff;

/** For the same program on another thread: no version, and what does not decode is a broken invariant. */
export function encodeOutcome({ execution, reads, writes, sums, codes, micros }: Outcome): Uint8Array {
  const writer = new BinaryWriter(512);
  const { status, gasUsed, contractAddress, output, logs, remainGas } = execution;
  writer.u32(micros).u32(status).blob(fromBigIntMinimal(gasUsed)).blob(fromBigIntMinimal(remainGas));
  writer.bytes(addressBytes(contractAddress)).blob(output).u32(logs.length);
  for (const { address, topics, data } of logs) {
    writer.bytes(addressBytes(address)).u8(topics.length);
    for (const topic of topics) writer.bytes(topic);
    writer.blob(data);
  }
  writer.u32(reads.length);
  for (const { index, record } of reads) writer.u32(index).u32(record);
  writer.u32(writes.length);
  for (const { index, isKept, value } of writes) {
    const how = !isKept ? Written.undone : value === undefined ? Written.absent : Written.present;
    writer.u32(index).u8(how);
    if (how === Written.present) writer.blob(value!);
  }
  writer.u32(sums.length);
  for (const { index, field, low, high, otherBytes, added } of sums) {
    writer.u32(index).blob(fromByteString(field)).bigint256(low).bigint256(high).u32(otherBytes);
    writer.bool(added !== undefined);
    if (added !== undefined) writer.bool(added < 0n).bigint256(added < 0n ? -added : added);
  }
  writer.u32(codes.length);
  for (const code of codes) writer.blob(code);
  return writer.finish();
}

/** @param bytes the outcome begins at the first of them. The result is a copy: workers write there again. */
export function decodeOutcome(bytes: Uint8Array): Outcome {
  const reader = new BinaryReader(bytes);
  const blob = () => reader.bytes(reader.u32()).slice();
  const micros = reader.u32();
  const status = reader.u32();
  const gasUsed = toBigInt(blob());
  const remainGas = toBigInt(blob());
  const contractAddress = toHex(reader.bytes(20));
  const output = blob();
  const logs: Log[] = [];
  for (let i = reader.count(NO_LIMIT, 25); i > 0; i--) {
    const address = toHex(reader.bytes(20));
    const topics: Uint8Array[] = [];
    for (let j = reader.u8(); j > 0; j--) topics.push(reader.bytes(32).slice());
    logs.push({ address, topics, data: blob() });
  }
  const reads: Read[] = [];
  for (let i = reader.count(NO_LIMIT, 8); i > 0; i--) reads.push({ index: reader.u32(), record: reader.u32() });
  const writes: Write[] = [];
  for (let i = reader.count(NO_LIMIT, 5); i > 0; i--) {
    const index = reader.u32();
    const how = reader.u8();
    writes.push({ index, isKept: how !== Written.undone, value: how === Written.present ? blob() : undefined });
  }
  const sums: Sum[] = [];
  for (let i = reader.count(NO_LIMIT, 77); i > 0; i--) {
    const index = reader.u32();
    const field = toByteString(reader.bytes(reader.u32()));
    const low = reader.bigint256();
    const high = reader.bigint256();
    const otherBytes = reader.u32();
    const added = reader.bool() ? (reader.bool() ? -1n : 1n) * reader.bigint256() : undefined;
    sums.push({ index, field, low, high, otherBytes, added });
  }
  const codes: Uint8Array[] = [];
  for (let i = reader.count(NO_LIMIT, 4); i > 0; i--) codes.push(blob());
  invariant(reader.failed === undefined, 'executor/outcome');
  const execution = { status, gasUsed, contractAddress, output, logs, remainGas };
  return { execution, reads, writes, sums, codes, micros };
}
