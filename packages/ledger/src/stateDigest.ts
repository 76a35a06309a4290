import { utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { checkSortedChanges, type StateChange } from './stateView.js';

/** Keeps these hashes apart from all others of the suite, and names the version of the rule. */
const DOMAIN = utf8Bytes('menglian/state/1');

const HASH_BYTES = 32;
const WORD_BYTES = 4;
const DELETED = 0;
const PRESENT = 1;

/** What the chain of digests starts from, below genesis. */
export const NO_STATE_DIGEST: Uint8Array = new Uint8Array(HASH_BYTES);

/**
 * State commitment, version 1 (docs/adr/0003-state-digest.md):
 * hash(domain ‖ parent ‖ count ‖ for each change: key length ‖ key ‖ 1 ‖ value length ‖ value, or … ‖ 0 if deleted),
 * numbers in 32 bits big-endian. A function of the ordered changes since genesis alone. A block without changes moves it
 * too, so that equal digests mean equal histories.
 * @param changes sorted by key, unique
 */
export function stateDigest(suite: CryptoSuite, parentDigest: Uint8Array, changes: readonly StateChange[]): Uint8Array {
  invariant(parentDigest.length === HASH_BYTES, 'ledger/parent-digest-length');
  checkSortedChanges(changes);
  const text = new Uint8Array(textBytes(changes));
  const view = new DataView(text.buffer);
  let offset = 0;
  const putWord = (value: number): void => {
    view.setUint32(offset, value);
    offset += WORD_BYTES;
  };
  const putBytes = (bytes: Uint8Array): void => {
    text.set(bytes, offset);
    offset += bytes.length;
  };
  putBytes(DOMAIN);
  putBytes(parentDigest);
  putWord(changes.length);
  for (const { key, value } of changes) {
    putWord(key.length);
    putBytes(key);
    text[offset++] = value === undefined ? DELETED : PRESENT;
    if (value === undefined) continue;
    putWord(value.length);
    putBytes(value);
  }
  return suite.hash(text);
}

function textBytes(changes: readonly StateChange[]): number {
  let bytes = DOMAIN.length + HASH_BYTES + WORD_BYTES;
  for (const { key, value } of changes) {
    bytes += WORD_BYTES + key.length + 1;
    if (value !== undefined) bytes += WORD_BYTES + value.length;
  }
  return bytes;
}
