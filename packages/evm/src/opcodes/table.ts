/**
 * Numbers, names, base prices and stack effects of the instructions. Istanbul as 2.x runs it: docs/evm.md, "Revision" and
 * "Gas schedule".
 */

export const Opcode = {
  STOP: 0x00,
  ADD: 0x01,
  MUL: 0x02,
  SUB: 0x03,
  DIV: 0x04,
  SDIV: 0x05,
  MOD: 0x06,
  SMOD: 0x07,
  ADDMOD: 0x08,
  MULMOD: 0x09,
  EXP: 0x0a,
  SIGNEXTEND: 0x0b,
  LT: 0x10,
  GT: 0x11,
  SLT: 0x12,
  SGT: 0x13,
  EQ: 0x14,
  ISZERO: 0x15,
  AND: 0x16,
  OR: 0x17,
  XOR: 0x18,
  NOT: 0x19,
  BYTE: 0x1a,
  SHL: 0x1b,
  SHR: 0x1c,
  SAR: 0x1d,
  SHA3: 0x20,
  ADDRESS: 0x30,
  BALANCE: 0x31,
  ORIGIN: 0x32,
  CALLER: 0x33,
  CALLVALUE: 0x34,
  CALLDATALOAD: 0x35,
  CALLDATASIZE: 0x36,
  CALLDATACOPY: 0x37,
  CODESIZE: 0x38,
  CODECOPY: 0x39,
  GASPRICE: 0x3a,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  RETURNDATASIZE: 0x3d,
  RETURNDATACOPY: 0x3e,
  EXTCODEHASH: 0x3f,
  BLOCKHASH: 0x40,
  COINBASE: 0x41,
  TIMESTAMP: 0x42,
  NUMBER: 0x43,
  DIFFICULTY: 0x44,
  GASLIMIT: 0x45,
  CHAINID: 0x46,
  SELFBALANCE: 0x47,
  POP: 0x50,
  MLOAD: 0x51,
  MSTORE: 0x52,
  MSTORE8: 0x53,
  SLOAD: 0x54,
  SSTORE: 0x55,
  JUMP: 0x56,
  JUMPI: 0x57,
  PC: 0x58,
  MSIZE: 0x59,
  GAS: 0x5a,
  JUMPDEST: 0x5b,
  PUSH1: 0x60,
  PUSH32: 0x7f,
  DUP1: 0x80,
  DUP16: 0x8f,
  SWAP1: 0x90,
  SWAP16: 0x9f,
  LOG0: 0xa0,
  LOG4: 0xa4,
  CREATE: 0xf0,
  CALL: 0xf1,
  CALLCODE: 0xf2,
  RETURN: 0xf3,
  DELEGATECALL: 0xf4,
  CREATE2: 0xf5,
  STATICCALL: 0xfa,
  REVERT: 0xfd,
  INVALID: 0xfe,
  SELFDESTRUCT: 0xff,
} as const;

