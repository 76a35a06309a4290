import { success } from '@menglian/base/result';
import { GasCharge, type RemainingGas } from '@menglian/sdk/services/gasCharge';
import { address, integer } from '../arguments/kinds.js';
import { required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { type Answer, outlineAnswer, plainAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';
import { jsonValue } from '../values.js';

const account = required('account', address, 'address of the account', '账户地址');
const gas = required('gas', integer(1), 'how much', '数量');

async function gasCharge(session: Session): Promise<GasCharge> {
  return new GasCharge(await session.caller());
}

function remainingAnswer({ remaining, receipt }: RemainingGas): Answer {
  const { transactionHash, blockNumber } = receipt;
  return outlineAnswer({ remaining: jsonValue(remaining), transactionHash, blockNumber });
}

export const GAS: Room = {
  title: { en: 'Gas of accounts (where enable_charge_mgr is on)', zh: '账户 gas（enable_charge_mgr 开启时）' },
  commands: [
    command({
      name: 'chargeGas',
      en: 'gives gas to an account; for chargers',
      zh: '为账户充值 gas，仅收费员可用',
      parameters: [account, gas],
      examples: [`${address.example} 1000000`],
      run: async (session, [who, amount]) =>
        success(remainingAnswer(await (await gasCharge(session)).charge(who, BigInt(amount)))),
    }),
    command({
      name: 'deductGas',
      en: 'takes gas from an account; for chargers',
      zh: '扣减账户 gas，仅收费员可用',
      parameters: [account, gas],
      examples: [`${address.example} 1000`],
      run: async (session, [who, amount]) =>
        success(remainingAnswer(await (await gasCharge(session)).deduct(who, BigInt(amount)))),
    }),
    command({
      name: 'queryRemainGas',
      en: 'how much gas an account has left',
      zh: '查询账户剩余 gas',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(plainAnswer(String(await (await gasCharge(session)).remaining(who)))),
    }),
    command({
      name: 'grantCharger',
      en: 'lets an account give gas; for members of the committee',
      zh: '授予收费员，仅委员可用',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(changedAnswer(await (await gasCharge(session)).grantCharger(who))),
    }),
    command({
      name: 'revokeCharger',
      en: 'ends the rights of a charger; for members of the committee',
      zh: '撤销收费员，仅委员可用',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(changedAnswer(await (await gasCharge(session)).revokeCharger(who))),
    }),
    command({
      name: 'listChargers',
      en: 'accounts that may give gas',
      zh: '收费员列表',
      parameters: [],
      examples: [''],
      run: async (session) => success(outlineAnswer(await (await gasCharge(session)).listChargers())),
    }),
  ],
};
