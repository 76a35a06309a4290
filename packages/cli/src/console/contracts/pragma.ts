/** Versions of the compiler and what a source asks of them. */

export type Version = readonly [number, number, number];

/** Of each line the one to install: the last, or the last of those whose contracts nodes were tried with. */
const RECOMMENDED: readonly string[] = ['0.8.30', '0.7.6', '0.6.12', '0.5.17', '0.4.26'];

/** @returns undefined when the text does not begin with a version */
export function readVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?!\d)/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function versionText(version: Version): string {
  return version.join('.');
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** What `pragma solidity` of all sources say; comments do not count. */
export function pragmas(sources: readonly string[]): readonly string[] {
  return sources.flatMap((source) => {
    const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');
    return [...code.matchAll(/\bpragma\s+solidity\s+([^;]{1,200});/g)].map((match) => match[1]!.trim());
  });
}

/** Whether a compiler may be used: `^0.4.25`, `>=0.4.22 <0.7.0`, `0.5.1 || 0.6.x`. */
export function satisfies(version: Version, range: string): boolean {
  return range.split('||').some((part) => {
    const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(part);
    const joined = hyphen === null ? part : `>=${hyphen[1]} <=${hyphen[2]}`;
    const comparators = joined.replaceAll(/([<>=^~]+)\s+/g, '$1').split(/\s+/);
    return comparators.filter((one) => one !== '').every((one) => fits(version, one));
  });
}

/** The version to install for these ranges; undefined when none of ours is right. */
export function recommended(ranges: readonly string[]): string | undefined {
  const exact = ranges.flatMap((range) => [...range.matchAll(/\d+\.\d+\.\d+/g)].map(([text]) => text));
  return [...RECOMMENDED, ...exact].find((text) => {
    const version = readVersion(text);
    return version !== undefined && ranges.every((range) => satisfies(version, range));
  });
}

function fits(version: Version, comparator: string): boolean {
  const match = /^([<>=^~]*)v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$/.exec(comparator);
  if (match === null) return false;
  const given = [match[2], match[3], match[4]].map((part) =>
    part === undefined || /[xX*]/.test(part) ? undefined : Number(part),
  );
  const known = given.indexOf(undefined) < 0 ? 3 : given.indexOf(undefined);
  if (known === 0) return true;
  const low: Version = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  switch (match[1]) {
    case '^':
      // The first number that is not zero must stay.
      return isBetween(version, low, raised(low, Math.min(firstNonZero(low), known - 1)));
    case '~':
      return isBetween(version, low, raised(low, Math.min(1, known - 1)));
    case '>=':
      return compareVersions(version, low) >= 0;
    case '>':
      return compareVersions(version, known === 3 ? low : raised(low, known - 1)) >= (known === 3 ? 1 : 0);
    case '<':
      return compareVersions(version, low) < 0;
    case '<=':
      return known === 3 ? compareVersions(version, low) <= 0 : compareVersions(version, raised(low, known - 1)) < 0;
    case '':
    case '=':
      return known === 3 ? compareVersions(version, low) === 0 : isBetween(version, low, raised(low, known - 1));
    default:
      return false;
  }
}

function isBetween(version: Version, low: Version, end: Version): boolean {
  return compareVersions(version, low) >= 0 && compareVersions(version, end) < 0;
}

function firstNonZero(version: Version): number {
  const index = version.findIndex((part) => part > 0);
  return index < 0 ? 2 : index;
}

/** The first version that differs at this place. */
function raised(version: Version, place: number): Version {
  return version.map((part, index) => (index < place ? part : index === place ? part + 1 : 0)) as unknown as Version;
}
