import { Opcode } from './table.js';

/**
 * What the interpreter dispatches on: one byte per decoded operation. Instructions keep their opcode, except that each of
 * the families PUSH, DUP, SWAP and LOG is one operation with an operand, JUMPDEST becomes the entry of its basic block,
 * undefined bytes become INVALID, and frequent pairs are one operation in numbers that no instruction uses.
 */
export const Operation = {
  ENTER_BLOCK: Opcode.JUMPDEST,
  PUSH: 0x60,
  DUP: 0x80,
  SWAP: 0x90,
  LOG: 0xa0,
  /** PUSH, JUMP. Operand of these three: position of the target's block, or -1 for a bad destination. */
  PUSH_JUMP: 0xb0,
  PUSH_JUMPI: 0xb1,
  /** ISZERO, PUSH, JUMPI */
  ISZERO_PUSH_JUMPI: 0xb2,
  /** PUSH, MLOAD and PUSH, MSTORE with an offset below 2^31 as the operand */
  PUSH_MLOAD: 0xb3,
  PUSH_MSTORE: 0xb4,
  /** PUSH, ADD. Operand of these: index of the constant. */
  PUSH_ADD: 0xb5,
  PUSH_AND: 0xb6,
} as const;
