import type { GasSchedule } from './gasSchedule.js';
import { INSTRUCTIONS, Opcode, isPush } from './opcodes/table.js';
import { Operation } from './opcodes/operation.js';
import { TRANSLATION_HEAT } from './translation/limits.js';
import type { Translation } from './translation/translate.js';

/** Basic blocks, or what of a block lies behind an instruction: base gas, and the instructions with scheduled prices. */
interface BlockCosts {
  readonly gas: number[];
  readonly sloads: number[];
  readonly creates: number[];
}

/** Prices of one schedule, by block and by index of remainder. */
export interface CodePrices {
  readonly schedule: GasSchedule;
  /** what is taken when a block is entered */
  readonly blocks: Float64Array;
  /** what of that was taken for the instructions behind one that looks at the gas left (GAS, calls, creations, SSTORE) */
  readonly remainders: Float64Array;
}

/** What the interpreter notes while it runs a code: it decides what is worth translating, never a result. */
export class CodeProfile {
  /** by block: 1 when it was entered */
  readonly seenBlocks: Uint8Array;
  /** blocks entered since the code was translated last: the work that a translation might have saved */
  heat = 0;
  /** heat at which it is translated, or translated again */
  nextHeat = TRANSLATION_HEAT;
  translation: Translation | undefined;
  /** how often the code was translated */
  translations = 0;

  constructor(blockCount: number) {
    this.seenBlocks = new Uint8Array(blockCount);
  }
}

/** Jump target of a byte that is no JUMPDEST. */
const NO_TARGET = -1;
const LARGEST_DIRECT_OFFSET = 0x7fff_ffffn;

/**
 * Code decoded once, to be run many times. Gas and stack are checked per basic block as in 2.x (docs/evm.md, "Basic
 * blocks"): a block begins at the start, at a JUMPDEST and behind JUMP, JUMPI, STOP, RETURN, REVERT and SELFDESTRUCT.
 * Undefined instructions do NOT end one, so what stands behind them is paid for and counts for the stack.
 */
export class AnalyzedCode {
  readonly bytes: Uint8Array;
  readonly operations: Uint8Array;
  readonly operands: Int32Array;
  readonly constants: readonly bigint[];
  /** by offset in the code: position in `operations`, or -1 */
  readonly jumpTargets: Int32Array;
  /** by block: items the stack must hold at its entry */
  readonly stackNeeds: Int32Array;
  /** by block: items it adds at most */
  readonly stackGrowths: Int32Array;
  readonly #blocks: BlockCosts;
  readonly #remainders: BlockCosts;
  #prices: CodePrices | undefined;
  readonly profile: CodeProfile;

  constructor(bytes: Uint8Array) {
    const decoder = new Decoder(bytes);
    decoder.decode();
    this.bytes = bytes;
    this.operations = decoder.operations.slice(0, decoder.length);
    this.operands = decoder.operands.slice(0, decoder.length);
    this.constants = decoder.constants;
    this.jumpTargets = decoder.jumpTargets;
    this.stackNeeds = Int32Array.from(decoder.stackNeeds);
    this.stackGrowths = Int32Array.from(decoder.stackGrowths);
    this.#blocks = decoder.blocks;
    this.#remainders = decoder.remainders;
    this.profile = new CodeProfile(decoder.stackNeeds.length);
  }

  /** Kept for the schedule asked last: a chain has one. */
  prices(schedule: GasSchedule): CodePrices {
    if (this.#prices?.schedule !== schedule) {
      this.#prices = {
        schedule,
        blocks: priced(this.#blocks, schedule),
        remainders: priced(this.#remainders, schedule),
      };
    }
    return this.#prices;
  }
}

/** Time and memory grow with the length of the code only: about 15 bytes for each of its bytes. */
export function analyze(bytes: Uint8Array): AnalyzedCode {
  return new AnalyzedCode(bytes);
}

function priced(costs: BlockCosts, schedule: GasSchedule): Float64Array {
  return Float64Array.from(
    costs.gas,
    (gas, i) => gas + costs.sloads[i]! * schedule.sload + costs.creates[i]! * schedule.create,
  );
}

class Decoder {
  readonly operations: Uint8Array;
  readonly operands: Int32Array;
  length = 0;
  readonly constants: bigint[] = [];
  readonly jumpTargets: Int32Array;
  readonly stackNeeds: number[] = [];
  readonly stackGrowths: number[] = [];
  readonly blocks: BlockCosts = { gas: [], sloads: [], creates: [] };
  readonly remainders: BlockCosts = { gas: [], sloads: [], creates: [] };
  readonly #bytes: Uint8Array;
  /** positions of jumps whose operand is still an offset in the code */
  readonly #jumps: number[] = [];

