import { concatBytes, fromBigIntMinimal, fromHex } from '@menglian/base/bytes';
import { INSTRUCTIONS, Opcode } from '../opcodes/table.js';

const NUMBERS: ReadonlyMap<string, number> = new Map(
  INSTRUCTIONS.flatMap(({ name }, opcode): [string, number][] => (name === 'UNDEFINED' ? [] : [[name, opcode]])),
);

/**
 * Bytecode from text: names of instructions, numbers (pushed with the shortest PUSH), `PUSHn value`, `:label` for a
 * JUMPDEST, `@label` for its offset (PUSH2), and `xHEX` for raw bytes.
 * @throws RangeError on anything else: for tests and tools, not for input
 */
export function assemble(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const labels = new Map<string, number>();
  const references: { readonly part: number; readonly label: string }[] = [];
  let offset = 0;
  const append = (bytes: Uint8Array) => {
    parts.push(bytes);
    offset += bytes.length;
  };
  const words = text.split(/\s+/).filter((word) => word !== '');
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word.startsWith(':')) {
      labels.set(word.slice(1), offset);
      append(Uint8Array.of(Opcode.JUMPDEST));
    } else if (word.startsWith('@')) {
      references.push({ part: parts.length, label: word.slice(1) });
      append(Uint8Array.of(Opcode.PUSH1 + 1, 0, 0));
    } else if (/^x[0-9a-f]*$/.test(word)) {
      append(fromHex(word.slice(1)));
    } else if (/^[0-9]/.test(word)) {
      append(push(BigInt(word)));
    } else {
      const opcode = NUMBERS.get(word);
      if (opcode === undefined) throw new RangeError(`no instruction ${word}`);
      append(Uint8Array.of(opcode));
      if (opcode >= Opcode.PUSH1 && opcode <= Opcode.PUSH32) {
        i += 1;
        const bytes = fromBigIntMinimal(BigInt(words[i] ?? ''));
        const operand = new Uint8Array(opcode - Opcode.PUSH1 + 1);
        operand.set(bytes, operand.length - bytes.length);
        append(operand);
      }
    }
  }
  for (const { part, label } of references) {
    const target = labels.get(label);
    if (target === undefined) throw new RangeError(`no label ${label}`);
    parts[part] = Uint8Array.of(Opcode.PUSH1 + 1, target >> 8, target & 0xff);
  }
  return concatBytes(...parts);
}

/** The shortest PUSH of a value. */
export function push(value: bigint): Uint8Array {
  const bytes = value === 0n ? Uint8Array.of(0) : fromBigIntMinimal(value);
  return concatBytes(Uint8Array.of(Opcode.PUSH1 + bytes.length - 1), bytes);
}
