/**
 * Receipts as blocks on disk keep them: without what the block's header says already (the state root is the same in all
 * of them) and with the bloom as the list of its bits. A transfer's receipt takes about 40 bytes instead of 360.
 */
import { equalBytes, fromBigIntMinimal, toBigInt, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { ADDRESS_BYTES, addressBytes, ZERO_ADDRESS } from '@menglian/types/address';
import { BLOOM_BYTES } from '@menglian/types/bloom';
import { MAX_BLOCK_BYTES, MAX_LOG_TOPICS, MAX_RECEIPT_LOGS } from '@menglian/types/limits';
import type { Log, Receipt } from '@menglian/types/receipt';

const HASH_BYTES = 32;

const Flag = { ownStateRoot: 1, hasContract: 2, wholeBloom: 4, hasRemainGas: 8 } as const;
const ALL_FLAGS = 15;

/** Above this many bits the 256 bytes are shorter than the list. */
const MAX_LISTED_BITS = 120;

/** @param stateRoot of the block's header */
export function writeReceipt(writer: BinaryWriter, receipt: Receipt, stateRoot: Uint8Array): void {
  invariant(receipt.logsBloom.length === BLOOM_BYTES, 'ledger/bloom-length');
  const bits = bloomBits(receipt.logsBloom);
  const ownStateRoot = !equalBytes(receipt.stateRoot, stateRoot);
  const hasContract = receipt.contractAddress !== ZERO_ADDRESS;
  const wholeBloom = bits.length > MAX_LISTED_BITS;
  writer.u8(
    (ownStateRoot ? Flag.ownStateRoot : 0) |
      (hasContract ? Flag.hasContract : 0) |
      (wholeBloom ? Flag.wholeBloom : 0) |
      (receipt.remainGas === 0n ? 0 : Flag.hasRemainGas),
  );
  writer.u32(receipt.status);
  writeInteger(writer, receipt.gasUsed);
  writer.blob(receipt.output);
  if (ownStateRoot) writer.bytes(receipt.stateRoot);
  if (hasContract) writer.bytes(addressBytes(receipt.contractAddress));
  if (receipt.remainGas !== 0n) writeInteger(writer, receipt.remainGas);
  if (wholeBloom) {
    writer.bytes(receipt.logsBloom);
  } else {
    writer.u8(bits.length);
    for (const bit of bits) writer.u16(bit);
  }
  writer.u32(receipt.logs.length);
  for (const log of receipt.logs) writeLog(writer, log);
}

/** Reads what `writeReceipt` wrote; anything else makes the reader fail. */
export function readReceipt(reader: BinaryReader, stateRoot: Uint8Array): Receipt {
  const flags = reader.u8();
  if (flags > ALL_FLAGS) reader.fail('BadValue');
  const status = reader.u32();
  const gasUsed = readInteger(reader);
  const output = reader.blob(MAX_BLOCK_BYTES);
  const ownStateRoot = (flags & Flag.ownStateRoot) === 0 ? stateRoot : reader.bytes(HASH_BYTES);
  const contractAddress = (flags & Flag.hasContract) === 0 ? ZERO_ADDRESS : toHex(reader.bytes(ADDRESS_BYTES));
  const remainGas = (flags & Flag.hasRemainGas) === 0 ? 0n : readInteger(reader);
  const logsBloom = (flags & Flag.wholeBloom) === 0 ? readListedBloom(reader) : reader.bytes(BLOOM_BYTES);
  const logs: Log[] = [];
  const logCount = reader.count(MAX_RECEIPT_LOGS, ADDRESS_BYTES + 5);
  for (let i = 0; i < logCount && reader.failed === undefined; i++) logs.push(readLog(reader));
  return { stateRoot: ownStateRoot, gasUsed, contractAddress, logsBloom, status, output, remainGas, logs };
}

function writeLog(writer: BinaryWriter, log: Log): void {
  invariant(log.topics.length <= MAX_LOG_TOPICS, 'ledger/log-topics');
  writer.bytes(addressBytes(log.address)).u8(log.topics.length);
  for (const topic of log.topics) {
    invariant(topic.length === HASH_BYTES, 'ledger/log-topic-length');
    writer.bytes(topic);
  }
  writer.blob(log.data);
}

function readLog(reader: BinaryReader): Log {
  const address = toHex(reader.bytes(ADDRESS_BYTES));
  const topicCount = reader.u8();
  if (topicCount > MAX_LOG_TOPICS) reader.fail('TooLong');
  const topics: Uint8Array[] = [];
  for (let i = 0; i < topicCount && reader.failed === undefined; i++) topics.push(reader.bytes(HASH_BYTES));
  return { address, topics, data: reader.blob(MAX_BLOCK_BYTES) };
}

/** Numbers of the bits that are set, ascending: bit b is bit b % 8 of byte b / 8. */
function bloomBits(bloom: Uint8Array): number[] {
  const bits: number[] = [];
  const view = new DataView(bloom.buffer, bloom.byteOffset, bloom.byteLength);
  for (let word = 0; word < BLOOM_BYTES; word += 4) {
    // Most receipts have no logs and no bits.
    if (view.getUint32(word) === 0) continue;
    for (let bit = 8 * word; bit < 8 * (word + 4); bit++) {
      if ((bloom[bit >>> 3]! & (1 << (bit & 7))) !== 0) bits.push(bit);
    }
  }
  return bits;
}

function readListedBloom(reader: BinaryReader): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  const count = reader.u8();
  if (count > MAX_LISTED_BITS) reader.fail('TooLong');
  let last = -1;
  for (let i = 0; i < count && reader.failed === undefined; i++) {
    const bit = reader.u16();
    if (bit <= last || bit >= 8 * BLOOM_BYTES) reader.fail('BadValue');
    else bloom[bit >>> 3]! |= 1 << (bit & 7);
    last = bit;
  }
  return bloom;
}

function writeInteger(writer: BinaryWriter, value: bigint): void {
  const bytes = fromBigIntMinimal(value);
  writer.u8(bytes.length).bytes(bytes);
}

function readInteger(reader: BinaryReader): bigint {
  const bytes = reader.bytes(reader.u8());
  if (bytes[0] === 0) reader.fail('BadValue');
  return toBigInt(bytes);
}
