/**
 * The 24 round constants of Keccak-f[1600], FIPS 202 section 3.2.5, as 64-bit little-endian words: what every
 * implementation has in its memory, and what no other function has a use for.
 */
export const KECCAK_TABLE: Uint8Array = roundConstants();

function roundConstants(): Uint8Array {
  const table = new Uint8Array(24 * 8);
  let register = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j <= 6; j++) {
      const bit = 2 ** j - 1;
      table[round * 8 + (bit >> 3)]! |= (register & 1) << (bit & 7);
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
  }
  return table;
}

/** @returns where the table is, or undefined if it is not there exactly once */
export function findKeccakTable(memory: Uint8Array): number | undefined {
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  const first = bytes.indexOf(KECCAK_TABLE);
  return first < 0 || bytes.indexOf(KECCAK_TABLE, first + 1) >= 0 ? undefined : first;
}
