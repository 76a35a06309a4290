/** How long things took, by their names. */
export class Latencies {
  readonly #valuesMs = new Map<string, number[]>();

  add(what: string, valueMs: number): void {
    const values = this.#valuesMs.get(what) ?? [];
    if (values.length === 0) this.#valuesMs.set(what, values);
    values.push(valueMs);
  }

  /** A line for each: how many, and what half, 99 % and all of them stayed below. */
  table(): string {
    const lines = [...this.#valuesMs].map(([what, values]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const at = (share: number) => `${sorted[Math.ceil(sorted.length * share) - 1]!.toFixed(1)} ms`;
      return `${what}: ${sorted.length}, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`;
    });
    return lines.join('\n');
  }
}
