import type { AnalyzedCode, CodePrices } from '../codeAnalysis.js';
import { HASH_WORD_GAS } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { Operation } from '../opcodes/operation.js';
import { Opcode } from '../opcodes/table.js';
import { wordCount } from '../words.js';
import { arithmetic } from './arithmetic.js';
import { ANY_BIGINT, ANY_WORD, FLAG, bigText, constant, inexactText, numberOf, wordText } from './slots.js';
import type { Operand, Slot } from './slots.js';
import { StackModel, constantOperand, smallConstant, variable } from './stackModel.js';
import { isTarget, stackEffect } from './stateGraph.js';

/**
 * Writes the operations of a block as statements, except those that end it. Nothing but numbers found in the code, the names
 * of this file and of the runtime ever gets into the text.
 *
 * Variables: `f` frame, `a` activation, `q` message, `h` host, `g` gas, `v` view of the memory, `m` its size, `S` the frame's
 * stack; `x`, `y`, `c`, `o` are scratch. Leaving the block labelled `O` is to be out of gas.
 */
export class BlockWriter {
  readonly #code: AnalyzedCode;
  readonly #prices: CodePrices;
  readonly #write: (text: string) => void;

  constructor(code: AnalyzedCode, prices: CodePrices, write: (text: string) => void) {
    this.#code = code;
    this.#prices = prices;
    this.#write = write;
  }

  /** Gas first, then the stack. @returns false when the stack never suffices: the block ends here */
  enter(block: number, height: number): boolean {
    const cost = this.#prices.blocks[block]!;
    if (cost > 0) this.#write(`if(g<${cost})break O;`);
    // Heights are far below the limit of the stack: see ENTRY_HEIGHT_MAX.
    if (height < this.#code.stackNeeds[block]!) {
      this.#write(`return end(f,g,${Halt.STACK_UNDERFLOW});`);
      return false;
    }
    if (cost > 0) this.#write(`g-=${cost};`);
    return true;
  }

