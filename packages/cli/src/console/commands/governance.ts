import { success } from '@menglian/base/result';
import { Governance, type PendingVote } from '@menglian/sdk/services/governance';
import { address, integer } from '../arguments/kinds.js';
import { required } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Room } from '../command.js';
import { type Answer, plainAnswer, tableAnswer, textAnswer } from '../output/answer.js';
import { changedAnswer, type CountWords, grantsAnswer } from '../output/systemAnswers.js';
import type { Changed } from '@menglian/sdk/services/systemContract';
import type { Session } from '../session.js';

/** A vote that did not decide is no failure: others must vote too. */
const VOTE: CountWords = {
  zero: {
    en: 'the vote is noted; it passes once enough members vote alike, within 10000 blocks',
    zh: '投票已记录；在 10000 个区块内有足够委员投相同的票后生效',
  },
  positive: { en: 'passed', zh: '已通过' },
};

const account = required('account', address, 'address of the account', '账户地址');

/** A change of one account. */
function change(
  name: string,
  [en, zh]: readonly [string, string],
  run: (governance: Governance, who: `0x${string}`) => Promise<Changed>,
  words: CountWords = {},
): ConsoleCommand {
  return command({
    name,
    en,
    zh,
    parameters: [account],
    examples: [address.example],
    run: async (session, [who]) => success(changedAnswer(await run(await governance(session), who), words)),
  });
}

async function governance(session: Session): Promise<Governance> {
  return new Governance(await session.caller());
}

function votesAnswer(votes: readonly PendingVote[]): Answer {
  const columns = [
    { en: 'vote', zh: '投票内容' },
    { en: 'weight', zh: '权重' },
    { en: 'voter', zh: '投票者' },
    { en: 'until block', zh: '有效至高度' },
  ];
  return tableAnswer(
    votes,
    columns,
    votes.map(({ subject, voter, blockLimit, weight }) => [subject, String(weight ?? ''), voter, String(blockLimit)]),
  );
}

export const GOVERNANCE: Room = {
  title: { en: 'Committee, operators and accounts', zh: '委员会、运维与账户状态' },
  commands: [
    change(
      'grantCommitteeMember',
      ['votes for a new member of the committee; the first one needs no vote', '投票增加委员；第一个委员无需投票'],
      (one, who) => one.grantMember(who),
      VOTE,
    ),
    change(
      'revokeCommitteeMember',
      ['votes a member out of the committee', '投票移除委员'],
      (one, who) => one.revokeMember(who),
      VOTE,
    ),
    command({
      name: 'listCommitteeMembers',
      en: 'the committee of the chain',
      zh: '委员会成员列表',
      parameters: [],
      examples: [''],
      run: async (session) => success(grantsAnswer(await (await governance(session)).listMembers())),
    }),
    command({
      name: 'queryCommitteeMemberWeight',
      en: 'how much the vote of a member counts',
      zh: '查询委员的投票权重',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(plainAnswer(await (await governance(session)).weightOf(who))),
    }),
    command({
      name: 'updateCommitteeMemberWeight',
      en: 'votes on how much the vote of a member counts',
      zh: '投票修改委员的权重',
      parameters: [account, required('weight', integer(1, 2 ** 31 - 1), 'the new weight', '新权重')],
      examples: [`${address.example} 2`],
      run: async (session, [who, weight]) =>
        success(changedAnswer(await (await governance(session)).setWeight(who, weight), VOTE)),
    }),
    command({
      name: 'queryThreshold',
      en: 'more than so many percent of the weights must agree',
      zh: '查询投票通过阈值（百分比，须超过）',
      parameters: [],
      examples: [''],
      run: async (session) => success(plainAnswer(await (await governance(session)).threshold())),
    }),
    command({
      name: 'updateThreshold',
      en: 'votes on the percentage that must agree',
      zh: '投票修改通过阈值',
      parameters: [required('percent', integer(0, 99), 'more than so many percent', '百分比，须超过')],
      examples: ['60'],
      run: async (session, [percent]) =>
        success(changedAnswer(await (await governance(session)).setThreshold(percent), VOTE)),
    }),
    command({
      name: 'queryVotesOfMember',
      aliases: ['queryVotes'],
      en: 'votes about an account that wait for others: its membership and its weight',
      zh: '查询关于某账户的待决投票：成员资格与权重',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => success(votesAnswer(await (await governance(session)).votesOnMember(who))),
    }),
    command({
      name: 'queryVotesOfThreshold',
      en: 'votes on the percentage that wait for others',
      zh: '查询关于通过阈值的待决投票',
      parameters: [],
      examples: [''],
      run: async (session) => success(votesAnswer(await (await governance(session)).votesOnThreshold())),
    }),
    change(
      'grantOperator',
      [
        'makes an account an operator: it may deploy contracts and register names',
        '增加运维账户：可部署合约、注册 CNS',
      ],
      (one, who) => one.grantOperator(who),
    ),
    change('revokeOperator', ['ends the rights of an operator', '撤销运维账户'], (one, who) => one.revokeOperator(who)),
    command({
      name: 'listOperators',
      en: 'the operators of the chain',
      zh: '运维账户列表',
      parameters: [],
      examples: [''],
      run: async (session) => success(grantsAnswer(await (await governance(session)).listOperators())),
    }),
    change('freezeAccount', ['stops an account from sending transactions', '冻结账户'], (one, who) =>
      one.freezeAccount(who),
    ),
    change('unfreezeAccount', ['lets a frozen account send transactions again', '解冻账户'], (one, who) =>
      one.unfreezeAccount(who),
    ),
    command({
      name: 'getAccountStatus',
      en: 'whether an account is frozen',
      zh: '查询账户是否冻结',
      parameters: [account],
      examples: [address.example],
      run: async (session, [who]) => {
        const sentence = await (await governance(session)).accountStatus(who);
        return success(textAnswer(sentence, { en: sentence, zh: sentence }));
      },
    }),
  ],
};
