import { failure, type Result, success } from '@menglian/base/result';
import { CONDITION_INVALID, ENTRY_INVALID, OPERATOR_UNKNOWN } from './codes.js';
import type { GasMeter } from './framework/gasMeter.js';
import { parseInt64 } from './framework/text.js';
import { type JsonObject, type JsonValue, readJson } from './json/readJson.js';
import { type Comparison, Condition } from './tables/condition.js';
import { isHiddenField } from './tables/rows.js';

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['eq', 'EQ'],
  ['ne', 'NE'],
  ['gt', 'GT'],
  ['ge', 'GE'],
  ['lt', 'LT'],
  ['le', 'LE'],
]);

/** A JSON object of scalars: `{"item_id":"1","count":2}`. Failure is the code to answer. */
export function readEntry(json: string): Result<Map<string, string>, number> {
  const members = readMembers(json);
  if (members === undefined) return failure(ENTRY_INVALID);
  const fields = new Map<string, string>();
  for (const [name, value] of members) {
    const text = scalarText(value);
    if (text === undefined) return failure(ENTRY_INVALID);
    fields.set(name, text);
  }
  return success(fields);
}

/**
 * `{"item_id":{"ge":"1","le":"9"},"limit":{"limit":"0,10"}}`: each member inside charges one operation. Members with the
 * name of a hidden field are passed over. Failure is the code to answer.
 */
export function readCondition(json: string, gas: GasMeter): Result<Condition, number> {
  const members = readMembers(json);
  if (members === undefined) return failure(CONDITION_INVALID);
  const condition = new Condition();
  for (const [field, operations] of members) {
    if (isHiddenField(field)) continue;
    if (operations.kind !== 'object') return failure(CONDITION_INVALID);
    for (const [operator, operand] of operations.members) {
      const text = scalarText(operand);
      if (text === undefined) return failure(CONDITION_INVALID);
      const comparison = COMPARISONS.get(operator);
      if (comparison !== undefined) condition.compare(field, comparison, text);
      else if (operator !== 'limit') return failure(OPERATOR_UNKNOWN);
      else if (!readLimit(condition, text)) return failure(CONDITION_INVALID);
      gas.charge('condition');
    }
  }
  return success(condition);
}

/** `offset,count` in decimal. */
function readLimit(condition: Condition, text: string): boolean {
  const [offset, count, ...rest] = text.split(',', 3).map((number) => parseInt64(number));
  if (offset === undefined || count === undefined || rest.length > 0) return false;
  condition.limit(offset, count);
  return true;
}

function scalarText(value: JsonValue): string | undefined {
  if (value.kind === 'null') return '';
  return value.kind === 'text' ? value.text : undefined;
}

/** `null` is an object without members. */
function readMembers(json: string): JsonObject | undefined {
  const value = readJson(json);
  if (!value.ok) return undefined;
  if (value.value.kind === 'object') return value.value.members;
  return value.value.kind === 'null' ? new Map() : undefined;
}
