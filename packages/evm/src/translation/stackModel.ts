import { bitLength, constant } from './slots.js';
import type { Operand, Slot } from './slots.js';

/** What is known at one place of the translation. Every way through the code has its own. */
export class StackModel {
  readonly slots: Slot[];
  /** memory that the frame has for sure, in bytes */
  memoryKnown: number;

  constructor(slots: readonly Slot[], memoryKnown: number) {
    this.slots = [...slots];
    this.memoryKnown = memoryKnown;
  }

  copy(): StackModel {
    return new StackModel(this.slots, this.memoryKnown);
  }

  get height(): number {
    return this.slots.length;
  }

  /** @param depth 0 for the top */
  operand(depth: number): Operand {
    const index = this.slots.length - 1 - depth;
    return { slot: this.slots[index]!, name: variable(index) };
  }

  operands(count: number): Operand[] {
    return Array.from({ length: count }, (_, depth) => this.operand(depth));
  }

  pop(count: number): void {
    this.slots.length -= count;
  }

  /** @returns the variable of the new top */
  push(slot: Slot): string {
    this.slots.push(slot);
    return variable(this.slots.length - 1);
  }

  /** Offsets of JUMPDESTs that were pushed as they are, by index. */
  targets(): Map<number, bigint> {
    const targets = new Map<number, bigint>();
    this.slots.forEach((slot, i) => {
      if (slot.kind === 'constant' && slot.isTarget) targets.set(i, slot.value);
    });
    return targets;
  }
}

export function variable(index: number): string {
  return `s${index}`;
}

/** A constant that is the operand of a fused operation. */
export function constantOperand(value: bigint): Operand {
  return { slot: constant(value), name: '' };
}

/** A constant that is small enough to be reckoned with as an offset or a size in memory. */
export function smallConstant({ slot }: Operand): number | undefined {
  return slot.kind === 'constant' && bitLength(slot.value) <= 31 ? Number(slot.value) : undefined;
}
