import type { AbiParameter } from '@menglian/sdk/abi/abi';
import { jsonText } from './output/json.js';

/** Values of the ABI for `--json`: integers as decimal text when a number could not hold them. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonValue(one)]));
}

/** What a function returned, by the names of its outputs, else by their places. */
export function namedValues(outputs: readonly AbiParameter[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(outputs.map(({ name }, index) => [name || String(index), jsonValue(values[index])]));
}

/** One value as people read it. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(jsonValue(value));
}
