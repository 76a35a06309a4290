import type { Language } from '@menglian/cli/language';
import type { PreparationStep } from '../workloads/workload.js';

/** What lines of progress say. */
export interface ProgressTexts extends Readonly<Record<PreparationStep, string>> {
  readonly signing: string;
  readonly warmingUp: string;
  readonly line: (what: string, done: number, total: number, perSecond: number) => string;
}

const EN: ProgressTexts = {
  openingAccounts: 'opening accounts',
  registeringFunctions: 'registering functions',
  signing: 'signing',
  warmingUp: 'warming up',
  line: (what, done, total, perSecond) => `${what}: ${done} of ${total}, ${perSecond} a second`,
};

const ZH: ProgressTexts = {
  openingAccounts: '开立账户',
  registeringFunctions: '注册并行函数',
  signing: '签名',
  warmingUp: '预热',
  line: (what, done, total, perSecond) => `${what}：${done}/${total}，每秒 ${perSecond} 笔`,
};

export function progressTexts(language: Language): ProgressTexts {
  return language === 'zh' ? ZH : EN;
}

/** Lines on a terminal are overwritten; elsewhere each stays, so there are fewer. */
const INTERVAL_MS = process.stderr.isTTY ? 500 : 5000;

/** A line that says how far something is, from time to time and at its end. */
export function progress(what: string, texts: ProgressTexts = EN): (done: number, total: number) => void {
  const startedAtMs = performance.now();
  let shownAtMs = startedAtMs;
  return (done, total) => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs < INTERVAL_MS && done < total) return;
    shownAtMs = nowMs;
    say(texts.line(what, done, total, Math.round((done * 1000) / Math.max(1, nowMs - startedAtMs))));
  };
}

/** A line of progress on stderr; an empty one ends it. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}
