import type { Changed, Grant } from '@menglian/sdk/services/systemContract';
import type { Localized } from '../../language.js';
import { type Answer, tableAnswer } from './answer.js';
import { padded } from './width.js';

/** Words for the number that a system contract answered. */
export interface CountWords {
  /** What 0 means: nothing was there, or a vote that is not enough yet. */
  readonly zero?: Localized;
  readonly positive?: Localized;
}

const DONE: Localized = { en: 'done', zh: '成功' };

const LABELS: Readonly<Record<'en' | 'zh', readonly [string, string, string]>> = {
  en: ['result', 'transaction', 'block'],
  zh: ['结果', '交易', '区块'],
};

const LABEL_WIDTH = 11;

/** A transaction that a system contract did not refuse. */
export function changedAnswer({ count, receipt }: Changed, words: CountWords = {}): Answer {
  const { transactionHash, blockNumber } = receipt;
  const message = (count === 0 ? words.zero : words.positive) ?? DONE;
  return {
    json: { code: count, message: message.en, transactionHash, blockNumber },
    view: {
      kind: 'drawn',
      draw: (language, style) => {
        const [result, transaction, block] = LABELS[language];
        const line = (label: string, value: string) => `${style.name(padded(label, LABEL_WIDTH))}  ${value}`;
        return [
          line(result, style.good(`${count}  ${message[language]}`)),
          line(transaction, transactionHash),
          line(block, String(blockNumber)),
        ].join('\n');
      },
    },
  };
}

/** Accounts that may do something. */
export function grantsAnswer(grants: readonly Grant[]): Answer {
  const columns = [
    { en: 'account', zh: '账户' },
    { en: 'since block', zh: '生效高度' },
  ];
  return tableAnswer(
    grants,
    columns,
    grants.map(({ address, sinceBlock }) => [address, String(sinceBlock)]),
  );
}
