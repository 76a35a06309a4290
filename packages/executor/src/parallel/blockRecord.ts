import { fromBigIntMinimal, toBigInt, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { ADDRESS_BYTES, addressBytes } from '@menglian/types/address';
import type { BlockInput, ExecutionSettings } from '../ports.js';
import type { Request } from '../transaction/executeTransaction.js';

/** What a worker knows of a block beside its transactions. */
export interface BlockFrame {
  readonly header: { readonly number: number; readonly timestampMs: number };
  readonly settings: ExecutionSettings;
}

/** Bytes before the transactions' places. */
const FRAME_BYTES = 8 + 8 + 1 + 1 + 32;
const PLACE_BYTES = 4;

/** A block as workers read it: the frame, where each transaction begins, the transactions. Same program on both sides. */
export function encodeBlock({ header, settings, transactions }: BlockInput): Uint8Array {
  const places = new DataView(new ArrayBuffer(PLACE_BYTES * transactions.length));
  const start = FRAME_BYTES + places.byteLength;
  const bodies = new BinaryWriter(512 * transactions.length + 16);
  for (const [i, { sender, to, value, data, gasPrice, gas }] of transactions.entries()) {
    places.setUint32(PLACE_BYTES * i, start + bodies.length);
    bodies.bytes(addressBytes(sender)).bool(to !== undefined);
    if (to !== undefined) bodies.bytes(addressBytes(to));
    for (const number of [value, gasPrice, gas]) bodies.blob(fromBigIntMinimal(number));
    bodies.blob(data);
  }
  const frame = new BinaryWriter(start + bodies.length);
  frame.u64(header.number).u64(header.timestampMs).bool(settings.freeStorage).bool(settings.chargeGas);
  frame.bigint256(BigInt.asUintN(256, settings.gasLimit));
  return frame.bytes(new Uint8Array(places.buffer)).bytes(bodies.finish()).finish();
}

export function decodeFrame(bytes: Uint8Array): BlockFrame {
  const reader = new BinaryReader(bytes.slice(0, FRAME_BYTES));
  const header = { number: reader.u64(), timestampMs: reader.u64() };
  const freeStorage = reader.bool();
  const chargeGas = reader.bool();
  const gasLimit = BigInt.asIntN(256, reader.bigint256());
  invariant(reader.failed === undefined, 'executor/block-frame');
  return { header, settings: { gasLimit, freeStorage, chargeGas } };
}

/** @param bytes of the whole block */
export function decodeRequest(bytes: Uint8Array, index: number): Request {
  const place = FRAME_BYTES + PLACE_BYTES * index;
  const [a, b, c, d] = bytes.subarray(place, place + PLACE_BYTES);
  const reader = new BinaryReader(bytes.subarray(((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0));
  const integer = () => toBigInt(reader.bytes(reader.u32()));
  const from = toHex(reader.bytes(ADDRESS_BYTES));
  const to = reader.bool() ? toHex(reader.bytes(ADDRESS_BYTES)) : undefined;
  const value = integer();
  const gasPrice = integer();
  const gas = integer();
  const data = reader.bytes(reader.u32()).slice();
  invariant(reader.failed === undefined, 'executor/block-transaction');
  return { from, to, value, gasPrice, gas, data };
}
