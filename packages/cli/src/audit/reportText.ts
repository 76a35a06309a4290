import type { AuditReport, EpochLine, ShadowLine } from '@menglian/sdk/audit/auditReport';
import type { Sums } from '@menglian/sdk/audit/shadowRecount';
import { PLAIN } from '../console/output/style.js';
import { tableText } from '../console/output/table.js';
import { printable } from '../console/output/width.js';
import type { Language, Localized } from '../language.js';
import { findingText } from './findingText.js';

/** Epochs of one chain that people see, the last ones; `--json` has all. */
const EPOCHS_SHOWN_MAX = 50;

const COLUMNS: readonly Localized[] = [
  { en: 'epoch', zh: '期' },
  { en: 'blocks', zh: '区块' },
  { en: 'paid in', zh: '收入' },
  { en: 'paid out', zh: '支出' },
  { en: 'payments', zh: '笔数' },
  { en: 'booked in block', zh: '入账区块' },
];

const WORDS = {
  total: { en: 'total', zh: '合计' },
  open: { en: 'open', zh: '当期' },
  notYet: { en: 'not yet', zh: '未入账' },
  none: { en: 'no shadow account yet', zh: '尚未开立影子账户' },
} as const satisfies Record<string, Localized>;

/** What people read: each chain with its epochs, the hot account, and the verdict. Without a line end. */
export function reportText(report: AuditReport, language: Language): string {
  const { hot, shadows, isWhole } = report;
  const verdict = verdictText(report, language);
  if (!isWhole) return [...[...shadows, hot].map((chain) => chainText(chain, language)), verdict].join('\n');
  return [...shadows.map((shadow) => shadowText(shadow, language)), hotText(report, language), verdict].join('\n\n');
}

function hotText({ account, hot }: AuditReport, language: Language): string {
  const { owner, balance, settled, granted, withdrawn } = hot;
  const lines =
    language === 'zh'
      ? [
          `热点账户 ${account}，所有者 ${owner ?? '无'}`,
          chainText(hot, language),
          `入账 ${settled.amountIn}（支出 ${settled.amountOut}，${settled.payments} 笔），拨付 ${granted}，提取 ${withdrawn}，余额 ${balance}`,
        ]
      : [
          `hot account ${account}, owner ${owner ?? 'none'}`,
          chainText(hot, language),
          `booked in ${settled.amountIn} (out ${settled.amountOut}, ${settled.payments} payments), granted ${granted}, withdrawn ${withdrawn}, balance ${balance}`,
        ];
  return lines.map(printable).join('\n');
}

function chainText(chain: ShadowLine | AuditReport['hot'], language: Language): string {
  const { label, identity, lastBlock, lastBlockAtMs } = chain;
  const date = new Date(lastBlockAtMs);
  // Leaders may write what is no date.
  const time = lastBlock === 0 || Number.isNaN(date.getTime()) ? '' : ` (${date.toISOString()})`;
  return language === 'zh'
    ? `${label}：创世块 ${identity}，已证明至区块 ${lastBlock}${time}`
    : `${label}: block 0 is ${identity}, proven up to block ${lastBlock}${time}`;
}

function shadowText(shadow: ShadowLine, language: Language): string {
  const head = chainText(shadow, language);
  if (!shadow.isOpened) return `${head}\n${WORDS.none[language]}`;
  const { epochs, open, granted, inFlight, quota } = shadow;
  const shown = epochs.slice(-EPOCHS_SHOWN_MAX);
  const rows = [...shown.map((epoch) => epochRow(epoch, language)), [WORDS.open[language], '', ...sumCells(open), '']];
  const names = COLUMNS.map((column) => column[language]);
  const table = tableText(names, rows, { style: PLAIN, columns: Infinity });
  const left = epochs.length - shown.length;
  const isChinese = language === 'zh';
  const earlier = isChinese ? `（之前还有 ${left} 期，见 --json）` : `(${left} epochs before these: see --json)`;
  const grants = isChinese
    ? `拨付 ${granted}，在途 ${inFlight}，剩余额度 ${quota}`
    : `granted ${granted}, on its way ${inFlight}, quota left ${quota}`;
  return [head, table, ...(left > 0 ? [earlier] : []), ...(granted > 0n ? [grants] : [])].join('\n');
}

function epochRow(epoch: EpochLine, language: Language): readonly string[] {
  const booked = epoch.settledBy === undefined ? WORDS.notYet[language] : String(epoch.settledBy.blockNumber);
  return [String(epoch.epoch), `${epoch.firstBlock}-${epoch.lastBlock}`, ...sumCells(epoch), booked];
}

function sumCells({ amountIn, amountOut, payments }: Sums): readonly string[] {
  return [String(amountIn), String(amountOut), String(payments)];
}

function verdictText({ isRight, hot, shadows, findings, findingCount }: AuditReport, language: Language): string {
  const isChinese = language === 'zh';
  if (!isRight) {
    const left = findingCount - findings.length;
    const more = isChinese ? `[ERROR] 另有 ${left} 处` : `[ERROR] and ${left} more`;
    const lines = findings.map((finding) => `[ERROR] ${printable(findingText(finding, language))}`);
    return [...lines, ...(left > 0 ? [more] : [])].join('\n');
  }
  const epochCount = shadows.reduce(
    (count, { epochs }) => count + epochs.filter(({ settledBy }) => settledBy !== undefined).length,
    0,
  );
  const sums = shadows.map(({ settled }) => settled.amountIn).join(' + ');
  const waiting = shadows.reduce((sum, { unsettled, open }) => sum + unsettled.amountIn + open.amountIn, 0n);
  return isChinese
    ? `[RIGHT] 热点账户入账 ${hot.settled.amountIn} = ${sums}：${epochCount} 期均按序入账一次；另有 ${waiting} 待入账`
    : `[RIGHT] the hot account has booked ${hot.settled.amountIn} = ${sums}: ${epochCount} epochs, each once and in order; ${waiting} more is on the way`;
}
