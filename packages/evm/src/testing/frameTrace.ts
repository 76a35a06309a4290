/** How a frame ended, as far as every machine must agree. */
export type FrameEnd = 'success' | 'revert' | 'out of gas' | 'halt';

export interface FrameNode {
  end: FrameEnd;
  readonly inner: FrameNode[];
}

/** The frames of a run as a tree. */
export class FrameTrace {
  readonly #open: FrameNode[] = [{ end: 'success', inner: [] }];

  get root(): FrameNode {
    return this.#open[0]!.inner[0]!;
  }

  /** Of the frame that would begin now: the number of each frame among its siblings, from the outermost in. */
  get nextPath(): string {
    return this.#open
      .map(({ inner }, depth) => (depth === this.#open.length - 1 ? inner.length : inner.length - 1))
      .slice(1)
      .map((index) => `/${index}`)
      .join('');
  }

  begin(): void {
    const node: FrameNode = { end: 'halt', inner: [] };
    this.#open.at(-1)!.inner.push(node);
    this.#open.push(node);
  }

  end(end: FrameEnd): void {
    this.#open.pop()!.end = end;
  }
}

export function isExceptional(end: FrameEnd): boolean {
  return end === 'out of gas' || end === 'halt';
}

export function endsInOrder({ end, inner }: FrameNode): FrameEnd[] {
  return isExceptional(end) ? [end] : [...inner.flatMap(endsInOrder), end];
}