  /**
   * @param position of an operation that does not end its block
   * @returns the position of the next one
   */
  operate(position: number, model: StackModel): number {
    if (this.#readSelector(position, model)) return position + 3;
    this.#operate(position, model);
    return position + 1;
  }

  #operate(position: number, model: StackModel): void {
    const operation = this.#code.operations[position]!;
    const operand = this.#code.operands[position]!;
    switch (operation) {
      case Operation.PUSH: {
        const value = this.#code.constants[operand]!;
        model.push({ kind: 'constant', value, isTarget: isTarget(this.#code, value) });
        return;
      }
      case Operation.DUP: {
        const { slot, name } = model.operand(operand - 1);
        const copy = model.push(slot);
        if (slot.kind !== 'constant') this.#write(`${copy}=${name};`);
        return;
      }
      case Operation.SWAP:
        this.#swap(model, operand);
        return;
      case Opcode.POP:
        model.pop(1);
        return;
      case Operation.PUSH_ADD:
        this.#pure(Opcode.ADD, [constantOperand(this.#code.constants[operand]!), model.operand(0)], model, 1);
        return;
      case Operation.PUSH_AND:
        this.#pure(Opcode.AND, [constantOperand(this.#code.constants[operand]!), model.operand(0)], model, 1);
        return;
      case Operation.PUSH_MLOAD:
        this.#loadMemory(constantOperand(BigInt(operand)), model, 0);
        return;
      case Operation.PUSH_MSTORE:
        this.#storeMemory(constantOperand(BigInt(operand)), model.operand(0), model, 1);
        return;
      case Opcode.CALLDATALOAD:
        this.#replace(model, 1, ANY_WORD, `callData(q.input,${inexactText(model.operand(0))})`);
        return;
      case Opcode.EXP:
        this.#exponentiate(model);
        return;
      case Opcode.MLOAD:
        this.#loadMemory(model.operand(0), model, 1);
        return;
      case Opcode.MSTORE:
        this.#storeMemory(model.operand(0), model.operand(1), model, 2);
        return;
      case Opcode.MSTORE8:
        this.#storeByte(model);
        return;
      case Opcode.SHA3:
        this.#hash(model);
        return;
      case Opcode.SLOAD:
        this.#replace(model, 1, ANY_WORD, `narrow(h.storage(q.recipient,${bigText(model.operand(0))}))`);
        return;
      case Opcode.SSTORE:
        this.#storeState(model, this.#prices.remainders[operand]!);
        return;
      case Opcode.GAS:
        this.#replace(model, 0, numberOf(53), `g+${this.#prices.remainders[operand]!}`);
        return;
      case Opcode.PC:
        model.push(constant(BigInt(operand)));
        return;
      case Opcode.CALLDATACOPY:
        this.#copy('q.input', model);
        return;
      case Opcode.CODECOPY:
        this.#copy('a.code.bytes', model);
        return;
      default:
        if (!this.#look(operation, model)) this.#onFrame(operation, operand, model);
    }
  }

  /** Instructions that ask for a word. @returns false for others */
  #look(operation: number, model: StackModel): boolean {
    const { inputs, outputs } = stackEffect(operation, 0);
    if (outputs === 1 && this.#pure(operation, model.operands(inputs), model, inputs)) return true;
    const known = LOOKED_UP[operation];
    if (known === undefined) return false;
    const [slot, text] = known;
    this.#replace(model, inputs, slot, inputs === 0 ? text : `${text}${bigText(model.operand(0))})`);
    return true;
  }

  #pure(opcode: number, operands: readonly Operand[], model: StackModel, inputs: number): boolean {
    const result = arithmetic(opcode, operands);
    if (result === undefined) return false;
    this.#replace(model, inputs, result.slot, result.text);
    return true;
  }

  #replace(model: StackModel, inputs: number, slot: Slot, text: string): void {
    model.pop(inputs);
    const name = model.push(slot.kind === 'constant' ? constant(slot.value) : slot);
    if (slot.kind !== 'constant' && name !== text) this.#write(`${name}=${text};`);
  }

  #swap(model: StackModel, operand: number): void {
    const top = model.height - 1;
    const below = model.height - operand;
    const upper = model.slots[top]!;
    const lower = model.slots[below]!;
    if (upper.kind === 'constant') {
      if (lower.kind !== 'constant') this.#write(`${variable(top)}=${variable(below)};`);
    } else if (lower.kind === 'constant') {
      this.#write(`${variable(below)}=${variable(top)};`);
    } else {
      this.#write(`c=${variable(top)};${variable(top)}=${variable(below)};${variable(below)}=c;`);
    }
    model.slots[top] = lower;
    model.slots[below] = upper;
  }

  /** Makes memory reach `size` bytes behind the offset. @returns the text of the offset */
  #reachMemory(offset: Operand, size: number, model: StackModel): string {
    const known = smallConstant(offset);
    if (known !== undefined && known + size <= model.memoryKnown) return String(known);
    let text = inexactText(offset);
    if (offset.slot.kind !== 'constant') {
      this.#write(`o=${text};`);
      text = 'o';
    }
    const end = known === undefined ? `${text}+${size}` : String(known + size);
    this.#write(`if(${end}>m){f.gas=g;if(!f.grow(${end}))return ${Halt.OUT_OF_GAS};${RELOAD}}`);
    if (known !== undefined) model.memoryKnown = 32 * wordCount(known + size);
    return text;
  }

