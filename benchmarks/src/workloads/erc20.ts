import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import type { Address } from '@menglian/sdk/hex';
import { ERC20_BYTECODE } from './contracts/erc20Bytecode.js';
import { deploy } from './deploy.js';
import { MERCHANTS, spreadPartner } from './partners.js';
import type { PlannedCall, Workload, WorkloadContext } from './workload.js';

const TRANSFER = functionOf('transfer(address,uint256)');

/** What each sender gets to spend. */
const OPENING_BALANCE = 10n ** 20n;

/** Addresses without a key: they only receive. */
function userAddress(index: number): Address {
  return `0x${(0xabcd_0000_0000_0000_0000n + BigInt(index)).toString(16).padStart(40, '0')}`;
}

async function prepareTransfers(
  context: WorkloadContext,
  partner: (index: number) => number,
): Promise<(index: number) => PlannedCall> {
  const { suite, users, senders, run } = context;
  const to = await deploy(context, ERC20_BYTECODE);
  const transfer = (receiver: Address, value: bigint): PlannedCall => ({
    to,
    data: callData(suite, TRANSFER, [receiver, value]),
  });
  await run('openingAccounts', users, (index) => transfer(userAddress(index), 1n));
  // The first sender deployed the contract and holds the whole supply.
  await run('openingAccounts', senders.length - 1, (index) => transfer(senders[index + 1]!, OPENING_BALANCE));
  return (index) => transfer(userAddress(partner(index)), 1n);
}

/** Transfers of a compiled token from the senders to users; nothing is declared about conflicts. */
export const ERC20_WORKLOAD: Workload = {
  name: 'erc20',
  description: {
    en: 'transfer(address,uint256) of a compiled ERC-20 token, from the senders to 1,000 users',
    zh: 'ERC-20 代币合约的 transfer(address,uint256)，由发送者转给 1000 个用户',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => spreadPartner(index, context.users)),
};

/** The same where eight users receive everything. */
export const HOT_8_ERC20_WORKLOAD: Workload = {
  name: 'hot-8-erc20',
  description: {
    en: 'as erc20, but all payers pay one of 8 merchants (use with --senders)',
    zh: '同 erc20，但所有付款人只向 8 个商户付款（配合 --senders 使用）',
  },
  transactions: 50_000,
  prepare: async (context) => prepareTransfers(context, (index) => index % MERCHANTS),
};
