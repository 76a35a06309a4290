import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { deploy } from './deploy.js';
import { MERCHANTS, spreadPartner } from './partners.js';
import { PEER_TRANSFER_BYTECODE } from './peerTransferBytecode.js';
import type { PlannedCall, Workload, WorkloadContext } from './workload.js';

const ENABLE_PARALLEL = functionOf('enableParallel()');
const SET = functionOf('set(string,uint256)');
const TRANSFER = functionOf('transfer(string,string,uint256)');
const OPENING_BALANCE = 1_000_000_000n;

async function prepareTransfers(
  context: WorkloadContext,
  partner: (index: number) => number,
): Promise<(index: number) => PlannedCall> {
  const { suite, users, run } = context;
  const to = await deploy(context, PEER_TRANSFER_BYTECODE);
  await run('registeringFunctions', 1, () => ({ to, data: callData(suite, ENABLE_PARALLEL, []) }));
  await run('openingAccounts', users, (index) => ({
    to,
    data: callData(suite, SET, [`user${index}`, OPENING_BALANCE]),
  }));
  return (index) => ({
    to,
    data: callData(suite, TRANSFER, [`user${index % users}`, `user${partner(index)}`, 1n]),
  });
}

/** Transfers of a Solidity contract that keeps balances by name, its functions registered as parallel. */
export const SOLIDITY_TRANSFER_WORKLOAD: Workload = {
  name: 'solidity-transfer',
  description: {
    en: 'transfer(string,string,uint256) of configs/contracts/PeerTransfer.sol, registered as parallel',
    zh: 'configs/contracts/PeerTransfer.sol 的 transfer(string,string,uint256)，已注册为可并行',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => spreadPartner(index, context.users)),
};

/** The same where the first eight users are paid by all the others. */
export const HOT_8_SOLIDITY_WORKLOAD: Workload = {
  name: 'hot-8-solidity',
  description: {
    en: 'as solidity-transfer, but all payers pay one of 8 merchants',
    zh: '同 solidity-transfer，但所有付款人只向 8 个商户付款',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => index % MERCHANTS),
};
