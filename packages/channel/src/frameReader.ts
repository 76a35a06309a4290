import { FRAME_BYTES_MAX, HEADER_BYTES, decodeFrame, type Frame } from './frame.js';

const LENGTH_BYTES = 4;
const FIRST_CAPACITY_BYTES = 4096;

/**
 * Cuts what a socket delivers into frames. Holds at most twice the bytes that came, whatever length a header claims and
 * however small the pieces are.
 */
export class FrameReader {
  /** Bytes of a frame that is not complete, at its beginning. */
  #buffer: Buffer = Buffer.alloc(0);
  #heldBytes = 0;

  /** Bytes of a frame that is not complete. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * @param chunk kept: parts of it may be in the frames
   * @returns frames that are complete now, in order, and undefined in the place of one whose length no frame has
   */
  push(chunk: Buffer): (Frame | undefined)[] {
    const bytes = this.#heldBytes === 0 ? chunk : this.#append(chunk);
    const frames: (Frame | undefined)[] = [];
    let start = 0;
    while (bytes.length - start >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(start);
      if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) {
        this.clear();
        return [...frames, undefined];
      }
      if (bytes.length - start < length) break;
      frames.push(decodeFrame(bytes.subarray(start, start + length)));
      start += length;
    }
    // Frames are views of the old buffer: the rest begins a new one.
    if (start > 0) this.clear();
    if (this.#heldBytes === 0 && start < bytes.length) this.#append(bytes.subarray(start));
    return frames;
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0);
    this.#heldBytes = 0;
  }

  #append(chunk: Buffer): Buffer {
    const needed = this.#heldBytes + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY_BYTES, needed, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#heldBytes);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#heldBytes);
    this.#heldBytes = needed;
    return this.#buffer.subarray(0, needed);
  }
}
