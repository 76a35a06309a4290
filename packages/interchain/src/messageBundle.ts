/** What a relayer hands over: one header with proof, and receipts of its block that hold messages. */
import { failure, type Result } from '@menglian/base/result';
import { encodeRlpList } from '@menglian/codec/rlp';
import { decodeRlpRecord, type RlpReason } from '@menglian/codec/rlpCursor';
import { encodeHeaderProof, type HeaderProof, readHeaderProof } from './headerProof.js';
import { BUNDLE_RECEIPTS_MAX, MESSAGE_BUNDLE_BYTES_MAX } from './limits.js';
import { encodeReceiptProof, readReceiptProof, type ReceiptProof } from './receiptProof.js';

export interface MessageBundle {
  readonly header: HeaderProof;
  /** In the order of their transactions. */
  readonly receipts: readonly ReceiptProof[];
}

export function encodeMessageBundle({ header, receipts }: MessageBundle): Uint8Array {
  return encodeRlpList(encodeHeaderProof(header), encodeRlpList(...receipts.map(encodeReceiptProof)));
}

/** @param bytes kept as views by the result */
export function decodeMessageBundle(bytes: Uint8Array): Result<MessageBundle, RlpReason | 'TooLarge'> {
  if (bytes.length > MESSAGE_BUNDLE_BYTES_MAX) return failure('TooLarge');
  return decodeRlpRecord(bytes, (items) => {
    const header = items.record(readHeaderProof);
    const receipts: ReceiptProof[] = [];
    items.list(BUNDLE_RECEIPTS_MAX, (list) => receipts.push(list.record(readReceiptProof)));
    return { header, receipts };
  });
}
