import { PERIOD_INVALID, PERIOD_MISSING, PERIOD_OVERLAPS, PERIODS_FULL } from './codes.js';
import { readRules, writeRules } from './2003-groups.js';
import type { FunctionContext } from './framework/systemContract.js';
import { recordsLine } from './json/writeJson.js';
import { ROUTED_PERIODS_MAX, ROUTED_TIME_MS_MAX } from './limits.js';

type Context = FunctionContext<undefined>;

const PERIODS = 'periods';

/** What happened from `fromMs` on and before `untilMs`, milliseconds since 1970, is kept in a group. */
interface Period {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly group: number;
}

/** Disjoint, in the order of time. */
function readPeriods(context: Context): readonly Period[] {
  const text = readRules(context, PERIODS);
  if (text === '') return [];
  const periods = text.split(';').map((one): Period => {
    const [fromMs, untilMs, group] = one.split(',').map(Number) as [number, number, number];
    return { fromMs, untilMs, group };
  });
  context.gas.charge('field', periods.length);
  return periods;
}

/** @returns the code why this cannot be a period */
export function periodProblem(fromMs: bigint, untilMs: bigint): number | undefined {
  return fromMs < untilMs && untilMs <= ROUTED_TIME_MS_MAX ? undefined : PERIOD_INVALID;
}

/** @returns the code of refusal */
export function addPeriod(context: Context, period: Period): number | undefined {
  const periods = readPeriods(context);
  const isApart = ({ fromMs, untilMs }: Period): boolean => untilMs <= period.fromMs || fromMs >= period.untilMs;
  if (!periods.every(isApart)) return PERIOD_OVERLAPS;
  if (periods.length >= ROUTED_PERIODS_MAX) return PERIODS_FULL;
  writePeriods(
    context,
    [...periods, period].toSorted((a, b) => a.fromMs - b.fromMs),
  );
  return undefined;
}

/** @returns the code of refusal: both ends must be those of the period */
export function removePeriod(context: Context, fromMs: bigint, untilMs: bigint): number | undefined {
  const periods = readPeriods(context);
  const rest = periods.filter((one) => BigInt(one.fromMs) !== fromMs || BigInt(one.untilMs) !== untilMs);
  if (rest.length === periods.length) return PERIOD_MISSING;
  writePeriods(context, rest);
  return undefined;
}

function writePeriods(context: Context, periods: readonly Period[]): void {
  const lines = periods.map(({ fromMs, untilMs, group }) => `${fromMs},${untilMs},${group}`);
  writeRules(context, PERIODS, lines.join(';'));
}

export function groupAt(context: Context, timeMs: bigint): number | undefined {
  return readPeriods(context).find(({ fromMs, untilMs }) => fromMs <= timeMs && timeMs < untilMs)?.group;
}

/** JSON of all periods. */
export function periodsText(context: Context): string {
  const records = readPeriods(context).map(({ fromMs, untilMs, group }) => ({
    from_ms: String(fromMs),
    until_ms: String(untilMs),
    group: String(group),
  }));
  return recordsLine(records);
}
