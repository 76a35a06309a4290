import { success } from '@menglian/base/result';
import { blockNumber, flag, hash, integer } from '../arguments/kinds.js';
import { optional, required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { outlineAnswer, plainAnswer } from '../output/answer.js';

const EXAMPLE_HASH = hash.example;

const numberParameter = required('number', blockNumber, 'number of the block', '区块高度');
const hashParameter = required('hash', hash, 'hash of the block', '区块哈希');
const whole = optional(
  'whole',
  flag,
  'true: whole transactions instead of their hashes (false)',
  'true：返回完整交易而非交易哈希（默认 false）',
);
const signed = optional(
  'signatures',
  flag,
  'true: with the signatures of the sealers (true)',
  'true：包含共识节点签名（默认 true）',
);

export function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}

export const BLOCKS: Room = {
  title: { en: 'Blocks', zh: '区块' },
  commands: [
    command({
      name: 'getBlockNumber',
      en: 'the number of the newest block',
      zh: '最新区块高度',
      parameters: [],
      examples: [''],
      run: async (session) => success(plainAnswer(Number(await session.askGroup('getBlockNumber')))),
    }),
    command({
      name: 'getBlockByNumber',
      en: 'a block by its number',
      zh: '按高度查询区块',
      parameters: [numberParameter, whole],
      examples: ['7', '7 true'],
      run: async (session, [number, isWhole]) =>
        success(outlineAnswer(await session.askGroup('getBlockByNumber', quantity(number), isWhole === 'true'))),
    }),
    command({
      name: 'getBlockByHash',
      en: 'a block by its hash',
      zh: '按哈希查询区块',
      parameters: [hashParameter, whole],
      examples: [EXAMPLE_HASH],
      run: async (session, [blockHash, isWhole]) =>
        success(outlineAnswer(await session.askGroup('getBlockByHash', blockHash, isWhole === 'true'))),
    }),
    command({
      name: 'getBlockHeaderByNumber',
      en: 'the header of a block by its number',
      zh: '按高度查询区块头',
      parameters: [numberParameter, signed],
      examples: ['7', '7 false'],
      run: async (session, [number, isSigned]) =>
        success(
          outlineAnswer(await session.askGroup('getBlockHeaderByNumber', quantity(number), isSigned !== 'false')),
        ),
    }),
    command({
      name: 'getBlockHeaderByHash',
      en: 'the header of a block by its hash',
      zh: '按哈希查询区块头',
      parameters: [hashParameter, signed],
      examples: [EXAMPLE_HASH],
      run: async (session, [blockHash, isSigned]) =>
        success(outlineAnswer(await session.askGroup('getBlockHeaderByHash', blockHash, isSigned !== 'false'))),
    }),
    command({
      name: 'getBlockHashByNumber',
      en: 'the hash of a block',
      zh: '查询区块哈希',
      parameters: [numberParameter],
      examples: ['7'],
      run: async (session, [number]) =>
        success(outlineAnswer(await session.askGroup('getBlockHashByNumber', quantity(number)))),
    }),
    command({
      name: 'getBatchReceiptsByBlockNumberAndRange',
      en: 'receipts of a block, many at once',
      zh: '批量查询区块内的回执',
      parameters: [
        numberParameter,
        optional('from', integer(0), 'index of the first (0)', '起始序号（默认 0）'),
        optional('count', integer(1), 'how many (all)', '数量（默认全部）'),
      ],
      examples: ['7', '7 0 10'],
      run: async (session, [number, from = 0, count]) => {
        const range = [quantity(from), count === undefined ? '-1' : quantity(count)];
        const method = 'getBatchReceiptsByBlockNumberAndRange';
        return success(outlineAnswer(await session.askGroup(method, quantity(number), ...range, false)));
      },
    }),
  ],
};
