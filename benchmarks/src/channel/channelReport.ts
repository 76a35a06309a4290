import type { Language, Localized } from '@menglian/cli/language';
import { spread, type Spread } from '../measure/percentiles.js';
import type { Environment } from '../measure/environment.js';
import { textTable } from '../measure/textTable.js';

export interface ChannelOptions {
  readonly nodes: number;
  readonly rounds: number;
  /** of each round, whose receipts are counted */
  readonly transactions: number;
}

/** What one round measured; milliseconds are medians. */
export interface ChannelRound {
  readonly amopMs: number;
  readonly bareMs: number;
  readonly smallPerSecond: number;
  readonly largePerSecond: number;
  readonly channelMs: number;
  readonly httpMs: number;
  readonly channelPerSecond: number;
  readonly httpPerSecond: number;
  readonly receiptsPerSecond: number;
}

export interface ChannelReport {
  readonly benchmark: 'channel';
  readonly version: 1;
  readonly environment: Environment;
  readonly options: ChannelOptions;
  /** bytes of a large message's content */
  readonly largeBytes: number;
  /** requests under way where a rate is measured */
  readonly underWay: number;
  readonly rounds: readonly ChannelRound[];
}

const TEXTS = {
  amopMs: { en: 'AMOP, question and answer through two nodes, ms', zh: 'AMOP 经两节点问答，毫秒' },
  bareMs: { en: 'bare TLS through two processes, ms', zh: '裸 TLS 经两进程往返，毫秒' },
  ratio: { en: 'AMOP to bare TLS', zh: 'AMOP 与裸 TLS 之比' },
  smallPerSecond: { en: 'AMOP, small questions answered a second', zh: 'AMOP 小消息，每秒问答数' },
  largePerSecond: { en: 'AMOP, large questions answered a second', zh: 'AMOP 大消息，每秒问答数' },
  channelMs: { en: 'getBlockNumber over the channel, ms', zh: 'getBlockNumber（channel），毫秒' },
  httpMs: { en: 'getBlockNumber over HTTP, ms', zh: 'getBlockNumber（HTTP），毫秒' },
  channelPerSecond: { en: 'getBlockNumber a second over the channel', zh: 'getBlockNumber 每秒（channel）' },
  httpPerSecond: { en: 'getBlockNumber a second over HTTP', zh: 'getBlockNumber 每秒（HTTP）' },
  receiptsPerSecond: { en: 'receipts pushed a second', zh: '每秒推送回执数' },
} as const satisfies Readonly<Record<string, Localized>>;

/** A line a figure: the median of the rounds, and the lowest and highest in brackets. */
export function describeChannel({ rounds }: ChannelReport, language: Language): string {
  const row = (name: keyof typeof TEXTS, value: (round: ChannelRound) => number): [string, string] => [
    TEXTS[name][language],
    spreadText(spread(rounds.map(value))),
  ];
  return textTable([
    row('amopMs', ({ amopMs }) => amopMs),
    row('bareMs', ({ bareMs }) => bareMs),
    row('ratio', ({ amopMs, bareMs }) => amopMs / bareMs),
    row('smallPerSecond', (round) => round.smallPerSecond),
    row('largePerSecond', (round) => round.largePerSecond),
    row('channelMs', ({ channelMs }) => channelMs),
    row('httpMs', ({ httpMs }) => httpMs),
    row('channelPerSecond', (round) => round.channelPerSecond),
    row('httpPerSecond', (round) => round.httpPerSecond),
    row('receiptsPerSecond', (round) => round.receiptsPerSecond),
  ]);
}

function spreadText({ min, median, max }: Spread): string {
  return `${figureText(median)} (${figureText(min)}–${figureText(max)})`;
}

/** Three digits of small figures, all of those before the point of large ones. */
function figureText(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
