import { FRAME_BYTES_MAX, HEADER_BYTES, decodeFrame, type Frame } from './frame.js';

const LENGTH_BYTES = 4;

/** Cuts what a socket delivers into frames. Holds no more than the bytes that came, whatever length a header claims. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #heldBytes = 0;

  /** Bytes of frames that are not complete. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @returns frames that are complete now, in order, and undefined in the place of one whose length no frame has */
  push(chunk: Buffer): (Frame | undefined)[] {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    const frames: (Frame | undefined)[] = [];
    while (this.#heldBytes >= LENGTH_BYTES) {
      const length = this.#frameBytes();
      if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) {
        this.clear();
        return [...frames, undefined];
      }
      if (this.#heldBytes < length) break;
      frames.push(decodeFrame(this.#take(length)));
    }
    return frames;
  }

  clear(): void {
    this.#chunks = [];
    this.#heldBytes = 0;
  }

  #frameBytes(): number {
    const first = this.#chunks[0]!;
    if (first.length >= LENGTH_BYTES) return first.readUInt32BE(0);
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.readUInt32BE(0);
  }

  #take(bytes: number): Buffer {
    const [first] = this.#chunks as [Buffer];
    const all = first.length >= bytes ? first : Buffer.concat(this.#chunks);
    if (first.length < bytes) this.#chunks = [all];
    if (all.length > bytes) this.#chunks[0] = all.subarray(bytes);
    else this.#chunks.shift();
    this.#heldBytes -= bytes;
    return all.subarray(0, bytes);
  }
}
