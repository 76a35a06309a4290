import { EMPTY_BYTES } from '@menglian/base/bytes';
import { MEMORY_QUADRATIC_DIVISOR, MEMORY_WORD_GAS } from './gasSchedule.js';
import { MEMORY_LIMIT_BYTES, STACK_LIMIT } from './limits.js';
import { WORD_BYTES, wordCount } from './words.js';

/** Room that a new frame's memory has before it must grow. */
const INITIAL_MEMORY_BYTES = 4 * 1024;
/** Frames that grew beyond this give their memory back when they are put aside. */
const KEPT_MEMORY_BYTES = 64 * 1024;
/** Frames put aside for later; a call depth beyond it allocates. */
const KEPT_FRAMES = 32;

/** The machine state of one running code: stack, memory, gas, and the data that the last call returned. */
export class Frame {
  readonly stack: bigint[] = new Array<bigint>(STACK_LIMIT).fill(0n);
  /** items on the stack */
  height = 0;
  gas = 0;
  /** where the interpreter goes on when translated code has left: a position among the operations */
  position = 0;
  /** may be longer than the memory that the code sees */
  bytes = new Uint8Array(INITIAL_MEMORY_BYTES);
  view = new DataView(this.bytes.buffer);
  /** what the code sees: a multiple of 32 */
  memorySize = 0;
  returnData: Uint8Array = EMPTY_BYTES;
  output: Uint8Array = EMPTY_BYTES;

  /** Makes memory reach `end` bytes and pays for it. @returns false when the gas does not suffice: nothing was done */
  grow(end: number): boolean {
    if (end <= this.memorySize) return true;
    if (end > MEMORY_LIMIT_BYTES) return false;
    const words = wordCount(end);
    const cost = memoryGas(words) - memoryGas(this.memorySize / WORD_BYTES);
    if (cost > this.gas) return false;
    this.gas -= cost;
    this.memorySize = words * WORD_BYTES;
    if (this.memorySize > this.bytes.length) this.#reallocate();
    return true;
  }

  /**
   * Like `grow` for a range of words from the stack, turned to numbers: what is too large to be exact is beyond the limit,
   * whatever it rounds to. A range of no bytes needs no memory, wherever it is.
   */
  growRange(offset: number, size: number): boolean {
    return size === 0 || this.grow(offset + size);
  }

  /** A copy of a range that `growRange` accepted. */
  copyRange(offset: number, size: number): Uint8Array {
    return size === 0 ? EMPTY_BYTES : this.bytes.slice(offset, offset + size);
  }

  /** The same without copying: for whoever reads it at once. */
  viewRange(offset: number, size: number): Uint8Array {
    return size === 0 ? EMPTY_BYTES : this.bytes.subarray(offset, offset + size);
  }

  /** Writes `size` bytes of `data` from `dataOffset` on, with zeros behind its end, into memory that is there. */
  writePadded(offset: number, data: Uint8Array, dataOffset: number, size: number): void {
    if (size === 0) return;
    const from = Math.min(dataOffset, data.length);
    const part = data.subarray(from, from + size);
    this.bytes.set(part, offset);
    if (part.length < size) this.bytes.fill(0, offset + part.length, offset + size);
  }

  #reallocate(): void {
    const bytes = new Uint8Array(Math.max(this.memorySize, 2 * this.bytes.length));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Makes the frame as good as new. */
  clear(): void {
    if (this.bytes.length > KEPT_MEMORY_BYTES) {
      this.bytes = new Uint8Array(INITIAL_MEMORY_BYTES);
      this.view = new DataView(this.bytes.buffer);
    } else {
      this.bytes.fill(0, 0, this.memorySize);
    }
    this.memorySize = 0;
    this.height = 0;
    this.position = 0;
    this.returnData = EMPTY_BYTES;
    this.output = EMPTY_BYTES;
  }
}

function memoryGas(words: number): number {
  return MEMORY_WORD_GAS * words + Math.floor((words * words) / MEMORY_QUADRATIC_DIVISOR);
}

/** Allocating stack and memory would cost a short call more than running it, so frames are used again. */
const keptFrames: Frame[] = [];

export function openFrame(gas: number): Frame {
  const frame = keptFrames.pop() ?? new Frame();
  frame.gas = gas;
  return frame;
}

/** After this nobody may touch the frame. A frame whose run threw is not closed and simply forgotten. */
export function closeFrame(frame: Frame): void {
  if (keptFrames.length >= KEPT_FRAMES) return;
  frame.clear();
  keptFrames.push(frame);
}
