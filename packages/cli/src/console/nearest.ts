/** Letters that may differ for a name to be meant. */
const DISTANCE_MAX = 3;

/** The name that was probably meant. @returns undefined when none is near */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted.length > 64) return undefined;
  const longer = names.filter((name) => name.toLowerCase().startsWith(wanted));
  if (wanted.length > 2 && longer.length > 0) return longer[0];
  const ranked = names
    .map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.min(DISTANCE_MAX, wanted.length / 2) ? best.name : undefined;
}

/** Levenshtein's: letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
