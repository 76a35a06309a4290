import { failure, success, type Result } from '@menglian/base/result';
import type { Localized } from '@menglian/cli/language';
import type { LoadRunOptions, Rate } from '../run/loadOptions.js';

/** Options as a person typed them, by their long names in camel case. */
export type OptionTexts = Readonly<Record<string, string | boolean | undefined>>;

interface Range {
  readonly min: number;
  readonly max: number;
}

/** What each number may be. Upper bounds are far beyond use; they turn a slip of the keyboard into a sentence. */
export const RANGES = {
  nodes: { min: 1, max: 64 },
  runs: { min: 1, max: 1000 },
  transactions: { min: 1, max: 100_000_000 },
  warmUp: { min: 0, max: 1_000_000 },
  users: { min: 8, max: 10_000_000 },
  senders: { min: 1, max: 1_000_000 },
  batch: { min: 1, max: 10_000 },
  uncommitted: { min: 1, max: 1_000_000 },
  rounds: { min: 1, max: 1000 },
  turnMs: { min: 1, max: 60_000 },
  outage: { min: 1, max: 3600 },
  tolerance: { min: 1, max: 99 },
  accounts: { min: 8, max: 10_000_000 },
  sample: { min: 100, max: 1_000_000 },
  groups: { min: 1, max: 64 },
  idle: { min: 0, max: 3600 },
  rate: { min: 1, max: 1_000_000 },
  window: { min: 1, max: 3600 },
} as const satisfies Readonly<Record<string, Range>>;

export type NumberName = keyof typeof RANGES;

const ENGINES = ['pbft', 'rpbft', 'raft'];
const PORT_MAX = 65_535;
const SHOWN_CHARACTERS_MAX = 40;

/** A person's text in a message: on one line and not long, whatever it is. */
export function shownText(text: string): string {
  const plain = JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX));
  return text.length > SHOWN_CHARACTERS_MAX ? `${plain}…` : plain;
}

/** A whole number in decimal digits. @param name of the option, without dashes; its range is in `RANGES` */
export function readNumber(name: string, text: string, { min, max }: Range): Result<number, Localized> {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return success(value);
  return failure({
    en: `--${name} takes a whole number from ${min} to ${max}, not ${shownText(text)}`,
    zh: `--${name} 须为 ${min} 到 ${max} 的整数，而不是 ${shownText(text)}`,
  });
}

/** @param nodes how many ports from each first one are needed */
export function readPorts(text: string, nodes: number): Result<string, Localized> {
  const firsts = text.split(',').map((port) => (/^\d{1,5}$/.test(port) ? Number(port) : Number.NaN));
  if (firsts.length === 3 && firsts.every((port) => port >= 1 && port + nodes - 1 <= PORT_MAX)) return success(text);
  return failure({
    en: `--ports takes three first ports below ${PORT_MAX}, for example 31300,21200,18545, not ${shownText(text)}`,
    zh: `--ports 须为三个起始端口（小于 ${PORT_MAX}），例如 31300,21200,18545，而不是 ${shownText(text)}`,
  });
}

export function readEngine(text: string): Result<string, Localized> {
  if (ENGINES.includes(text)) return success(text);
  return failure({
    en: `--engine takes ${ENGINES.join(', ')}, not ${shownText(text)}`,
    zh: `--engine 须为 ${ENGINES.join('、')} 之一，而不是 ${shownText(text)}`,
  });
}

/** `4000`: arrivals a second; `80%`: of what the chain took just before. */
export function readRate(text: string): Result<Rate, Localized> {
  const [, digits, percent] = /^(\d{1,7})(%?)$/.exec(text) ?? [];
  const value = Number(digits ?? 0);
  if (percent === '' && value >= 1) return success({ kind: 'perSecond', perSecond: value });
  if (percent === '%' && value >= 1 && value <= 100) return success({ kind: 'shareOfPeak', percent: value });
  return failure({
    en: `--rate takes transactions a second, or a share of the peak such as 80%, not ${shownText(text)}`,
    zh: `--rate 须为每秒交易数，或峰值的百分比（如 80%），而不是 ${shownText(text)}`,
  });
}

/** Reads every number of `names` that is there. @returns them by name, or the first problem */
export function readNumbers<K extends NumberName>(
  texts: OptionTexts,
  names: readonly K[],
): Result<Record<K, number>, Localized> {
  const numbers: Partial<Record<K, number>> = {};
  for (const name of names) {
    const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const read = readNumber(flag, String(texts[name] ?? ''), RANGES[name]);
    if (!read.ok) return read;
    numbers[name] = read.value;
  }
  return success(numbers as Record<K, number>);
}

/** Options of a load: all texts are there, from defaults if nobody gave them, `rate` excepted. */
export function readLoadOptions(texts: OptionTexts): Result<LoadRunOptions, Localized> {
  const numbers = readNumbers(texts, [
    'nodes',
    'runs',
    'transactions',
    'warmUp',
    'users',
    'senders',
    'batch',
    'uncommitted',
  ]);
  if (!numbers.ok) return numbers;
  const { batch: batchSize, uncommitted: uncommittedMax, ...rest } = numbers.value;
  const engine = readEngine(String(texts['engine']));
  if (!engine.ok) return engine;
  const ports = readPorts(String(texts['ports']), rest.nodes);
  if (!ports.ok) return ports;
  const rate = texts['rate'] === undefined ? success(undefined) : readRate(String(texts['rate']));
  if (!rate.ok) return rate;
  return success({
    ...rest,
    batchSize,
    uncommittedMax,
    consensus: engine.value,
    sm: texts['sm'] === true,
    ports: ports.value,
    rate: rate.value,
    profileFolder: texts['profile'] as string | undefined,
  });
}
