import { equalBytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { hashAll } from '@menglian/types/hashBatch';
import { encodeReceipt, type Receipt } from '@menglian/types/receipt';

/** Receipts compared with each receipt; a block of calls with many different outputs has nothing to gain. */
const KNOWN_MAX = 32;

/**
 * Hashes of the receipts of one block, which all have the same state root. Transfers and other calls without logs leave few
 * different receipts, often one: each of those is encoded and hashed once.
 */
export function receiptHashes(suite: CryptoSuite, receipts: readonly Receipt[]): Uint8Array[] {
  const known: { readonly receipt: Receipt; readonly place: number }[] = [];
  const texts: Uint8Array[] = [];
  const places = receipts.map((receipt) => {
    if (receipt.logs.length === 0) {
      for (const each of known) if (areEqual(each.receipt, receipt)) return each.place;
    }
    const place = texts.push(encodeReceipt(receipt)) - 1;
    if (receipt.logs.length === 0 && known.length < KNOWN_MAX) known.push({ receipt, place });
    return place;
  });
  const hashes = hashAll(suite, texts);
  return places.map((place) => hashes[place]!);
}

/** Of two receipts of the same block without logs. */
function areEqual(a: Receipt, b: Receipt): boolean {
  return (
    a.gasUsed === b.gasUsed &&
    a.status === b.status &&
    a.contractAddress === b.contractAddress &&
    a.remainGas === b.remainGas &&
    equalBytes(a.output, b.output)
  );
}
