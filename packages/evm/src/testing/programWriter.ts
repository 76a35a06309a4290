import type { SeededRandom } from '@menglian/base/seededRandom';
import type { Address } from '@menglian/types/address';
import { INSTRUCTIONS, Opcode } from '../opcodes/table.js';
import { push } from './assembler.js';

/** Where programs may call and look. */
export interface Surroundings {
  readonly contracts: readonly Address[];
  readonly others: readonly Address[];
}

/** Words at the edges of what cores tell apart. */
export const EDGE_VALUES: readonly bigint[] = [
  0n,
  1n,
  2n,
  31n,
  32n,
  255n,
  256n,
  224n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 52n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 63n) - 1n,
  1n << 64n,
  (1n << 128n) + 12_345n,
  (1n << 160n) - 1n,
  1n << 255n,
  (1n << 255n) - 1n,
  (1n << 256n) - 32n,
  (1n << 256n) - 2n,
  (1n << 256n) - 1n,
];

const PLAIN: readonly number[] = [
  Opcode.ADD,
  Opcode.MUL,
  Opcode.SUB,
  Opcode.DIV,
  Opcode.SDIV,
  Opcode.MOD,
  Opcode.SMOD,
  Opcode.ADDMOD,
  Opcode.MULMOD,
  Opcode.EXP,
  Opcode.SIGNEXTEND,
  Opcode.LT,
  Opcode.GT,
  Opcode.SLT,
  Opcode.SGT,
  Opcode.EQ,
  Opcode.ISZERO,
  Opcode.AND,
  Opcode.OR,
  Opcode.XOR,
  Opcode.NOT,
  Opcode.BYTE,
  Opcode.SHL,
  Opcode.SHR,
  Opcode.SAR,
  Opcode.ADDRESS,
  Opcode.ORIGIN,
  Opcode.CALLER,
  Opcode.CALLVALUE,
  Opcode.CALLDATALOAD,
  Opcode.CALLDATASIZE,
  Opcode.CODESIZE,
  Opcode.GASPRICE,
  Opcode.RETURNDATASIZE,
  Opcode.BLOCKHASH,
  Opcode.COINBASE,
  Opcode.TIMESTAMP,
  Opcode.NUMBER,
  Opcode.DIFFICULTY,
  Opcode.GASLIMIT,
  Opcode.CHAINID,
  Opcode.SELFBALANCE,
  Opcode.POP,
  Opcode.PC,
  Opcode.MSIZE,
  Opcode.GAS,
];

const UNDEFINED_OPCODES = [Opcode.INVALID, 0x0c, 0x21, 0x48, 0x5f, 0xb0, 0xb5, 0xef];

/** Words of call data that programs look at. */
export const INPUT_WORDS = 6;

