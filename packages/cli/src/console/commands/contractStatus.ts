import { success } from '@menglian/base/result';
import { ContractLifeCycle } from '@menglian/sdk/services/contractLifeCycle';
import { address } from '../arguments/kinds.js';
import { required } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { outlineAnswer, textAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';

const contract = required('contract', address, 'address of the contract', '合约地址');
const account = required('account', address, 'address of the account', '账户地址');
const ONE = [address.example] as const;
const TWO = [`${address.example} ${address.example}`] as const;

async function lifeCycle(session: Session): Promise<ContractLifeCycle> {
  return new ContractLifeCycle(await session.caller());
}

export const CONTRACT_STATUS: Room = {
  title: { en: 'Status of contracts', zh: '合约状态' },
  commands: [
    command({
      name: 'freezeContract',
      en: 'stops a contract: calls of it fail until it is unfrozen',
      zh: '冻结合约：解冻前调用都会失败',
      parameters: [contract],
      examples: ONE,
      run: async (session, [place]) => success(changedAnswer(await (await lifeCycle(session)).freeze(place))),
    }),
    command({
      name: 'unfreezeContract',
      en: 'lets a frozen contract go on',
      zh: '解冻合约',
      parameters: [contract],
      examples: ONE,
      run: async (session, [place]) => success(changedAnswer(await (await lifeCycle(session)).unfreeze(place))),
    }),
    command({
      name: 'getContractStatus',
      en: 'whether a contract is frozen',
      zh: '查询合约是否冻结',
      parameters: [contract],
      examples: ONE,
      run: async (session, [place]) => {
        const sentence = await (await lifeCycle(session)).status(place);
        return success(textAnswer(sentence, { en: sentence, zh: sentence }));
      },
    }),
    command({
      name: 'grantContractStatusManager',
      en: 'lets an account freeze a contract',
      zh: '授权账户管理合约状态',
      parameters: [contract, account],
      examples: TWO,
      run: async (session, [place, who]) =>
        success(changedAnswer(await (await lifeCycle(session)).grantManager(place, who))),
    }),
    command({
      name: 'revokeContractStatusManager',
      en: 'takes back the right to freeze a contract',
      zh: '撤销账户管理合约状态的权限',
      parameters: [contract, account],
      examples: TWO,
      run: async (session, [place, who]) =>
        success(changedAnswer(await (await lifeCycle(session)).revokeManager(place, who))),
    }),
    command({
      name: 'listContractStatusManager',
      en: 'accounts that may freeze a contract',
      zh: '可管理合约状态的账户',
      parameters: [contract],
      examples: ONE,
      run: async (session, [place]) => success(outlineAnswer(await (await lifeCycle(session)).listManagers(place))),
    }),
  ],
};
