import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { SMALL_BANK_BYTECODE } from './contracts/smallBankBytecode.js';
import { deploy } from './deploy.js';
import { spreadPartner } from './partners.js';
import type { Workload } from './workload.js';

const ENABLE_PARALLEL = functionOf('enableParallel()');
const OPEN = functionOf('open(string,uint256,uint256)');
const OPENING_BALANCE = 1_000_000_000n;

/** Operations in a cycle of 20: a quarter are payments, the five others have equal shares, as in H-Store's SmallBank. */
const MIX = [
  'sendPayment',
  'depositChecking',
  'transactSavings',
  'writeCheck',
  'sendPayment',
  'amalgamate',
  'balance',
  'sendPayment',
  'depositChecking',
  'transactSavings',
  'writeCheck',
  'sendPayment',
  'amalgamate',
  'balance',
  'sendPayment',
  'depositChecking',
  'transactSavings',
  'writeCheck',
  'amalgamate',
  'balance',
] as const;

const OPERATIONS = {
  sendPayment: functionOf('sendPayment(string,string,uint256)'),
  amalgamate: functionOf('amalgamate(string,string)'),
  balance: functionOf('balance(string)'),
  depositChecking: functionOf('depositChecking(string,uint256)'),
  transactSavings: functionOf('transactSavings(string,uint256)'),
  writeCheck: functionOf('writeCheck(string,uint256)'),
};

/** What the operation takes: whom to pay and how much, as far as it asks for it. */
function argumentsOf(operation: keyof typeof OPERATIONS, customer: string, partner: string): readonly unknown[] {
  switch (operation) {
    case 'sendPayment':
      return [customer, partner, 0n];
    case 'amalgamate':
      return [customer, partner];
    case 'balance':
      return [customer];
    default:
      return [customer, 1n];
  }
}

/** Customers of a bank with two accounts each, as in the benchmarks H-Store and Blockbench. */
export const SMALL_BANK_WORKLOAD: Workload = {
  name: 'smallbank',
  description: {
    en: 'the six operations of SmallBank on savings and checking accounts, a quarter of them payments',
    zh: 'SmallBank 的六种操作（储蓄与支票账户），其中四分之一为转账',
  },
  transactions: 50_000,
  async prepare(context) {
    const { suite, users, run } = context;
    const to = await deploy(context, SMALL_BANK_BYTECODE);
    await run('registeringFunctions', 1, () => ({ to, data: callData(suite, ENABLE_PARALLEL, []) }));
    await run('openingAccounts', users, (index) => ({
      to,
      data: callData(suite, OPEN, [`user${index}`, OPENING_BALANCE, OPENING_BALANCE]),
    }));
    return (index) => {
      const operation = MIX[index % MIX.length]!;
      // By cycles, so that every customer meets every operation.
      const customer = `user${Math.floor(index / MIX.length + index) % users}`;
      const partner = `user${spreadPartner(index, users)}`;
      return { to, data: callData(suite, OPERATIONS[operation], argumentsOf(operation, customer, partner)) };
    };
  },
};
