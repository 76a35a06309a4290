import { failure, type Result, success } from '@menglian/base/result';
import { findKeccakTable } from './keccakTable.js';

/** What a hooked script calls: memory, then the address of the state. */
export const PERMUTATION_NAME = 'menglianPermutation';

const START = /\b(?:EMSCRIPTEN_START_ASM|(?:almost|use) asm)\b/;
const FIRST_ADDRESS = /\bGLOBAL_BASE\s*[=:]\s*(\d+)/;
/** Memory at the start: as one text since 0.4.26, as pieces before. */
const WHOLE_MEMORY = /\bmemoryInitializer\s*=\s*"data:application\/octet-stream;base64,([A-Za-z0-9+/=]+)"/;
const PIECE_OF_MEMORY = /\ballocate\(\[([\d,]+)\],"i8",ALLOC_NONE,Runtime\.GLOBAL_BASE(?:\+(\d+))?\)/g;
/** Far more than any of them has. */
const MEMORY_BYTES_MAX = 16 * 1024 * 1024;

/** Whether a compiler is JavaScript as those before 0.6.2 are, not WebAssembly. */
export function isScript(soljson: string): boolean {
  return START.test(soljson);
}

function initialMemory(soljson: string): Uint8Array {
  const whole = WHOLE_MEMORY.exec(soljson);
  if (whole !== null) return Buffer.from(whole[1]!, 'base64');
  const pieces = [...soljson.matchAll(PIECE_OF_MEMORY)].map(([, bytes, offset]) => ({
    bytes: bytes!.split(',').map(Number),
    offset: Number(offset ?? 0),
  }));
  const length = Math.max(0, ...pieces.map(({ bytes, offset }) => offset + bytes.length));
  const memory = new Uint8Array(Math.min(length, MEMORY_BYTES_MAX));
  for (const { bytes, offset } of pieces) if (offset + bytes.length <= memory.length) memory.set(bytes, offset);
  return memory;
}

/** Replaces the permutation of keccak-256 in a compiler that is JavaScript: the only function that takes words from its table. */
export function hookScript(soljson: string): Result<string> {
  const base = FIRST_ADDRESS.exec(soljson);
  const offset = findKeccakTable(initialMemory(soljson));
  if (base === null || offset === undefined) return failure('no table of keccak-256 in its data');
  // A table of words of 8 bytes at a fixed place. The number alone may well stand for other things.
  const uses = [...soljson.matchAll(new RegExp(`(?<![\\w$.+])${Number(base[1]) + offset}\\+\\([\\w$]+<<3\\)`, 'g'))];
  const [use] = uses;
  if (use === undefined || uses.length > 1) return failure('no single function reads the table of keccak-256');
  const start = soljson.lastIndexOf('function ', use.index);
  const end = soljson.indexOf('function ', use.index);
  const head = /^function [\w$]+\((\w+)\)\{/.exec(soljson.slice(start, start + 60));
  const tail = soljson.slice(start, end).lastIndexOf('}');
  if (head === null || end < 0) return failure('the function that reads the table of keccak-256 is unknown');
  const body = `${head[0]}${PERMUTATION_NAME}(HEAPU8,${head[1]})`;
  return success(soljson.slice(0, start) + body + soljson.slice(start + tail));
}
