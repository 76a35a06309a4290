import type { AnalyzedCode } from '../codeAnalysis.js';
import { Operation } from '../opcodes/operation.js';
import { INSTRUCTIONS, Opcode } from '../opcodes/table.js';
import {
  BLOCK_OPERATIONS_MAX,
  ENTRY_HEIGHT_MAX,
  HEIGHT_MAX,
  STATES_MAX,
  STATES_PER_BLOCK_MAX,
  TEXT_LENGTH_PER_OPERATION,
  TEXT_LENGTH_PER_STATE,
} from './limits.js';

/**
 * A block together with how it is reached: the height of the stack, and which items are known to be offsets of JUMPDESTs.
 * Those are the return addresses of the compiler's inner functions: with them in the state nearly every jump has one target,
 * and a stack item one place, whoever called.
 */
export interface BlockState {
  /** of its ENTER_BLOCK among the operations */
  readonly position: number;
  readonly height: number;
  /** by index on the stack: the constant pushed there */
  readonly targets: ReadonlyMap<number, bigint>;
  /** ways that lead here; the beginning is one */
  predecessors: number;
}

/** All states that the wanted blocks can be in, found from the beginning of the code on, those near it first. */
export class StateGraph {
  readonly entry: BlockState | undefined;
  readonly #code: AnalyzedCode;
  readonly #isWanted: (block: number) => boolean;
  readonly #states = new Map<string, BlockState>();
  readonly #statesOfBlock = new Map<number, number>();
  readonly #statesMax: number;
  #operationsLeft: number;

  /** @param textGoal bounds the states, and their operations all together */
  constructor(code: AnalyzedCode, isWanted: (block: number) => boolean, textGoal: number) {
    this.#code = code;
    this.#isWanted = isWanted;
    this.#statesMax = Math.min(STATES_MAX, Math.ceil(textGoal / TEXT_LENGTH_PER_STATE));
    this.#operationsLeft = Math.ceil(textGoal / TEXT_LENGTH_PER_OPERATION);
    this.entry = this.#reach(0, 0, new Map());
    // A map goes on to what is added while it is read.
    for (const state of this.#states.values()) this.#follow(state);
  }

  get size(): number {
    return this.#states.size;
  }

  /** @param targets of the items that are constants; undefined for what the translation leaves to the interpreter */
  find(position: number, height: number, targets: ReadonlyMap<number, bigint>): BlockState | undefined {
    return this.#states.get(keyOf(position, height, targets));
  }

  #reach(position: number, height: number, targets: ReadonlyMap<number, bigint>): BlockState | undefined {
    const key = keyOf(position, height, targets);
    const known = this.#states.get(key);
    if (known !== undefined) {
      known.predecessors += 1;
      return known;
    }
    const block = this.#code.operands[position]!;
    const count = this.#statesOfBlock.get(block) ?? 0;
    const isTooMuch =
      this.#states.size >= this.#statesMax || count >= STATES_PER_BLOCK_MAX || height > ENTRY_HEIGHT_MAX;
    if (isTooMuch || !this.#isWanted(block) || height + this.#code.stackGrowths[block]! > HEIGHT_MAX) return undefined;
    const length = this.#length(position);
    if (length > BLOCK_OPERATIONS_MAX || this.#operationsLeft <= 0) return undefined;
    this.#operationsLeft -= length;
    const state = { position, height, targets, predecessors: 1 };
    this.#states.set(key, state);
    this.#statesOfBlock.set(block, count + 1);
    return state;
  }

  #length(position: number): number {
    const { operations } = this.#code;
    let end = position + 1;
    while (end < operations.length && operations[end] !== Operation.ENTER_BLOCK) end += 1;
    return end - position;
  }

  /** Moves constants about as the block does, and reaches what lies behind it. */
  #follow({ position, height, targets }: BlockState): void {
    const { operations, operands, constants, stackNeeds } = this.#code;
    if (height < stackNeeds[operands[position]!]!) return;
    const stack: (bigint | undefined)[] = Array.from({ length: height }, (_, i) => targets.get(i));
    for (let at = position + 1; ; at++) {
      const operation = operations[at]!;
      const operand = operands[at]!;
      switch (operation) {
        case Operation.ENTER_BLOCK:
          this.#reach(at, stack.length, targetsOf(stack));
          return;
        case Operation.PUSH: {
          const value = constants[operand]!;
          stack.push(isTarget(this.#code, value) ? value : undefined);
          break;
        }
        case Operation.DUP:
          stack.push(stack[stack.length - operand]);
          break;
        case Operation.SWAP: {
          const top = stack.length - 1;
          const below = stack.length - operand;
          [stack[top], stack[below]] = [stack[below], stack[top]];
          break;
        }
        case Operation.PUSH_JUMP:
          this.#jump(operand, stack);
          return;
        case Operation.PUSH_JUMPI:
        case Operation.ISZERO_PUSH_JUMPI:
          stack.pop();
          this.#jump(operand, stack);
          this.#reach(at + 1, stack.length, targetsOf(stack));
          return;
        case Opcode.JUMP:
        case Opcode.JUMPI: {
          const target = stack.pop();
          if (operation === Opcode.JUMPI) stack.pop();
          if (target !== undefined) this.#jump(this.#code.jumpTargets[Number(target)]!, stack);
          if (operation === Opcode.JUMPI) this.#reach(at + 1, stack.length, targetsOf(stack));
          return;
        }
        case Opcode.STOP:
        case Opcode.INVALID:
        case Opcode.RETURN:
        case Opcode.REVERT:
        case Opcode.SELFDESTRUCT:
          return;
        default: {
          const { inputs, outputs } = stackEffect(operation, operand);
          stack.length -= inputs;
          for (let i = 0; i < outputs; i++) stack.push(undefined);
        }
      }
    }
  }

  #jump(position: number, stack: readonly (bigint | undefined)[]): void {
    if (position >= 0) this.#reach(position, stack.length, targetsOf(stack));
  }
}

/** Is the word the offset of a JUMPDEST? */
export function isTarget(code: AnalyzedCode, value: bigint): boolean {
  return value < BigInt(code.bytes.length) && code.jumpTargets[Number(value)]! >= 0;
}

/** Of operations that neither push constants nor move words nor end a block. */
export function stackEffect(operation: number, operand: number): { readonly inputs: number; readonly outputs: number } {
  switch (operation) {
    case Operation.LOG:
      return { inputs: operand + 2, outputs: 0 };
    case Operation.PUSH_MLOAD:
      return { inputs: 0, outputs: 1 };
    case Operation.PUSH_MSTORE:
      return { inputs: 1, outputs: 0 };
    case Operation.PUSH_ADD:
    case Operation.PUSH_AND:
      return { inputs: 1, outputs: 1 };
    default:
      return INSTRUCTIONS[operation]!;
  }
}

function targetsOf(stack: readonly (bigint | undefined)[]): Map<number, bigint> {
  const targets = new Map<number, bigint>();
  for (let i = 0; i < stack.length; i++) if (stack[i] !== undefined) targets.set(i, stack[i]!);
  return targets;
}

function keyOf(position: number, height: number, targets: ReadonlyMap<number, bigint>): string {
  return `${position}:${height}:${[...targets].join(';')}`;
}