  // The block being decoded.
  #firstPosition = 0;
  #firstRemainder = 0;
  #gas = 0;
  #sloads = 0;
  #creates = 0;
  #stackNeed = 0;
  #stackChange = 0;
  #stackGrowth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const capacity = countOperations(bytes);
    this.operations = new Uint8Array(capacity);
    this.operands = new Int32Array(capacity);
    this.jumpTargets = new Int32Array(bytes.length).fill(NO_TARGET);
  }

  decode(): void {
    const bytes = this.#bytes;
    this.#openBlock();
    for (let offset = 0; offset < bytes.length;) {
      const opcode = bytes[offset]!;
      if (opcode === Opcode.JUMPDEST) {
        // Right behind the entry of a block it is that entry; elsewhere, behind another one too, it opens the next.
        if (this.#gas > 0 || this.length > this.#firstPosition + 1) this.#nextBlock();
        this.jumpTargets[offset] = this.#firstPosition;
      }
      this.#count(opcode);
      if (isPush(opcode)) {
        const size = opcode - Opcode.PUSH1 + 1;
        this.#emitConstant(readConstant(bytes, offset + 1, size));
        offset += 1 + size;
        continue;
      }
      this.#emitInstruction(opcode, offset);
      if (endsBlock(opcode)) this.#nextBlock();
      offset += 1;
    }
    this.#closeBlock();
    this.#emit(Opcode.STOP, 0);
    for (const position of this.#jumps) {
      const offset = this.operands[position]!;
      this.operands[position] = offset === NO_TARGET ? NO_TARGET : this.jumpTargets[offset]!;
    }
  }

  #emit(operation: number, operand: number): void {
    this.operations[this.length] = operation;
    this.operands[this.length] = operand;
    this.length += 1;
  }

