import { equalBytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Receipt, receiptHash } from '@menglian/types/receipt';

/** Receipts compared with each receipt; a block of calls with many different outputs has nothing to gain. */
const KNOWN_MAX = 32;

/**
 * Hashes of the receipts of one block, which all have the same state root. Transfers and other calls without logs leave few
 * different receipts, often one: each of those is encoded and hashed once.
 */
export function receiptHashes(suite: CryptoSuite, receipts: readonly Receipt[]): Uint8Array[] {
  const known: { readonly receipt: Receipt; readonly hash: Uint8Array }[] = [];
  return receipts.map((receipt) => {
    if (receipt.logs.length > 0) return receiptHash(suite, receipt);
    for (const each of known) if (areEqual(each.receipt, receipt)) return each.hash;
    const hash = receiptHash(suite, receipt);
    if (known.length < KNOWN_MAX) known.push({ receipt, hash });
    return hash;
  });
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
