import { ENCODED_CHARACTERS } from './limits.js';
import type { Turns } from './turns.js';

/**
 * Texts one after another as UTF-8, in chunks: a long answer must not hold up the clients who wait for short ones.
 * @param texts one that is longer than a chunk makes a chunk of its own
 */
export async function encodeTexts(texts: readonly string[], turns: Turns): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let begin = 0;
  let characters = 0;
  for (const [index, text] of texts.entries()) {
    characters += text.length;
    if (characters < ENCODED_CHARACTERS && index < texts.length - 1) continue;
    if (chunks.length > 0) await turns.nextPiece();
    chunks.push(Buffer.from(texts.slice(begin, index + 1).join(''), 'utf8'));
    begin = index + 1;
    characters = 0;
  }
  return chunks;
}
