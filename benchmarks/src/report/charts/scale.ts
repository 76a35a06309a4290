/** Where values lie on a line, and which of them are written beside it. */
export interface Scale {
  /** the largest tick: at or above the largest value */
  readonly max: number;
  /** ascending, from 0 */
  readonly ticks: readonly number[];
  position(value: number): number;
}

/** About so many ticks. */
const TICKS = 5;

/**
 * From 0 to a round number at or above the largest value.
 * @param largest not negative; 0 or no number makes a scale to 1
 * @param from position of 0 @param to position of the largest tick
 */
export function linearScale(largest: number, from: number, to: number): Scale {
  const top = Number.isFinite(largest) && largest > 0 ? largest : 1;
  const step = roundStep(top / TICKS);
  const count = Math.ceil(top / step - 1e-9);
  const max = step * count;
  return {
    max,
    ticks: Array.from({ length: count + 1 }, (_, index) => step * index),
    position: (value) => from + (Math.min(Math.max(value, 0), max) / max) * (to - from),
  };
}

/** The next of 1, 2, 2.5, 5, 10 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9))!;
}
