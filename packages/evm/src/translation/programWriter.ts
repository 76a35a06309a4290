import type { AnalyzedCode, CodePrices } from '../codeAnalysis.js';
import { Halt } from '../halt.js';
import { Operation } from '../opcodes/operation.js';
import { Opcode } from '../opcodes/table.js';
import { BlockWriter } from './blockWriter.js';
import { NESTING_MAX } from './limits.js';
import { ANY_WORD, inexactText, truthText, wordText } from './slots.js';
import type { Operand } from './slots.js';
import { StackModel, variable } from './stackModel.js';
import { StateGraph } from './stateGraph.js';
import type { BlockState } from './stateGraph.js';

/**
 * Writes the text of one translation: a loop around a switch, with a case for each block state that several ways lead to. A
 * state with one way to it stands where that way comes along, and keeps all that is known there about the stack. Where a
 * way leads to no state (never seen, too large, target unknown), the text leaves to the interpreter, at a block's entry.
 */
export class ProgramWriter {
  readonly #code: AnalyzedCode;
  readonly #graph: StateGraph;
  readonly #blocks: BlockWriter;
  readonly #textGoal: number;
  readonly #parts: string[] = [];
  readonly #cases = new Map<BlockState, number>();
  #length = 0;
  #heightMax = 0;

  constructor(code: AnalyzedCode, prices: CodePrices, isWanted: (block: number) => boolean, textGoal: number) {
    this.#code = code;
    this.#textGoal = textGoal;
    this.#graph = new StateGraph(code, isWanted, textGoal);
    this.#blocks = new BlockWriter(code, prices, (text) => this.#write(text));
  }

  /** @returns the body of a function of frame `f` and activation `a`; undefined when not even the first block is in it */
  program(): string | undefined {
    const { entry } = this.#graph;
    if (entry === undefined) return undefined;
    this.#cases.set(entry, 0);
    // A map goes on to what is added while it is read.
    for (const [state, number] of this.#cases) {
      this.#write(`case ${number}:`);
      const slots = Array.from({ length: state.height }, (_, i) => {
        const value = state.targets.get(i);
        return value === undefined ? ANY_WORD : ({ kind: 'constant', value, isTarget: true } as const);
      });
      this.#block(state, new StackModel(slots, 0), 0);
    }
    const variables = Array.from({ length: this.#heightMax }, (_, i) => `${variable(i)}=0`);
    return [
      'const q=a.message,h=a.host,S=f.stack;',
      `let ${['g=f.gas', 'v=f.view', 'm=f.memorySize', 'p=0', 'x=0n', 'y=0', 'o=0', 'c', ...variables].join()};`,
      'O:for(;;)switch(p){',
      ...this.#parts,
      // One place for all that run out of gas: an engine that optimises takes its time over every end.
      `}return end(f,g,${Halt.OUT_OF_GAS});`,
    ].join('');
  }

  #write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }

  /** Writes a block and whatever stands behind it. Every way through ends with `return` or `continue`. */
  #block(first: BlockState, model: StackModel, nesting: number): void {
    let state: BlockState | undefined = first;
    while (state !== undefined) {
      if (this.#length > this.#textGoal) {
        this.#leave(state.position, model);
        return;
      }
      state = this.#oneBlock(state, model, nesting);
    }
  }

  /** @returns the state that stands right behind */
  #oneBlock(state: BlockState, model: StackModel, nesting: number): BlockState | undefined {
    const { operations, operands } = this.#code;
    const block = operands[state.position]!;
    if (!this.#blocks.enter(block, state.height)) return undefined;
    this.#heightMax = Math.max(this.#heightMax, state.height + this.#code.stackGrowths[block]!);
    let at = state.position + 1;
    for (;;) {
      const operand = operands[at]!;
      switch (operations[at]!) {
        case Operation.ENTER_BLOCK:
          return this.#go(at, model, nesting);
        case Operation.PUSH_JUMP:
          return this.#go(operand, model, nesting);
        case Operation.PUSH_JUMPI:
        case Operation.ISZERO_PUSH_JUMPI: {
          const condition = truthText(model.operand(0));
          model.pop(1);
          const isNegated = operations[at] === Operation.ISZERO_PUSH_JUMPI;
          this.#branch(isNegated ? `!${condition}` : condition, model, nesting, (taken) =>
            this.#go(operand, taken, nesting + 1),
          );
          return this.#go(at + 1, model, nesting);
        }
        case Opcode.JUMP: {
          const target = model.operand(0);
          model.pop(1);
          return this.#goTo(target, model, nesting);
        }
        case Opcode.JUMPI: {
          const target = model.operand(0);
          const condition = truthText(model.operand(1));
          model.pop(2);
          this.#branch(condition, model, nesting, (taken) => this.#goTo(target, taken, nesting + 1));
          return this.#go(at + 1, model, nesting);
        }
        case Opcode.STOP:
          this.#end(Halt.SUCCESS);
          return undefined;
        case Opcode.INVALID:
          this.#end(Halt.BAD_INSTRUCTION);
          return undefined;
        case Opcode.RETURN:
          this.#finish(Halt.SUCCESS, model);
          return undefined;
        case Opcode.REVERT:
          this.#finish(Halt.REVERT, model);
          return undefined;
        case Opcode.SELFDESTRUCT:
          this.#write(`f.gas=g;return operate(${Opcode.SELFDESTRUCT},0,f,a);`);
          return undefined;
        default:
          at = this.#blocks.operate(at, model);
      }
    }
  }