  #loadMemory(offset: Operand, model: StackModel, inputs: number): void {
    const text = this.#reachMemory(offset, 32, model);
    this.#replace(model, inputs, ANY_WORD, `load(v,${text})`);
  }

  #storeMemory(offset: Operand, value: Operand, model: StackModel, inputs: number): void {
    const text = this.#reachMemory(offset, 32, model);
    const { slot } = value;
    const isNumber = slot.kind === 'number' || slot.kind === 'flag' || smallConstant(value) !== undefined;
    if (isNumber) this.#write(`storeNumber(v,${text},${wordText(value)});`);
    else if (slot.kind === 'word') this.#write(`storeAny(v,${text},${value.name});`);
    else this.#write(`storeBig(v,${text},${bigText(value)});`);
    model.pop(inputs);
  }

  #storeByte(model: StackModel): void {
    const value = arithmetic(Opcode.AND, [constantOperand(0xffn), model.operand(1)])!;
    const text = this.#reachMemory(model.operand(0), 1, model);
    const byte = value.slot.kind === 'constant' ? String(value.slot.value) : value.text;
    this.#write(`v.setUint8(${text},${byte});`);
    model.pop(2);
  }

  /** CALLDATALOAD, PUSH 224, SHR: four bytes make no word. */
  #readSelector(position: number, model: StackModel): boolean {
    const { operations, operands, constants } = this.#code;
    if (operations[position] !== Opcode.CALLDATALOAD || operations[position + 1] !== Operation.PUSH) return false;
    if (operations[position + 2] !== Opcode.SHR || constants[operands[position + 1]!] !== SELECTOR_SHIFT) return false;
    const offset = smallConstant(model.operand(0));
    if (offset === undefined) return false;
    this.#replace(model, 1, numberOf(32), `callDataHead(q.input,${offset})`);
    return true;
  }

  #exponentiate(model: StackModel): void {
    const [base, exponent] = model.operands(2) as [Operand, Operand];
    this.#write(`c=exponentGas(${wordText(exponent)});if(g<c)break O;g-=c;`);
    this.#replace(model, 2, ANY_BIGINT, `power(${wordText(base)},${wordText(exponent)})`);
  }

  #hash(model: StackModel): void {
    const offset = smallConstant(model.operand(0));
    const size = smallConstant(model.operand(1));
    if (offset !== undefined && size !== undefined && size > 0 && offset + size <= model.memoryKnown) {
      const cost = HASH_WORD_GAS * wordCount(size);
      this.#write(`if(g<${cost})break O;g-=${cost};`);
      this.#replace(model, 2, ANY_BIGINT, `hashWord(a.suite,f,${offset},${size})`);
      return;
    }
    const range = `${inexactText(model.operand(0))},${inexactText(model.operand(1))}`;
    this.#write(`f.gas=g;c=hashMemory(f,a,${range});if(c===undefined)return ${Halt.OUT_OF_GAS};${RELOAD}`);
    this.#replace(model, 2, ANY_BIGINT, 'c');
  }

  #storeState(model: StackModel, remainder: number): void {
    const [slot, value] = model.operands(2) as [Operand, Operand];
    this.#write(`f.gas=g;c=store(f,a,${bigText(slot)},${bigText(value)},${remainder});if(c>=0)return c;g=f.gas;`);
    model.pop(2);
  }

  #copy(data: string, model: StackModel): void {
    const [offset, dataOffset, size] = model.operands(3).map(inexactText);
    this.#write(`f.gas=g;c=copyToMemory(f,${data},${offset},${dataOffset},${size});if(c>=0)return c;${RELOAD}`);
    model.pop(3);
  }

  /** Everything else works on the frame's own stack, as for the interpreter. */
  #onFrame(operation: number, operand: number, model: StackModel): void {
    const { inputs, outputs } = stackEffect(operation, operand);
    for (let i = 0; i < inputs; i++) this.#write(`S[${i}]=${bigText(model.operand(inputs - 1 - i))};`);
    this.#write(`f.height=${inputs};f.gas=g;c=operate(${operation},${operand},f,a);if(c>=0)return c;${RELOAD}`);
    model.pop(inputs);
    if (outputs === 0) return;
    const isAddress = operation === Opcode.CREATE || operation === Opcode.CREATE2;
    this.#replace(model, 0, isAddress ? ANY_BIGINT : FLAG, isAddress ? 'S[0]' : 'S[0]!==0n');
  }
}

/** After anything that may take gas or make memory grow. */
const RELOAD = 'g=f.gas;v=f.view;m=f.memorySize;';

const SELECTOR_SHIFT = 224n;
const ZERO: Slot = constant(0n);
const ADDRESS: Slot = { kind: 'bigint', bits: 160 };

/** Slot and text by opcode; those with an argument are open at the end. */
const LOOKED_UP: Readonly<Record<number, readonly [Slot, string]>> = {
  [Opcode.MSIZE]: [numberOf(31), 'm'],
  [Opcode.CALLDATASIZE]: [numberOf(32), 'q.input.length'],
  [Opcode.CODESIZE]: [numberOf(32), 'a.code.bytes.length'],
  [Opcode.RETURNDATASIZE]: [numberOf(32), 'f.returnData.length'],
  [Opcode.CALLVALUE]: [ANY_WORD, 'narrow(q.value)'],
  [Opcode.CALLER]: [ADDRESS, 'wordOf(q.sender)'],
  [Opcode.ADDRESS]: [ADDRESS, 'wordOf(q.recipient)'],
  [Opcode.ORIGIN]: [ADDRESS, 'wordOf(a.context.origin)'],
  [Opcode.GASPRICE]: [ANY_WORD, 'narrow(a.context.gasPrice)'],
  [Opcode.TIMESTAMP]: [numberOf(53), 'a.context.timestampMs'],
  [Opcode.NUMBER]: [numberOf(53), 'a.context.blockNumber'],
  [Opcode.COINBASE]: [ZERO, ''],
  [Opcode.DIFFICULTY]: [ZERO, ''],
  [Opcode.GASLIMIT]: [ZERO, ''],
  [Opcode.CHAINID]: [ZERO, ''],
  [Opcode.SELFBALANCE]: [ZERO, ''],
  [Opcode.BALANCE]: [ZERO, ''],
  [Opcode.EXTCODESIZE]: [numberOf(53), 'codeSize(a,'],
  [Opcode.EXTCODEHASH]: [ANY_BIGINT, 'externalCodeHash(a,'],
  [Opcode.BLOCKHASH]: [ANY_BIGINT, 'blockHash(a,'],
};
