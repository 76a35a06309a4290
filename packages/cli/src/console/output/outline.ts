import type { Style } from './style.js';
import { padded, printable, textWidth } from './width.js';

/** Members that hold a number, though nodes write them in hexadecimal. */
const QUANTITIES: ReadonlySet<string> = new Set([
  'blockLimit',
  'blockNumber',
  'failedTxSum',
  'gas',
  'gasLimit',
  'gasPrice',
  'gasUsed',
  'groupId',
  'number',
  'remainGas',
  'sealer',
  'status',
  'transactionIndex',
  'txSum',
]);

/** Members that hold milliseconds since 1970. */
const TIMES: ReadonlySet<string> = new Set(['timestamp']);

/** Members that are long and say little to people. */
const BULKY: ReadonlySet<string> = new Set(['logsBloom', 'input', 'output', 'data', 'code', 'abi']);

/** Characters of them that people see. */
const BULKY_CHARACTERS_MAX = 138;

/** A JSON value as indented lines: names, values, and a dash before each item of a list. */
export function outlineText(value: unknown, style: Style): string {
  return isScalar(value) ? scalarText(value) : lines(value as object, style).join('\n');
}

function lines(value: object, style: Style): string[] {
  return Array.isArray(value) ? listLines(value, style) : memberLines(value, style);
}

function listLines(items: readonly unknown[], style: Style): string[] {
  return items.flatMap((item) => {
    const inside = isScalar(item) ? [scalarText(item)] : lines(item as object, style);
    return inside.map((line, index) => `${index === 0 ? style.dim('- ') : '  '}${line}`);
  });
}

function memberLines(members: object, style: Style): string[] {
  const entries = Object.entries(members);
  const width = Math.max(0, ...entries.map(([name]) => textWidth(printable(name))));
  return entries.flatMap(([name, value]) => {
    if (isScalar(value)) return [`${style.name(padded(printable(name), width))}  ${memberText(name, value)}`];
    return [style.name(printable(name)), ...lines(value as object, style).map((line) => `  ${line}`)];
  });
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function scalarText(value: unknown): string {
  if (typeof value === 'object') return value === null ? '-' : Array.isArray(value) ? '[]' : '{}';
  return printable(String(value));
}

function memberText(name: string, value: unknown): string {
  const isQuantity = typeof value === 'string' && /^0x[0-9a-f]{1,64}$/.test(value);
  if (TIMES.has(name) && isQuantity) {
    const date = new Date(Number(value));
    return Number.isNaN(date.getTime()) ? value : `${BigInt(value)} (${date.toISOString()})`;
  }
  if (QUANTITIES.has(name) && isQuantity) return BigInt(value).toString();
  const text = scalarText(value);
  if (!BULKY.has(name) || text.length <= BULKY_CHARACTERS_MAX) return text;
  return `${text.slice(0, BULKY_CHARACTERS_MAX)}… (${text.length})`;
}
