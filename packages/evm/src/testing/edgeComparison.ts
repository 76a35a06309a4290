import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { analyze } from '../codeAnalysis.js';
import type { AnalyzedCode } from '../codeAnalysis.js';
import { executeOn } from '../execute.js';
import type { Core } from '../execute.js';
import { NORMAL_SCHEDULE } from '../gasSchedule.js';
import { interpret } from '../interpreter.js';
import { INSTRUCTIONS, Opcode } from '../opcodes/table.js';
import { assemble } from './assembler.js';
import { eagerCore } from './eagerCore.js';
import { MemoryHost } from './memoryHost.js';
import { CONTRACT, ORIGIN } from './run.js';

/**
 * Pure instructions on edge values, in every form that a translation knows operands in: constants, words found out at run time,
 * numbers of known size, bigints however small, flags.
 */

const MAX = (1n << 256n) - 1n;
const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  30n,
  31n,
  32n,
  53n,
  224n,
  255n,
  256n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 32n) + 5n,
  1n << 52n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 106n) + 12_345n,
  (1n << 160n) - 1n,
  1n << 255n,
  MAX - (1n << 53n),
  MAX - 31n,
  MAX - 1n,
  MAX,
];

/** How operand number i gets onto the stack, and which values it can have. */
const FORMS: Readonly<Record<string, { readonly text: (i: number) => string; readonly values: readonly bigint[] }>> = {
  word: { text: (i) => `${32 * i} CALLDATALOAD`, values: EDGES },
  bigint: { text: (i) => `${32 * i} CALLDATALOAD NOT NOT`, values: EDGES },
  number: {
    text: (i) => `${32 * i} CALLDATALOAD ${(1n << 53n) - 1n} AND`,
    values: EDGES.filter((value) => value < 1n << 53n),
  },
  small: {
    text: (i) => `${32 * i} CALLDATALOAD ${(1n << 31n) - 1n} AND`,
    values: EDGES.filter((value) => value < 1n << 31n),
  },
  flag: { text: (i) => `${32 * i} CALLDATALOAD ISZERO ISZERO`, values: [0n, 1n] },
};

export const PURE = [
  'ISZERO',
  'NOT',
  'MLOAD',
  'CALLDATALOAD',
  'ADD',
  'MUL',
  'SUB',
  'DIV',
  'SDIV',
  'MOD',
  'SMOD',
  'EXP',
  'SIGNEXTEND',
  'LT',
  'GT',
  'SLT',
  'SGT',
  'EQ',
  'AND',
  'OR',
  'XOR',
  'BYTE',
  'SHL',
  'SHR',
  'SAR',
  'MSTORE8',
  'ADDMOD',
  'MULMOD',
] as const satisfies readonly (keyof typeof Opcode)[];
export type PureName = (typeof PURE)[number];

/** The result as it is, reckoned with, compared, and as a condition. */
const USES = 'DUP1 0 MSTORE DUP1 1 ADD 32 MSTORE DUP1 DUP1 SUB 64 MSTORE DUP1 @one JUMPI 7 96 MSTORE :one 160 0 RETURN';

const context = { origin: ORIGIN, gasPrice: 1n, blockNumber: 1, timestampMs: 1, budget: { remaining: 0 } };

/** Runs pure instructions on both cores. */
export class EdgeComparison {
  readonly #suite: CryptoSuite;
  readonly #host: MemoryHost;
  readonly #translated = eagerCore();

  constructor(suite: CryptoSuite) {
    this.#suite = suite;
    this.#host = new MemoryHost({
      suite,
      ecdsa: suite,
      schedule: NORMAL_SCHEDULE,
      context,
      firstCreationNumber: 0n,
    });
  }

  /** @returns the first difference of an instruction with 1, 2 or 3 operands */
  differenceOf(name: PureName): string | undefined {
    const { inputs, outputs } = INSTRUCTIONS[Opcode[name]]!;
    // What leaves no word on the stack gets one.
    const text = outputs === 1 ? name : `${name} MSIZE`;
    for (const [program, values] of inputs === 1 ? unary(text) : inputs === 2 ? binary(text) : ternary(text)) {
      const difference = this.#difference(program, values);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #difference(text: string, inputs: readonly (readonly bigint[])[]): string | undefined {
    const code = analyze(assemble(`${text} ${USES}`));
    for (const values of inputs) {
      const expected = this.#answers(interpret, code, values);
      const actual = this.#answers(this.#translated, code, values);
      if (actual !== expected) return `${text} of ${values.join()}: ${actual}, not ${expected}`;
    }
    return undefined;
  }

  #answers(core: Core, code: AnalyzedCode, values: readonly bigint[]): string {
    const message = {
      kind: 'call' as const,
      gas: 100_000,
      sender: ORIGIN,
      recipient: CONTRACT,
      codeAddress: CONTRACT,
      value: 0n,
      input: concatBytes(...values.map((value) => fromBigInt(value, 32))),
      depth: 0,
      isStatic: false,
    };
    const outcome = executeOn(core, code, message, this.#host, context, NORMAL_SCHEDULE, this.#suite);
    return `${outcome.status} ${outcome.gasLeft} ${toHex(outcome.output)}`;
  }
}

/** Text of a program, and the words it is called with. */
type Case = readonly [string, readonly (readonly bigint[])[]];

function* unary(text: string): Generator<Case> {
  for (const a of Object.values(FORMS)) yield [`${a.text(0)} ${text}`, a.values.map((value) => [value])];
  for (const edge of EDGES) yield [`${edge} ${text}`, [[]]];
}

function* binary(text: string): Generator<Case> {
  for (const a of Object.values(FORMS)) {
    for (const b of Object.values(FORMS)) yield [`${b.text(1)} ${a.text(0)} ${text}`, pairs(a.values, b.values)];
    for (const edge of EDGES) {
      yield [`${a.text(1)} ${edge} ${text}`, pairs([0n], a.values)];
      yield [`${edge} ${a.text(0)} ${text}`, pairs(a.values, [0n])];
    }
  }
  for (const a of EDGES) for (const b of EDGES) yield [`${b} ${a} ${text}`, [[]]];
}

function* ternary(text: string): Generator<Case> {
  const word = FORMS['word']!;
  const number = FORMS['number']!;
  const triples = EDGES.flatMap((c) => pairs(EDGES, EDGES).map(([a, b]) => [a!, b!, c]));
  yield [`${word.text(2)} ${word.text(1)} ${word.text(0)} ${text}`, triples];
  const numbers = pairs(number.values, number.values);
  for (const c of EDGES) yield [`${c} ${number.text(1)} ${number.text(0)} ${text}`, numbers];
}

function pairs(a: readonly bigint[], b: readonly bigint[]): bigint[][] {
  return a.flatMap((x) => b.map((y) => [x, y]));
}
