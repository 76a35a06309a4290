import type { CryptoSuite } from '@menglian/crypto/suite';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { MERCHANTS, spreadPartner } from './partners.js';
import type { PlannedCall, Workload, WorkloadContext } from './workload.js';

const DAG_TRANSFER = '0000000000000000000000000000000000005002';
const USER_ADD = functionOf('userAdd(string,uint256)');
const USER_TRANSFER = functionOf('userTransfer(string,string,uint256)');
const OPENING_BALANCE = 1_000_000_000n;

function userAdd(suite: CryptoSuite, user: string): PlannedCall {
  return { to: DAG_TRANSFER, data: callData(suite, USER_ADD, [user, OPENING_BALANCE]) };
}

function userTransfer(suite: CryptoSuite, from: string, to: string): PlannedCall {
  return { to: DAG_TRANSFER, data: callData(suite, USER_TRANSFER, [from, to, 1n]) };
}

/** @param partner number of the user who is paid by the transaction of this index */
async function prepareTransfers(
  { suite, users, run }: WorkloadContext,
  partner: (index: number) => number,
): Promise<(index: number) => PlannedCall> {
  // Users of the system contract belong to the whole chain, and this may run on it before.
  const prefix = `u${Date.now().toString(36)}`;
  await run('openingAccounts', users, (index) => userAdd(suite, `${prefix}${index}`));
  return (index) => userTransfer(suite, `${prefix}${index % users}`, `${prefix}${partner(index)}`);
}

/** Transfers of the DagTransfer system contract between users, each with its own next partner. */
export const DAG_TRANSFER_WORKLOAD: Workload = {
  name: 'dag-transfer',
  description: {
    en: 'userTransfer(string,string,uint256) of the system contract 0x5002 between 1,000 users',
    zh: '系统合约 0x5002 的 userTransfer(string,string,uint256)，1000 个用户之间转账',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => spreadPartner(index, context.users)),
};

/** The same where the first eight users are paid by all the others. */
export const HOT_8_WORKLOAD: Workload = {
  name: 'hot-8',
  description: {
    en: 'as dag-transfer, but all payers pay one of 8 merchants',
    zh: '同 dag-transfer，但所有付款人只向 8 个商户付款',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => index % MERCHANTS),
};

/** One transfer at a time on a chain that does nothing else. */
export const LATENCY_WORKLOAD: Workload = {
  name: 'latency',
  description: {
    en: 'dag-transfer one at a time on an idle chain: from the send to the receipt read',
    zh: '空闲链上逐笔执行 dag-transfer：从发送到读到回执',
  },
  transactions: 200,
  isOneAtATime: true,
  prepare: DAG_TRANSFER_WORKLOAD.prepare,
};
