import { failure, type Result, success } from '@menglian/base/result';

/** The parts of a WebAssembly module (core specification, chapter 5) that the hook needs: where functions and data are. */
export interface WasmModule {
  readonly types: readonly FunctionType[];
  readonly functionImports: readonly FunctionImport[];
  /** index into `types` of each function that is no import */
  readonly functionTypes: readonly number[];
  readonly bodies: readonly Body[];
  readonly code: { readonly header: number; readonly start: number; readonly end: number };
  readonly data: readonly DataSegment[];
}

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

interface FunctionImport {
  readonly module: string;
  readonly field: string;
  readonly type: number;
}

/** `entry` is where its length stands, `start` where its locals begin. */
interface Body {
  readonly entry: number;
  readonly start: number;
  readonly end: number;
}

interface DataSegment {
  /** undefined: put there by instructions, or at a place that is not constant */
  readonly address: number | undefined;
  readonly start: number;
  readonly end: number;
}

export const SECTION = { type: 1, import: 2, function: 3, code: 10, data: 11 } as const;
export const VALUE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const FUNCTION_TYPE = 0x60;
const IMPORT = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;
const PASSIVE = 1;
const EXPLICIT_MEMORY = 2;
const I32_CONST = 0x41;

/** @returns why not, if the bytes are no such module */
export function readWasm(bytes: Uint8Array): Result<WasmModule> {
  if (!HEADER.every((byte, index) => bytes[index] === byte)) return failure('its machine code is no WebAssembly');
  try {
    return success(new Reader(bytes).module());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return failure(`its WebAssembly cannot be read: ${error.message}`);
  }
}

class Reader {
  #at = HEADER.length;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  module(): WasmModule {
    const types: FunctionType[] = [];
    const functionImports: FunctionImport[] = [];
    const functionTypes: number[] = [];
    const bodies: Body[] = [];
    const data: DataSegment[] = [];
    let code = { header: 0, start: 0, end: 0 };
    while (this.#at < this.#bytes.length) {
      const header = this.#at;
      const section = this.#byte();
      const length = this.#number();
      const start = this.#at;
      const end = start + length;
      if (end > this.#bytes.length) throw new RangeError('a section is cut off');
      if (section === SECTION.type) this.#each(() => types.push(this.#type()));
      if (section === SECTION.import) this.#each(() => this.#import(functionImports));
      if (section === SECTION.function) this.#each(() => functionTypes.push(this.#number()));
      if (section === SECTION.code) {
        code = { header, start, end };
        this.#each(() => bodies.push(this.#body()));
      }
      if (section === SECTION.data) this.#each(() => data.push(this.#data()));
      this.#at = end;
    }
    if (bodies.length !== functionTypes.length) throw new RangeError('functions and their types differ in number');
    const used = [...functionTypes, ...functionImports.map(({ type }) => type)];
    if (used.some((type) => type >= types.length)) throw new RangeError('a function of an unknown type');
    return { types, functionImports, functionTypes, bodies, code, data };
  }

  #each(readItem: () => void): void {
    for (let left = this.#number(); left > 0; left--) readItem();
  }

  #type(): FunctionType {
    if (this.#byte() !== FUNCTION_TYPE) throw new RangeError('a type is no function');
    const parameters = [...this.#take(this.#number())];
    return { parameters, results: [...this.#take(this.#number())] };
  }

  #import(functions: FunctionImport[]): void {
    const module = this.#name();
    const field = this.#name();
    const kind = this.#byte();
    if (kind === IMPORT.function) functions.push({ module, field, type: this.#number() });
    else if (kind === IMPORT.table) {
      this.#byte();
      this.#limits();
    } else if (kind === IMPORT.memory) this.#limits();
    else if (kind === IMPORT.global) this.#take(2);
    else if (kind === IMPORT.tag) {
      this.#byte();
      this.#number();
    } else throw new RangeError('an import of an unknown kind');
  }

  #limits(): void {
    const hasMaximum = (this.#byte() & 1) === 1;
    this.#number();
    if (hasMaximum) this.#number();
  }

  #body(): Body {
    const entry = this.#at;
    const length = this.#number();
    const start = this.#at;
    this.#take(length);
    return { entry, start, end: this.#at };
  }

  #data(): DataSegment {
    const kind = this.#number();
    if (kind === EXPLICIT_MEMORY) this.#number();
    let address: number | undefined;
    if (kind !== PASSIVE) {
      const isConstant = this.#byte() === I32_CONST;
      const value = this.#number();
      if (isConstant) address = value;
      this.#byte();
    }
    const length = this.#number();
    const start = this.#at;
    this.#take(length);
    return { address, start, end: this.#at };
  }

  #name(): string {
    return Buffer.from(this.#take(this.#number())).toString('utf8');
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('it is cut off');
    return this.#bytes.subarray(start, this.#at);
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  /** LEB128. Addresses are read by the same rule: the bits above 31 of a negative one do not matter here. */
  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number is too long');
  }
}

export function unsignedLeb(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.of(...bytes, rest);
}

/** @param value below 2^31 */
export function signedLeb(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.of(...bytes, rest);
}