/** Writes one program step by step, and knows how high its stack is. */
export class ProgramWriter {
  readonly #random: SeededRandom;
  readonly #surroundings: Surroundings;
  readonly #initCode: () => Uint8Array;
  #code: number[] = [];
  #height = 0;
  /** where PUSH2 of a forward jump waits for its target */
  #openJumps: number[] = [];
  /** functions behind the program: where their callers' PUSH2 wait for each */
  readonly #functions: number[][] = [];
  readonly #targets: { readonly offset: number; readonly height: number }[] = [];
  /** init codes behind the program; where a PUSH2 waits for the offset of each */
  readonly #data: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  constructor(random: SeededRandom, surroundings: Surroundings, initCode: () => Uint8Array) {
    this.#random = random;
    this.#surroundings = surroundings;
    this.#initCode = initCode;
  }

  step(): void {
    const random = this.#random;
    const kind = random.below(100);
    if (kind < 36) this.#plain();
    else if (kind < 46) this.#value();
    else if (kind < 56) this.#shuffle();
    else if (kind < 64) this.#memory();
    else if (kind < 72) this.#state();
    else if (kind < 78) this.#copyOrHash();
    else if (kind < 81) this.#log();
    else if (kind < 89) this.#call();
    else if (kind < 91) this.#create();
    else if (kind < 95) this.#jump();
    else if (kind < 97) this.#callFunction();
    else if (kind < 98) this.#countedLoop();
    else if (kind < 99 || random.chance(60)) this.#plain();
    else if (random.chance(50)) this.#emit(random.pick(UNDEFINED_OPCODES));
    else this.end();
  }

  /** An instruction that ends the program, or nothing: the end of the code is one, too. */
  end(): void {
    const random = this.#random;
    switch (random.below(7)) {
      case 0:
        this.#operate(Opcode.STOP);
        break;
      case 1:
      case 2:
      case 3:
        this.#range();
        this.#operate(random.chance(70) ? Opcode.RETURN : Opcode.REVERT);
        break;
      case 4:
        this.#address();
        this.#operate(Opcode.SELFDESTRUCT);
        break;
      default:
        break;
    }
  }

  finish(): Uint8Array {
    this.#land();
    this.#operate(Opcode.STOP);
    for (const callers of this.#functions) this.#functionBody(callers);
    for (const { at, bytes } of this.#data) {
      this.#patch(at, this.#code.length);
      for (const byte of bytes) this.#code.push(byte);
    }
    return Uint8Array.from(this.#code);
  }

  #emit(...bytes: readonly number[]): void {
    this.#code.push(...bytes);
  }

  #push(value: bigint): void {
    const random = this.#random;
    this.#emit(...push(value));
    this.#height += 1;
    // PUSH of more bytes than needed must mean the same.
    if (random.chance(2)) this.#operate(Opcode.POP, Opcode.PUSH32, ...new Array<number>(31).fill(0), random.below(256));
  }

  /** An instruction with its arguments on the stack as far as this generator knows. */
  #operate(opcode: number, ...rest: readonly number[]): void {
    const { inputs, outputs } = INSTRUCTIONS[opcode]!;
    // Now and then without arguments: the stack may underflow.
    while (this.#height < inputs && !this.#random.chance(0.4)) this.#value();
    this.#emit(opcode);
    this.#height = Math.max(0, this.#height - inputs) + outputs;
    if (rest.length > 0) {
      this.#emit(...rest);
      this.#height += 1;
    }
  }

  #value(): void {
    const random = this.#random;
    const kind = random.below(20);
    if (kind < 6) this.#push(BigInt(random.below(300)));
    else if (kind < 9) this.#push(random.pick(EDGE_VALUES));
    else if (kind < 10)
      this.#push(
        BigInt(`0x${random.bytes(32).reduce((text, byte) => text + byte.toString(16), '1')}`) & EDGE_VALUES.at(-1)!,
      );
    else if (kind < 14 && this.#height > 0) this.#operate(Opcode.DUP1 + random.below(Math.min(16, this.#height)));
    else {
      this.#push(random.chance(80) ? BigInt(32 * random.below(INPUT_WORDS)) : BigInt(random.below(64)));
      this.#operate(Opcode.CALLDATALOAD);
    }
  }

  #plain(): void {
    this.#operate(this.#random.pick(PLAIN));
  }

  #shuffle(): void {
    const random = this.#random;
    const base = random.chance(50) ? Opcode.DUP1 : Opcode.SWAP1;
    const depth = Math.min(15, random.below(Math.max(1, this.#height)));
    this.#operate(base + (random.chance(2) ? 15 : depth));
  }

  /** A place in memory: mostly small, rarely absurd. */
  #offset(): void {
    const random = this.#random;
    if (random.chance(1)) this.#push(random.pick(EDGE_VALUES));
    else if (random.chance(3)) this.#push(BigInt(random.below(20_000)));
    else this.#push(BigInt(random.below(200)));
  }

  #size(): void {
    const random = this.#random;
    if (random.chance(1)) this.#push(random.pick(EDGE_VALUES));
    else if (random.chance(10)) this.#push(0n);
    else this.#push(BigInt(random.below(150)));
  }

  /** size, offset: as RETURN and others want them */
  #range(): void {
    this.#size();
    this.#offset();
  }

  #address(): void {
    const random = this.#random;
    const { contracts, others } = this.#surroundings;
    const address = random.chance(85) ? random.pick(contracts) : random.pick(others);
    const high = random.chance(3) ? 1n << 200n : 0n;
    this.#push(BigInt(`0x${address}`) | high);
  }

  #memory(): void {
    const random = this.#random;
    const opcode = random.pick([Opcode.MLOAD, Opcode.MSTORE, Opcode.MSTORE, Opcode.MSTORE8]);
    if (opcode !== Opcode.MLOAD) this.#value();
    this.#offset();
    this.#operate(opcode);
  }

  #state(): void {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 5) {
      if (random.chance(40)) this.#push(BigInt(random.below(3)));
      else this.#value();
      this.#push(BigInt(random.below(4)));
      this.#operate(Opcode.SSTORE);
    } else if (kind < 8) {
      this.#push(BigInt(random.below(4)));
      this.#operate(Opcode.SLOAD);
    } else {
      this.#address();
      this.#operate(random.pick([Opcode.BALANCE, Opcode.EXTCODESIZE, Opcode.EXTCODEHASH]));
    }
  }

  #copyOrHash(): void {
    const random = this.#random;
    const kind = random.below(5);
    if (kind === 0) {
      this.#range();
      this.#operate(Opcode.SHA3);
      return;
    }
    if (kind === 1 && !random.chance(2)) {
      // RETURNDATACOPY of what is there.
      this.#operate(Opcode.RETURNDATASIZE);
      this.#push(0n);
      this.#offset();
      this.#operate(Opcode.RETURNDATACOPY);
      return;
    }
    this.#size();
    this.#offset();
    this.#offset();
    if (kind === 1) this.#operate(Opcode.RETURNDATACOPY);
    else if (kind === 2) this.#operate(Opcode.CALLDATACOPY);
    else if (kind === 3) this.#operate(Opcode.CODECOPY);
    else {
      this.#address();
      this.#operate(Opcode.EXTCODECOPY);
    }
  }

  #log(): void {
    const topics = this.#random.below(5);
    for (let i = 0; i < topics; i++) this.#value();
    this.#range();
    this.#operate(Opcode.LOG0 + topics);
  }

  #call(): void {
    const random = this.#random;
    const opcode = random.pick([
      Opcode.CALL,
      Opcode.CALL,
      Opcode.CALLCODE,
      Opcode.DELEGATECALL,
      Opcode.STATICCALL,
      Opcode.STATICCALL,
    ]);
    this.#range();
    this.#range();
    if (opcode === Opcode.CALL || opcode === Opcode.CALLCODE) this.#push(random.chance(5) ? 1n : 0n);
    this.#address();
    if (random.chance(30)) this.#operate(Opcode.GAS);
    else this.#push(BigInt(random.below(60_000)));
    this.#operate(opcode);
  }

  #create(): void {
    const random = this.#random;
    const initCode = this.#initCode();
    const size = BigInt(initCode.length);
    const hasSalt = random.chance(50);
    this.#push(size);
    this.#data.push({ at: this.#code.length, bytes: initCode });
    this.#emit(Opcode.PUSH1 + 1, 0, 0);
    this.#height += 1;
    this.#push(0n);
    this.#operate(Opcode.CODECOPY);
    if (hasSalt) this.#push(BigInt(random.below(3)));
    this.#push(size);
    this.#push(0n);
    this.#push(random.chance(3) ? 1n : 0n);
    this.#operate(hasSalt ? Opcode.CREATE2 : Opcode.CREATE);
    if (!random.chance(50)) return;
    // Call what was made.
    for (let i = 0; i < 4; i++) this.#push(0n);
    this.#operate(Opcode.DUP1 + 4);
    this.#operate(Opcode.GAS);
    this.#operate(Opcode.STATICCALL);
  }

  #jump(): void {
    const random = this.#random;
    if (this.#openJumps.length > 0 && random.chance(50)) {
      this.#land();
      return;
    }
    const back = this.#targets.filter(({ height }) => height <= this.#height);
    if (back.length > 0 && random.chance(12)) {
      // A loop that goes round while some word is odd, or until the gas is gone.
      this.#value();
      this.#push(1n);
      this.#operate(Opcode.AND);
      this.#pushOffset(random.pick(back).offset);
      this.#operate(Opcode.JUMPI);
      return;
    }
    if (random.chance(2)) {
      this.#value();
      this.#operate(Opcode.JUMP);
      return;
    }
    const isConditional = random.chance(75);
    if (isConditional) {
      this.#value();
      if (random.chance(30)) this.#operate(Opcode.ISZERO);
    }
    this.#openJumps.push(this.#code.length);
    this.#pushOffset(0);
    if (random.chance(10)) this.#operate(Opcode.DUP1);
    if (random.chance(10)) this.#operate(Opcode.POP);
    this.#operate(isConditional ? Opcode.JUMPI : Opcode.JUMP);
  }

  /** A word handed to a function behind the program, which comes back with another: as compilers call their own. */
  #callFunction(): void {
    const random = this.#random;
    const isNew = this.#functions.length === 0 || random.chance(40);
    if (isNew) this.#functions.push([]);
    const callers = isNew ? this.#functions.at(-1)! : random.pick(this.#functions);
    const returnAt = this.#code.length;
    this.#pushOffset(0);
    this.#value();
    callers.push(this.#code.length);
    this.#pushOffset(0);
    this.#emit(Opcode.JUMP);
    this.#patch(returnAt, this.#code.length);
    this.#emit(Opcode.JUMPDEST);
    this.#height -= 2;
  }

  #functionBody(callers: readonly number[]): void {
    const random = this.#random;
    for (const at of callers) this.#patch(at, this.#code.length);
    this.#emit(Opcode.JUMPDEST);
    // The return address lies below what the steps know of.
    this.#height = 1;
    for (let i = random.below(5); i > 0; i--) {
      const kind = random.below(4);
      if (kind === 0) this.#shuffle();
      else if (kind === 1) this.#memory();
      else if (kind === 2) this.#state();
      else this.#plain();
    }
    while (this.#height > 1) this.#operate(Opcode.POP);
    if (this.#height === 0) this.#value();
    this.#emit(Opcode.SWAP1, Opcode.JUMP);
  }

  #countedLoop(): void {
    const random = this.#random;
    this.#push(random.chance(10) ? random.pick(EDGE_VALUES) : BigInt(1 + random.below(5)));
    const start = this.#code.length;
    this.#emit(Opcode.JUMPDEST);
    const height = this.#height;
    for (let i = random.below(4); i > 0; i--) this.#plain();
    while (this.#height > height) this.#operate(Opcode.POP);
    while (this.#height < height) this.#value();
    this.#push(1n);
    this.#emit(Opcode.SWAP1, Opcode.SUB, Opcode.DUP1);
    this.#pushOffset(start);
    this.#operate(Opcode.JUMPI);
  }

  #pushOffset(offset: number): void {
    this.#emit(Opcode.PUSH1 + 1, offset >> 8, offset & 0xff);
    this.#height += 1;
  }

  /** Here is where the open jumps go. */
  #land(): void {
    const offset = this.#code.length;
    this.#emit(Opcode.JUMPDEST);
    for (const at of this.#openJumps) this.#patch(at, offset);
    this.#openJumps = [];
    this.#targets.push({ offset, height: this.#height });
  }

  #patch(at: number, offset: number): void {
    this.#code[at + 1] = offset >> 8;
    this.#code[at + 2] = offset & 0xff;
  }
}
