/** How long things took, by their names. */
export class Latencies {
  readonly #valuesMs = new Map<string, number[]>();

  add(what: string, valueMs: number): void {
    const values = this.#valuesMs.get(what) ?? [];
    if (values.length === 0) this.#valuesMs.set(what, values);
    values.push(valueMs);
  }

  /** A line for each: how many, what half, 99 % and all of them stayed below, and whether that is what was wanted. */
  table(p99WantedMs: number): string {
    const lines = [...this.#valuesMs].map(([what, values]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
      const [p50, p99, max] = [at(0.5), at(0.99), at(1)].map((valueMs) => `${valueMs.toFixed(1)} ms`);
      const verdict = at(0.99) > p99WantedMs ? ', MORE THAN WANTED' : '';
      return `${what}: ${sorted.length}, p50 ${p50}, p99 ${p99}, max ${max}${verdict}`;
    });
    return lines.join('\n');
  }
}
