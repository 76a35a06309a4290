import { concatBytes, fromBigInt, fromHex } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { Opcode } from '../opcodes/table.js';
import { push } from './assembler.js';
import { EDGE_VALUES, INPUT_WORDS, ProgramWriter, type Surroundings } from './programWriter.js';

/**
 * Random programs that mean something: the stack is mostly deep enough, jumps mostly hit, memory offsets are mostly small,
 * and calls mostly reach code. What goes wrong goes wrong on purpose, in a few per cent of the places.
 */

const MAX_STEPS = 40;
const MAX_NESTED_CREATION = 2;

export class ProgramGenerator {
  readonly #random: SeededRandom;
  readonly #surroundings: Surroundings;

  constructor(random: SeededRandom, surroundings: Surroundings) {
    this.#random = random;
    this.#surroundings = surroundings;
  }

  /** What a program is called with: words at the edges of what cores tell apart, or anything. */
  input(): Uint8Array {
    const random = this.#random;
    if (random.chance(20)) return random.bytes(random.below(70));
    return concatBytes(...Array.from({ length: INPUT_WORDS }, () => fromBigInt(random.pick(EDGE_VALUES), 32)));
  }

  /** Code of a contract. @param nesting creations may still hold creations so deep */
  program(nesting = MAX_NESTED_CREATION): Uint8Array {
    const random = this.#random;
    const writer = new ProgramWriter(random, this.#surroundings, () =>
      nesting === 0 ? Uint8Array.of(Opcode.STOP) : this.initCode(nesting - 1),
    );
    const steps = 1 + random.below(MAX_STEPS);
    for (let i = 0; i < steps; i++) writer.step();
    writer.end();
    const code = writer.finish();
    if (random.chance(5)) for (let i = 0; i < 3; i++) code[random.below(code.length)] = random.below(256);
    return code;
  }

  /** A program whose end is, most often, to return a program as runtime code. */
  initCode(nesting: number): Uint8Array {
    const random = this.#random;
    if (random.chance(20)) return this.program(nesting);
    const runtime = random.chance(10) ? new Uint8Array(0) : this.program(0).subarray(0, 255);
    const before = random.chance(50) ? fromHex('6001600055') : new Uint8Array(0);
    const head = (offset: number) =>
      concatBytes(before, push(BigInt(runtime.length)), push(BigInt(offset)), fromHex('600039'), tail);
    const tail = concatBytes(push(BigInt(runtime.length)), fromHex(random.chance(10) ? '6000fd' : '6000f3'));
    return concatBytes(head(head(0).length), runtime);
  }
}
