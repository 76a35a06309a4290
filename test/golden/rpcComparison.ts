import { inflateSync } from 'node:zlib';
import type { Json } from './recordedRpc.js';

/** How the recorded chain's names for things translate into those of the chain under test. */
export interface Translation {
  /** Node ids, hashes of blocks and of transactions signed anew: hexadecimal digits without `0x`. */
  readonly names: ReadonlyMap<string, string>;
  /** Block numbers. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** What depends on the run: only the JSON type and the way it is written are compared. */
const RUN_DEPENDENT: ReadonlySet<string> = new Set([
  // Our own digest of the state, and what is computed from it.
  'dbHash',
  'stateRoot',
  'root',
  'receiptsRoot',
  'receiptRoot',
  // Time, chance, and who was fastest.
  'timestamp',
  'sealer',
  'signatureList',
  'currentView',
  'toView',
  'view',
  // The machine.
  'IPAndPort',
  'Node',
  'Build Time',
  'Build Type',
  'Git Branch',
  'Git Commit Hash',
]);

/** JSON integers and quantities that are heights. */
const HEIGHTS: ReadonlySet<string> = new Set([
  'blockNumber',
  'currentBlockNumber',
  'number',
  'highestblockNumber',
  'knownHighestNumber',
]);

/** The order of the nodes behind these depends on who connected first. */
const UNORDERED: ReadonlySet<string> = new Set(['getPeers', 'getNodeIDList']);

/** A recorded value as the chain under test would say it. */
export function translate(value: Json, translation: Translation, key = ''): Json {
  if (Array.isArray(value)) return value.map((item) => translate(item, translation, key));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, translate(item, translation, name)]));
  }
  if (HEIGHTS.has(key)) return translateHeight(value, translation);
  if (key === 'consensusedBlockNumber') return (translateHeight((value as number) - 1, translation) as number) + 1;
  if (typeof value !== 'string') return value;
  return translateText(value, translation);
}

function translateHeight(value: Json, { numbers }: Translation): Json {
  const mapped = numbers.get(Number(value)) ?? Number(value);
  return typeof value === 'number' ? mapped : `0x${mapped.toString(16)}`;
}

function translateText(text: string, { names }: Translation): string {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  const name = names.get(digits);
  if (name !== undefined) return text.slice(0, text.length - digits.length) + name;
  // Block 0 holds its parameters as text, node ids included; calls of 0x1003 hold them the same way.
  let result = text;
  for (const [from, to] of names) {
    if (from.length !== NODE_ID_DIGITS) continue;
    result = result.replaceAll(asciiHex(from), asciiHex(to));
  }
  return result;
}

const NODE_ID_DIGITS = 128;

function asciiHex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

/**
 * Compares an answer with the recorded one, already translated.
 * @param options.unordered whether arrays of nodes may come in another order
 * @returns one line for each difference, with its place
 */
export function differences(expected: Json, actual: Json, place: string, key = ''): string[] {
  if (RUN_DEPENDENT.has(key)) return formDifferences(expected, actual, place);
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return [`${place}: ${actual.length} items, recorded ${expected.length}`];
    return expected.flatMap((item, index) => differences(item, actual[index]!, `${place}[${index}]`, key));
  }
  if (isObject(expected) && isObject(actual)) {
    return [
      ...keyDifferences(expected, actual, place),
      ...Object.keys(expected).flatMap((name) =>
        name in actual ? differences(expected[name]!, actual[name]!, `${place}.${name}`, name) : [],
      ),
    ];
  }
  return expected === actual ? [] : [`${place}: ${show(actual)}, recorded ${show(expected)}`];
}

/** Same JSON type, and for text the same way of writing. Lists may differ in length. */
export function formDifferences(expected: Json, actual: Json, place: string): string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const [first] = expected;
    return first === undefined
      ? []
      : actual.flatMap((item, index) => formDifferences(first, item, `${place}[${index}]`));
  }
  if (isObject(expected) && isObject(actual)) {
    return [
      ...keyDifferences(expected, actual, place),
      ...Object.keys(expected).flatMap((name) =>
        name in actual ? formDifferences(expected[name]!, actual[name]!, `${place}.${name}`) : [],
      ),
    ];
  }
  const [wanted, found] = [formOf(expected), formOf(actual)];
  return wanted === found ? [] : [`${place}: ${found} ${show(actual)}, recorded ${wanted} ${show(expected)}`];
}

/** The way a value is written; texts of one form are told apart by nothing but their value. */
function formOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value !== 'string') return Array.isArray(value) ? 'array' : typeof value;
  if (/^0x(0|[1-9a-f][0-9a-f]{0,15})$/.test(value)) return 'quantity';
  if (/^0x([0-9a-f]{2})*$/.test(value)) return `bytes of ${(value.length - 2) / 2}`;
  if (/^[0-9a-f]{64,}$/.test(value)) return `digits without 0x, ${value.length}`;
  if (/^[0-9.]+:[0-9]+$/.test(value)) return 'ip:port';
  if (/^\d{8} \d\d:\d\d:\d\d$/.test(value)) return 'build time';
  return 'text';
}

function keyDifferences(expected: object, actual: object, place: string): string[] {
  const missing = Object.keys(expected).filter((name) => !(name in actual));
  const extra = Object.keys(actual).filter((name) => !(name in expected));
  return [
    ...missing.map((name) => `${place}: no member ${name}`),
    ...extra.map((name) => `${place}: member ${name}, which the recording has not`),
  ];
}

/** Whether a value has members. */
export function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 140 ? `${text.slice(0, 140)}… (${text.length} characters)` : text;
}

/** Puts the nodes of an answer in a fixed order, where the order says nothing. */
export function inFixedOrder(method: string, result: Json): Json {
  if (!UNORDERED.has(method) || !Array.isArray(result)) return result;
  // Of node ids the own one comes first, and that does say something.
  const head = method === 'getNodeIDList' ? result.slice(0, 1) : [];
  const idOf = (item: Json) => (isObject(item) ? String(item['NodeID']) : String(item));
  return [...head, ...result.slice(head.length).toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))];
}

/** What an error text must hold: the comment of the recorded one, else the name of its exception. */
export function requiredWords(message: string): string {
  const comment = /\[dev::tag_comment\*\] = (.*)/.exec(message)?.[1];
  const exception = /wrapexcept<(?:dev::)*(?:eth::)?(\w+)>/.exec(message)?.[1];
  const what = /std::exception::what: (.*)/.exec(message)?.[1];
  // The comment of a decoder tells its own counting of bytes.
  if (comment !== undefined && !comment.startsWith('Actual size')) return comment;
  if (exception !== undefined) return exception;
  return what ?? message;
}

/** The text that a 2.x node sends for a value: compact, keys ascending at every level, a newline at the end. */
export function wireText(value: Json): string {
  return `${sorted(value)}\n`;
}

function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => `${JSON.stringify(name)}:${sorted(value[name]!)}`);
  return `{${members.join(',')}}`;
}

/** The JSON behind a compressed batch of receipts, with its text. */
export function decompress(result: string): { text: string; json: Json } {
  const text = inflateSync(Buffer.from(result, 'base64')).toString('utf8');
  return { text, json: JSON.parse(text) as Json };
}
