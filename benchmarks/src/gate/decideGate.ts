/** What became of one ratio since it was recorded. */
export interface GateRow {
  readonly name: string;
  readonly recorded: number | undefined;
  readonly measured: number | undefined;
  /** `fell` by more than the tolerance; `new` is not recorded yet; `missing` was recorded and is not measured any more */
  readonly verdict: 'kept' | 'fell' | 'new' | 'missing';
}

export interface GateDecision {
  readonly passes: boolean;
  readonly rows: readonly GateRow[];
}

/**
 * Compares ratios of one run with recorded ones. Only ratios: how many times faster ours is than a library, measured by
 * turns in one process, so a slow or busy machine does not fail it.
 * @param tolerancePercent above 0, below 100
 */
export function decideGate(
  recorded: ReadonlyMap<string, number>,
  measured: ReadonlyMap<string, number>,
  tolerancePercent: number,
): GateDecision {
  const names = [...new Set([...recorded.keys(), ...measured.keys()])];
  const rows = names.map((name): GateRow => {
    const [before, now] = [recorded.get(name), measured.get(name)];
    const row = { name, recorded: before, measured: now };
    if (before === undefined) return { ...row, verdict: 'new' };
    if (now === undefined) return { ...row, verdict: 'missing' };
    // Written so that a ratio that is no number fails.
    const isKept = now >= before * (1 - tolerancePercent / 100);
    return { ...row, verdict: isKept ? 'kept' : 'fell' };
  });
  return { passes: rows.every(({ verdict }) => verdict === 'kept' || verdict === 'new'), rows };
}

/** The better of two measurements of each ratio: other work on the machine can only hide what the code can do. */
export function bestOf(
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const best = new Map(first);
  for (const [name, ratio] of second) best.set(name, Math.max(ratio, best.get(name) ?? 0));
  return best;
}
