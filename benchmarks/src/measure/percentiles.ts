/** Milliseconds; `max` is the slowest. */
export interface LatencySummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * The value below or at which that share of the values lies (nearest rank).
 * @param ascending not empty @param share above 0, at most 1
 */
export function percentile(ascending: ArrayLike<number>, share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}

/** @param ascending of one load; zeros if nothing was committed */
export function summarizeLatencies(ascending: ArrayLike<number>): LatencySummary {
  if (ascending.length === 0) return { p50: 0, p95: 0, p99: 0, max: 0 };
  const at = (share: number) => Math.round(percentile(ascending, share) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The middle one, or the mean of the two in the middle. @param values not empty */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}

/** @param values not empty */
export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/** The value nearest to the median: of an even number the lower of the two. @param values not empty */
export function indexOfMedian(values: readonly number[]): number {
  const order = [...values.keys()].toSorted((a, b) => values[a]! - values[b]!);
  return order[(order.length - 1) >> 1]!;
}
