import { sdkError } from '../sdkError.js';

/** What a node said does not follow from what is trusted. */
export function notProven(problem: string) {
  return sdkError('NotProven', problem, 'do not believe it: ask another node, and tell the operators of this one');
}

export function demand(condition: boolean, problem: string): asserts condition {
  if (!condition) throw notProven(problem);
}
