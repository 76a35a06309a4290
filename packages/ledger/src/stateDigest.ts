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
  let at = putBytes(text, putBytes(text, 0, DOMAIN), parentDigest);
  at = putWord(text, at, changes.length);
  for (const { key, value } of changes) {
    at = putBytes(text, putWord(text, at, key.length), key);
    text[at++] = value === undefined ? DELETED : PRESENT;
    if (value !== undefined) at = putBytes(text, putWord(text, at, value.length), value);
  }
  return suite.hash(text);
}

/** @returns where the next thing goes */
function putWord(text: Uint8Array, at: number, value: number): number {
  text[at] = value >>> 24;
  text[at + 1] = value >>> 16;
  text[at + 2] = value >>> 8;
  text[at + 3] = value;
  return at + WORD_BYTES;
}

/** @returns where the next thing goes */
function putBytes(text: Uint8Array, at: number, bytes: Uint8Array): number {
  text.set(bytes, at);
  return at + bytes.length;
}

function textBytes(changes: readonly StateChange[]): number {
  let bytes = DOMAIN.length + HASH_BYTES + WORD_BYTES;
  for (const { key, value } of changes) {
    bytes += WORD_BYTES + key.length + 1;
    if (value !== undefined) bytes += WORD_BYTES + value.length;
  }
  return bytes;
}
