/** Bytes that came in chunks, to be read as if they were one: to put 32 MiB together takes as long as to parse a good part of them. */
export class ByteChunks {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
  /** Where each chunk begins. */
  readonly #begins: number[] = [];

  constructor(chunks: readonly Uint8Array[]) {
    this.chunks = chunks;
    let length = 0;
    for (const chunk of chunks) {
      this.#begins.push(length);
      length += chunk.length;
    }
    this.length = length;
  }

  /** @param end behind the last byte @returns a view, or a copy where chunks meet */
  slice(begin: number, end: number): Buffer {
    const parts: Uint8Array[] = [];
    for (let index = this.#indexOf(begin); index < this.chunks.length && this.#begins[index]! < end; index++) {
      const from = Math.max(0, begin - this.#begins[index]!);
      parts.push(this.chunks[index]!.subarray(from, end - this.#begins[index]!));
    }
    const [only] = parts;
    return parts.length === 1 ? Buffer.from(only!.buffer, only!.byteOffset, only!.length) : Buffer.concat(parts);
  }

  /** The chunk that holds a position, by halves. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#begins[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
