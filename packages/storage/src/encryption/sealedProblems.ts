import { toHex } from '@menglian/base/bytes';
import { keyIdOf } from './sealedValue.js';
import type { SealedProblem } from './valueSealer.js';

/** Characters of a database key that a sentence shows. */
const KEY_CHARACTERS_MAX = 80;

const RESTORE = 'restore the folder from a copy, or move it away and let the node fetch the chain again';

/** A sentence for the operator. @param place the store, or its folder */
export function describeSealedProblem(
  problem: SealedProblem,
  databaseKey: Uint8Array,
  stored: Uint8Array,
  place: string,
): string {
  const what = `${place}: the value at key ${describeKey(databaseKey)}`;
  switch (problem) {
    case 'plain':
      return `${what} is not encrypted, as all others are: somebody wrote it without the key; ${RESTORE}`;
    case 'unknown-key':
      return `${what} needs the data key ${keyIdOf(stored)}, which is not in the keyring; restore the keyring of this node that holds it`;
    case 'changed':
      return `${what} is not what was written there: it was changed, moved, or the disk is damaged; ${RESTORE}`;
  }
}

/** Printable characters as they are, the rest as %XX, as in URLs; a long key is cut. */
function describeKey(databaseKey: Uint8Array): string {
  let text = '';
  for (const byte of databaseKey) {
    if (text.length >= KEY_CHARACTERS_MAX) return `${text}…`;
    const isPrintable = byte > 0x20 && byte < 0x7f && byte !== 0x25;
    text += isPrintable ? String.fromCharCode(byte) : `%${toHex(Uint8Array.of(byte))}`;
  }
  return text;
}
