import { encodeCall } from '@menglian/cli/client/account';
import { SMALL_BANK_BYTECODE } from './contracts/smallBankBytecode.js';
import { deploy } from './deploy.js';
import { spreadPartner } from './partners.js';
import type { PlannedCall, Workload } from './workload.js';

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
    await run('registeringFunctions', 1, () => ({ to, data: encodeCall(suite, 'enableParallel()', [], []) }));
    const open = (index: number): PlannedCall => {
      const values = [`user${index}`, OPENING_BALANCE, OPENING_BALANCE];
      return {
        to,
        data: encodeCall(suite, 'open(string,uint256,uint256)', ['string', 'uint256', 'uint256'], values),
      };
    };
    await run('openingAccounts', users, open);
    return (index) => {
      const operation = MIX[index % MIX.length]!;
      // By cycles, so that every customer meets every operation.
      const customer = `user${Math.floor(index / MIX.length + index) % users}`;
      const partner = `user${spreadPartner(index, users)}`;
      switch (operation) {
        case 'sendPayment': {
          const types = ['string', 'string', 'uint256'];
          return {
            to,
            data: encodeCall(suite, 'sendPayment(string,string,uint256)', types, [customer, partner, 0n]),
          };
        }
        case 'amalgamate':
          return {
            to,
            data: encodeCall(suite, 'amalgamate(string,string)', ['string', 'string'], [customer, partner]),
          };
        case 'balance':
          return { to, data: encodeCall(suite, 'balance(string)', ['string'], [customer]) };
        default:
          return {
            to,
            data: encodeCall(suite, `${operation}(string,uint256)`, ['string', 'uint256'], [customer, 1n]),
          };
      }
    };
  },
};
