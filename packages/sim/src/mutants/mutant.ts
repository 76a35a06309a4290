/** A deliberate bug: a module of an engine with some of its exports replaced. Switched on by tests and by `--mutants` alone. */
import type { SimulationOptions } from '../options.js';

export type Exports = Readonly<Record<string, unknown>>;

export interface Mutant {
  /** Short and unique: the command takes it. */
  readonly name: string;
  readonly what: string;
  /** As other packages import it. */
  readonly module: string;
  /** Names of the exports that `change` replaces. */
  readonly exports: readonly string[];
  readonly change: (actual: Exports) => Exports;
  /** The runs in which it is looked for; each mutant where its rule matters. */
  readonly options: (seed: number) => SimulationOptions;
  /** Seeds within which it must be found. */
  readonly seeds: number;
  /** Where tests look first, for a rare history: found by running from 1 on. */
  readonly firstSeed?: number;
}

/** An export of the module as it is. The caller knows its type. */
export function original<T>(actual: Exports, name: string): T {
  return actual[name] as T;
}

/** The class with one method replaced; a method is given the original one first. */
export function withMethod(
  actual: Exports,
  className: string,
  method: string,
  replace: (call: (...args: never[]) => unknown) => (this: never, ...args: never[]) => unknown,
): Exports {
  const Original = original<new (...args: never[]) => object>(actual, className);
  const prototype = Original.prototype as Record<string, (...args: never[]) => unknown>;
  // In place: objects that the class makes of itself must have it too. A module that is mutated belongs to one test.
  prototype[method] = replace(prototype[method]!) as (...args: never[]) => unknown;
  return { [className]: Original };
}
