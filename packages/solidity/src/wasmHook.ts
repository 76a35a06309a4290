import { concatBytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { findKeccakTable } from './keccakTable.js';
import { readWasm, SECTION, signedLeb, unsignedLeb, VALUE, type FunctionType, type WasmModule } from './wasmModule.js';

/** A compiler in WebAssembly whose permutation asks outside. */
export interface HookedWasm {
  readonly bytes: Uint8Array;
  /** An imported function that the permutation calls: it stands in for it as long as the word at `request` is not 0. */
  readonly importModule: string;
  readonly importField: string;
  /** where the address of the state is put, 4 bytes little-endian; whoever answers writes 0 there */
  readonly request: number;
  /** what that function has to return for it, by its type */
  readonly answer: number | bigint | undefined;
}

const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F32_CONST = 0x43;
const F64_CONST = 0x44;
const LOCAL_GET = 0x20;
const I32_STORE = 0x36;
const CALL = 0x10;
const DROP = 0x1a;
const END = 0x0b;

/**
 * Replaces the body of the permutation of keccak-256, which is found by the table that it alone reads. A new import would
 * renumber all functions, so it calls the first import there is, whichever that may be, after leaving word in memory.
 */
export function hookWasm(bytes: Uint8Array): Result<HookedWasm> {
  const read = readWasm(bytes);
  if (!read.ok) return read;
  const module = read.value;
  const position = findKeccakTable(bytes);
  const segment = module.data.find(
    ({ start, end }) => position !== undefined && start <= position && position + 192 <= end,
  );
  if (position === undefined || segment?.address === undefined) return failure('no table of keccak-256 in its data');
  const table = segment.address + position - segment.start;
  const permutation = findPermutation(bytes, module, table);
  if (permutation === undefined) return failure('no single function reads the table of keccak-256');
  const called = module.functionImports[0];
  if (called === undefined) return failure('it imports no function');
  const type = module.types[called.type]!;
  const body = hookBody(table, type);
  const hooked = replaceBody(bytes, module, permutation, body);
  // The table is not read any more. Its first word is the request: none yet.
  const moved = hooked.length - bytes.length;
  hooked.fill(0, position + moved, position + moved + 4);
  const [result] = type.results;
  const answer = result === undefined ? undefined : result === VALUE.i64 ? 0n : 0;
  return success({ bytes: hooked, importModule: called.module, importField: called.field, request: table, answer });
}

function findPermutation(bytes: Uint8Array, module: WasmModule, table: number): number | undefined {
  const pattern = concatBytes(Uint8Array.of(I32_CONST), signedLeb(table));
  const found = module.bodies.flatMap(({ start, end }, index) => {
    const { parameters, results } = module.types[module.functionTypes[index]!]!;
    const fits = results.length === 0 && parameters.length === 1 && parameters[0] === VALUE.i32;
    return fits && Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).indexOf(pattern) >= 0
      ? [index]
      : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** memory[request] = the state; the first import, with zeros for arguments; whatever it answers is dropped. */
function hookBody(request: number, { parameters, results }: FunctionType): Uint8Array {
  const ask = [I32_CONST, ...signedLeb(request), LOCAL_GET, 0, I32_STORE, 2, 0];
  const zeros = parameters.flatMap((type) => ZERO[type] ?? []);
  return Uint8Array.of(0, ...ask, ...zeros, CALL, 0, ...results.map(() => DROP), END);
}

const ZERO: Readonly<Record<number, readonly number[]>> = {
  [VALUE.i32]: [I32_CONST, 0],
  [VALUE.i64]: [I64_CONST, 0],
  [VALUE.f32]: [F32_CONST, 0, 0, 0, 0],
  [VALUE.f64]: [F64_CONST, 0, 0, 0, 0, 0, 0, 0, 0],
};

function replaceBody(bytes: Uint8Array, module: WasmModule, index: number, body: Uint8Array): Uint8Array {
  const { end, entry } = module.bodies[index]!;
  const code = module.code;
  const content = concatBytes(
    bytes.subarray(code.start, entry),
    unsignedLeb(body.length),
    body,
    bytes.subarray(end, code.end),
  );
  return concatBytes(
    bytes.subarray(0, code.header),
    Uint8Array.of(SECTION.code),
    unsignedLeb(content.length),
    content,
    bytes.subarray(code.end),
  );
}