  #branch(
    condition: string,
    model: StackModel,
    nesting: number,
    go: (taken: StackModel) => BlockState | undefined,
  ): void {
    this.#write(`if(${condition}){`);
    const taken = model.copy();
    const next = go(taken);
    if (next !== undefined) this.#block(next, taken, nesting + 1);
    this.#write('}');
  }

  /** Goes to a block. @returns its state where it is to stand here */
  #go(position: number, model: StackModel, nesting: number): BlockState | undefined {
    if (position < 0) {
      this.#end(Halt.BAD_JUMP_DESTINATION);
      return undefined;
    }
    const state = this.#graph.find(position, model.height, model.targets());
    if (state === undefined) {
      this.#leave(position, model);
      return undefined;
    }
    if (state.predecessors === 1 && nesting < NESTING_MAX && !this.#cases.has(state)) return state;
    let number = this.#cases.get(state);
    if (number === undefined) {
      number = this.#cases.size;
      this.#cases.set(state, number);
    }
    // Cases expect words in variables.
    model.slots.forEach((slot, i) => {
      const isStored = slot.kind !== 'flag' && (slot.kind !== 'constant' || slot.isTarget);
      if (!isStored) this.#write(`${variable(i)}=${wordText({ slot, name: variable(i) })};`);
    });
    this.#write(`p=${number};continue;`);
    return undefined;
  }

  /** A jump to where the stack says. */
  #goTo(target: Operand, model: StackModel, nesting: number): BlockState | undefined {
    const { slot } = target;
    if (slot.kind === 'constant') {
      const isInside = slot.value < BigInt(this.#code.bytes.length);
      return this.#go(isInside ? this.#code.jumpTargets[Number(slot.value)]! : -1, model, nesting);
    }
    this.#write(`return leaveTo(f,g,a,${inexactText(target)},[${wordTexts(model)}]);`);
    return undefined;
  }

  #leave(position: number, model: StackModel): void {
    this.#write(`return leave(f,g,${position},[${wordTexts(model)}]);`);
  }

  #end(status: number): void {
    this.#write(`return end(f,g,${status});`);
  }

  #finish(status: number, model: StackModel): void {
    this.#write(`return finish(f,g,${status},${model.operands(2).map(inexactText).join()});`);
  }
}

function wordTexts(model: StackModel): string {
  return model.slots.map((slot, i) => wordText({ slot, name: variable(i) })).join();
}