  #emitConstant(value: bigint): void {
    this.#emit(Operation.PUSH, this.constants.length);
    this.constants.push(value);
  }

  #emitInstruction(opcode: number, offset: number): void {
    if (opcode === Opcode.JUMPDEST) return;
    if (this.#emitFused(opcode)) return;
    if (opcode >= Opcode.DUP1 && opcode <= Opcode.DUP16) this.#emit(Operation.DUP, opcode - Opcode.DUP1 + 1);
    else if (opcode >= Opcode.SWAP1 && opcode <= Opcode.SWAP16) this.#emit(Operation.SWAP, opcode - Opcode.SWAP1 + 2);
    else if (opcode >= Opcode.LOG0 && opcode <= Opcode.LOG4) this.#emit(Operation.LOG, opcode - Opcode.LOG0);
    else if (opcode === Opcode.PC) this.#emit(opcode, offset);
    else if (readsGas(opcode)) this.#emit(opcode, this.#markRemainder());
    else if (INSTRUCTIONS[opcode]!.name === 'UNDEFINED') this.#emit(Opcode.INVALID, 0);
    else this.#emit(opcode, 0);
  }

  /** Turns the PUSH just emitted and this instruction into one operation. @returns false when there is none for them */
  #emitFused(opcode: number): boolean {
    const push = this.length - 1;
    if (push === this.#firstPosition || this.operations[push] !== Operation.PUSH) return false;
    const value = this.constants[this.operands[push]!]!;
    switch (opcode) {
      case Opcode.JUMP:
      case Opcode.JUMPI: {
        this.#dropConstant();
        let operation: number = opcode === Opcode.JUMP ? Operation.PUSH_JUMP : Operation.PUSH_JUMPI;
        const before = this.length - 1;
        if (opcode === Opcode.JUMPI && before > this.#firstPosition && this.operations[before] === Opcode.ISZERO) {
          this.length -= 1;
          operation = Operation.ISZERO_PUSH_JUMPI;
        }
        this.#jumps.push(this.length);
        this.#emit(operation, value < BigInt(this.#bytes.length) ? Number(value) : NO_TARGET);
        return true;
      }
      case Opcode.MLOAD:
      case Opcode.MSTORE:
        if (value > LARGEST_DIRECT_OFFSET) return false;
        this.#dropConstant();
        this.#emit(opcode === Opcode.MLOAD ? Operation.PUSH_MLOAD : Operation.PUSH_MSTORE, Number(value));
        return true;
      case Opcode.ADD:
        this.operations[push] = Operation.PUSH_ADD;
        return true;
      case Opcode.AND:
        this.operations[push] = Operation.PUSH_AND;
        return true;
      default:
        return false;
    }
  }

  #dropConstant(): void {
    this.length -= 1;
    this.constants.pop();
  }

  #count(opcode: number): void {
    const { gas, inputs, outputs } = INSTRUCTIONS[opcode]!;
    this.#stackNeed = Math.max(this.#stackNeed, inputs - this.#stackChange);
    this.#stackChange += outputs - inputs;
    this.#stackGrowth = Math.max(this.#stackGrowth, this.#stackChange);
    this.#gas += gas;
    if (opcode === Opcode.SLOAD) this.#sloads += 1;
    else if (opcode === Opcode.CREATE || opcode === Opcode.CREATE2) this.#creates += 1;
  }

  /** Notes what the block has cost so far; its end turns that into what was paid for the rest. */
  #markRemainder(): number {
    const { gas, sloads, creates } = this.remainders;
    gas.push(this.#gas);
    sloads.push(this.#sloads);
    creates.push(this.#creates);
    return gas.length - 1;
  }

  #openBlock(): void {
    this.#firstPosition = this.length;
    this.#firstRemainder = this.remainders.gas.length;
    this.#gas = this.#sloads = this.#creates = 0;
    this.#stackNeed = this.#stackChange = this.#stackGrowth = 0;
    this.#emit(Operation.ENTER_BLOCK, this.stackNeeds.length);
  }

  #closeBlock(): void {
    this.stackNeeds.push(this.#stackNeed);
    this.stackGrowths.push(this.#stackGrowth);
    this.blocks.gas.push(this.#gas);
    this.blocks.sloads.push(this.#sloads);
    this.blocks.creates.push(this.#creates);
    const { gas, sloads, creates } = this.remainders;
    for (let i = this.#firstRemainder; i < gas.length; i++) {
      gas[i] = this.#gas - gas[i]!;
      sloads[i] = this.#sloads - sloads[i]!;
      creates[i] = this.#creates - creates[i]!;
    }
  }

  #nextBlock(): void {
    this.#closeBlock();
    this.#openBlock();
  }
}

/** An upper bound: fusing makes fewer. */
function countOperations(bytes: Uint8Array): number {
  let count = 2;
  for (let offset = 0; offset < bytes.length; offset++) {
    const opcode = bytes[offset]!;
    count += 1;
    if (isPush(opcode)) offset += opcode - Opcode.PUSH1 + 1;
    else if (endsBlock(opcode)) count += 1;
  }
  return count;
}

/** Bytes missing at the end of the code are zeros. */
function readConstant(bytes: Uint8Array, start: number, size: number): bigint {
  if (size <= 6) {
    let value = 0;
    for (let i = start; i < start + size; i++) value = value * 256 + (bytes[i] ?? 0);
    return BigInt(value);
  }
  let value = 0n;
  for (let i = start; i < start + size; i += 4) {
    const count = Math.min(4, start + size - i);
    let part = 0;
    for (let j = i; j < i + count; j++) part = part * 256 + (bytes[j] ?? 0);
    value = (value << BigInt(8 * count)) | BigInt(part);
  }
  return value;
}

function endsBlock(opcode: number): boolean {
  switch (opcode) {
    case Opcode.STOP:
    case Opcode.JUMP:
    case Opcode.JUMPI:
    case Opcode.RETURN:
    case Opcode.REVERT:
    case Opcode.SELFDESTRUCT:
      return true;
    default:
      return false;
  }
}

/** Instructions that act on the exact gas left, though their whole block was paid for. */
function readsGas(opcode: number): boolean {
  switch (opcode) {
    case Opcode.GAS:
    case Opcode.SSTORE:
    case Opcode.CREATE:
    case Opcode.CREATE2:
    case Opcode.CALL:
    case Opcode.CALLCODE:
    case Opcode.DELEGATECALL:
    case Opcode.STATICCALL:
      return true;
    default:
      return false;
  }
}