export interface Instruction {
  readonly name: string;
  /** What is paid when its basic block is entered. SLOAD and CREATE depend on the schedule and stand here with 0. */
  readonly gas: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** [name, gas, inputs, outputs] */
type Row = readonly [string, number, number, number];

const ROWS: Readonly<Record<number, Row>> = {
  [Opcode.STOP]: ['STOP', 0, 0, 0],
  [Opcode.ADD]: ['ADD', 3, 2, 1],
  [Opcode.MUL]: ['MUL', 5, 2, 1],
  [Opcode.SUB]: ['SUB', 3, 2, 1],
  [Opcode.DIV]: ['DIV', 5, 2, 1],
  [Opcode.SDIV]: ['SDIV', 5, 2, 1],
  [Opcode.MOD]: ['MOD', 5, 2, 1],
  [Opcode.SMOD]: ['SMOD', 5, 2, 1],
  [Opcode.ADDMOD]: ['ADDMOD', 8, 3, 1],
  [Opcode.MULMOD]: ['MULMOD', 8, 3, 1],
  [Opcode.EXP]: ['EXP', 10, 2, 1],
  [Opcode.SIGNEXTEND]: ['SIGNEXTEND', 5, 2, 1],
  [Opcode.LT]: ['LT', 3, 2, 1],
  [Opcode.GT]: ['GT', 3, 2, 1],
  [Opcode.SLT]: ['SLT', 3, 2, 1],
  [Opcode.SGT]: ['SGT', 3, 2, 1],
  [Opcode.EQ]: ['EQ', 3, 2, 1],
  [Opcode.ISZERO]: ['ISZERO', 3, 1, 1],
  [Opcode.AND]: ['AND', 3, 2, 1],
  [Opcode.OR]: ['OR', 3, 2, 1],
  [Opcode.XOR]: ['XOR', 3, 2, 1],
  [Opcode.NOT]: ['NOT', 3, 1, 1],
  [Opcode.BYTE]: ['BYTE', 3, 2, 1],
  [Opcode.SHL]: ['SHL', 3, 2, 1],
  [Opcode.SHR]: ['SHR', 3, 2, 1],
  [Opcode.SAR]: ['SAR', 3, 2, 1],
  [Opcode.SHA3]: ['SHA3', 30, 2, 1],
  [Opcode.ADDRESS]: ['ADDRESS', 2, 0, 1],
  [Opcode.BALANCE]: ['BALANCE', 700, 1, 1],
  [Opcode.ORIGIN]: ['ORIGIN', 2, 0, 1],
  [Opcode.CALLER]: ['CALLER', 2, 0, 1],
  [Opcode.CALLVALUE]: ['CALLVALUE', 2, 0, 1],
  [Opcode.CALLDATALOAD]: ['CALLDATALOAD', 3, 1, 1],
  [Opcode.CALLDATASIZE]: ['CALLDATASIZE', 2, 0, 1],
  [Opcode.CALLDATACOPY]: ['CALLDATACOPY', 3, 3, 0],
  [Opcode.CODESIZE]: ['CODESIZE', 2, 0, 1],
  [Opcode.CODECOPY]: ['CODECOPY', 3, 3, 0],
  [Opcode.GASPRICE]: ['GASPRICE', 2, 0, 1],
  [Opcode.EXTCODESIZE]: ['EXTCODESIZE', 700, 1, 1],
  [Opcode.EXTCODECOPY]: ['EXTCODECOPY', 700, 4, 0],
  [Opcode.RETURNDATASIZE]: ['RETURNDATASIZE', 2, 0, 1],
  [Opcode.RETURNDATACOPY]: ['RETURNDATACOPY', 3, 3, 0],
  [Opcode.EXTCODEHASH]: ['EXTCODEHASH', 700, 1, 1],
  [Opcode.BLOCKHASH]: ['BLOCKHASH', 20, 1, 1],
  [Opcode.COINBASE]: ['COINBASE', 2, 0, 1],
  [Opcode.TIMESTAMP]: ['TIMESTAMP', 2, 0, 1],
  [Opcode.NUMBER]: ['NUMBER', 2, 0, 1],
  [Opcode.DIFFICULTY]: ['DIFFICULTY', 2, 0, 1],
  [Opcode.GASLIMIT]: ['GASLIMIT', 2, 0, 1],
  [Opcode.CHAINID]: ['CHAINID', 2, 0, 1],
  [Opcode.SELFBALANCE]: ['SELFBALANCE', 5, 0, 1],
  [Opcode.POP]: ['POP', 2, 1, 0],
  [Opcode.MLOAD]: ['MLOAD', 3, 1, 1],
  [Opcode.MSTORE]: ['MSTORE', 3, 2, 0],
  [Opcode.MSTORE8]: ['MSTORE8', 3, 2, 0],
  [Opcode.SLOAD]: ['SLOAD', 0, 1, 1],
  [Opcode.SSTORE]: ['SSTORE', 0, 2, 0],
  [Opcode.JUMP]: ['JUMP', 8, 1, 0],
  [Opcode.JUMPI]: ['JUMPI', 10, 2, 0],
  [Opcode.PC]: ['PC', 2, 0, 1],
  [Opcode.MSIZE]: ['MSIZE', 2, 0, 1],
  [Opcode.GAS]: ['GAS', 2, 0, 1],
  [Opcode.JUMPDEST]: ['JUMPDEST', 1, 0, 0],
  [Opcode.CREATE]: ['CREATE', 0, 3, 1],
  [Opcode.CALL]: ['CALL', 700, 7, 1],
  [Opcode.CALLCODE]: ['CALLCODE', 700, 7, 1],
  [Opcode.RETURN]: ['RETURN', 0, 2, 0],
  [Opcode.DELEGATECALL]: ['DELEGATECALL', 700, 6, 1],
  [Opcode.CREATE2]: ['CREATE2', 0, 4, 1],
  [Opcode.STATICCALL]: ['STATICCALL', 700, 6, 1],
  [Opcode.REVERT]: ['REVERT', 0, 2, 0],
  [Opcode.INVALID]: ['INVALID', 0, 0, 0],
  [Opcode.SELFDESTRUCT]: ['SELFDESTRUCT', 5_000, 1, 0],
};

/** What an undefined byte counts as when its block is entered: nothing. It fails when it is reached. */
const UNDEFINED: Row = ['UNDEFINED', 0, 0, 0];

function row(opcode: number): Row {
  if (opcode >= Opcode.PUSH1 && opcode <= Opcode.PUSH32) return [`PUSH${opcode - Opcode.PUSH1 + 1}`, 3, 0, 1];
  if (opcode >= Opcode.DUP1 && opcode <= Opcode.DUP16) {
    const depth = opcode - Opcode.DUP1 + 1;
    return [`DUP${depth}`, 3, depth, depth + 1];
  }
  if (opcode >= Opcode.SWAP1 && opcode <= Opcode.SWAP16) {
    const depth = opcode - Opcode.SWAP1 + 1;
    return [`SWAP${depth}`, 3, depth + 1, depth + 1];
  }
  if (opcode >= Opcode.LOG0 && opcode <= Opcode.LOG4) {
    const topics = opcode - Opcode.LOG0;
    return [`LOG${topics}`, 375 * (topics + 1), topics + 2, 0];
  }
  return ROWS[opcode] ?? UNDEFINED;
}

/** By number, 256 of them; undefined instructions have the name UNDEFINED. */
export const INSTRUCTIONS: readonly Instruction[] = Array.from({ length: 256 }, (_, opcode) => {
  const [name, gas, inputs, outputs] = row(opcode);
  return { name, gas, inputs, outputs };
});

export function isPush(opcode: number): boolean {
  return opcode >= Opcode.PUSH1 && opcode <= Opcode.PUSH32;
}
