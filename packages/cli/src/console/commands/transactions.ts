import { failure, success } from '@menglian/base/result';
import { blockNumber, hash, integer } from '../arguments/kinds.js';
import { required } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Outcome, type Room } from '../command.js';
import { outlineAnswer, plainAnswer } from '../output/answer.js';
import { PROBLEM, problem } from '../problem.js';
import { quantity } from './blocks.js';

/** Nodes answer null for what no block has. */
function found(value: unknown): Outcome {
  if (value !== null) return success(outlineAnswer(value));
  const message = { en: 'no block has this transaction', zh: '没有区块包含此交易' };
  const advice = {
    en: 'see that the hash is whole, and whether it still waits: getPendingTransactions',
    zh: '检查哈希是否完整，或用 getPendingTransactions 查看是否仍在等待',
  };
  return failure(problem(PROBLEM.notFound, message, advice));
}

function byHash(name: string, en: string, zh: string): ConsoleCommand {
  return command({
    name,
    en,
    zh,
    parameters: [required('hash', hash, 'hash of the transaction', '交易哈希')],
    examples: [hash.example],
    run: async (session, [transactionHash]) => found(await session.askGroup(name, transactionHash)),
  });
}

const index = required('index', integer(0), 'place in the block, from 0', '在区块中的序号，从 0 开始');

export const TRANSACTIONS: Room = {
  title: { en: 'Transactions', zh: '交易' },
  commands: [
    byHash('getTransactionByHash', 'a transaction by its hash', '按哈希查询交易'),
    command({
      name: 'getTransactionByBlockNumberAndIndex',
      en: 'a transaction by its place',
      zh: '按区块高度和序号查询交易',
      parameters: [required('number', blockNumber, 'number of the block', '区块高度'), index],
      examples: ['7 0'],
      run: async (session, [number, place]) =>
        found(await session.askGroup('getTransactionByBlockNumberAndIndex', quantity(number), quantity(place))),
    }),
    command({
      name: 'getTransactionByBlockHashAndIndex',
      en: 'a transaction by the hash of its block and its place',
      zh: '按区块哈希和序号查询交易',
      parameters: [required('hash', hash, 'hash of the block', '区块哈希'), index],
      examples: [`${hash.example} 0`],
      run: async (session, [blockHash, place]) =>
        found(await session.askGroup('getTransactionByBlockHashAndIndex', blockHash, quantity(place))),
    }),
    byHash('getTransactionReceipt', 'what became of a transaction', '查询交易回执'),
    byHash('getTransactionByHashWithProof', 'a transaction with its Merkle proof', '查询交易及其默克尔证明'),
    byHash('getTransactionReceiptByHashWithProof', 'a receipt with its Merkle proof', '查询回执及其默克尔证明'),
    command({
      name: 'getPendingTransactions',
      en: 'transactions that wait for a block',
      zh: '等待上链的交易',
      parameters: [],
      examples: [''],
      run: async (session) => success(outlineAnswer(await session.askGroup('getPendingTransactions'))),
    }),
    command({
      name: 'getPendingTxSize',
      en: 'how many transactions wait for a block',
      zh: '等待上链的交易数',
      parameters: [],
      examples: [''],
      run: async (session) => success(plainAnswer(Number(await session.askGroup('getPendingTxSize')))),
    }),
    command({
      name: 'getTotalTransactionCount',
      en: 'how many transactions the chain has, and how many failed',
      zh: '链上交易总数与失败数',
      parameters: [],
      examples: [''],
      run: async (session) => {
        const { blockNumber, txSum, failedTxSum } = await (await session.client()).getTransactionCount();
        return success(outlineAnswer({ blockNumber, txSum: Number(txSum), failedTxSum: Number(failedTxSum) }));
      },
    }),
  ],
};
