import type { Finding, FindingCode } from '@menglian/sdk/audit/finding';
import type { Language, Localized } from '../language.js';

type Sentence = (finding: Finding) => Localized;

const compared = ({ expected, found }: Finding): Localized => ({
  en: `${found}, where it must be ${expected}`,
  zh: `${found}，应为 ${expected}`,
});

/** A sentence that ends with what is there and what must be. */
function differs(en: (finding: Finding) => string, zh: (finding: Finding) => string): Sentence {
  return (finding) => ({
    en: `${en(finding)} ${compared(finding).en}`,
    zh: `${zh(finding)} ${compared(finding).zh}`,
  });
}

/** How people call what is compared. */
const SUBJECTS: Readonly<Record<string, Localized>> = {
  account: { en: 'the account', zh: '账户' },
  chain: { en: 'the chain', zh: '所属链' },
  epoch: { en: 'the epoch', zh: '期号' },
  amountIn: { en: 'the sum paid in', zh: '收入合计' },
  amountOut: { en: 'the sum paid out', zh: '支出合计' },
  payments: { en: 'the number of payments', zh: '笔数' },
  firstBlock: { en: 'the first block', zh: '起始区块' },
  lastBlock: { en: 'the last block', zh: '截止区块' },
  recordHash: { en: 'the hash of the record', zh: '记录哈希' },
  previousHash: { en: 'the hash of the record before', zh: '上一条记录的哈希' },
  hotChain: { en: 'the hot chain', zh: '热点链' },
  owner: { en: 'the owner', zh: '所有者' },
  balance: { en: 'the balance', zh: '余额' },
  settledIn: { en: 'the sum that was booked', zh: '入账合计' },
  settledOut: { en: 'the paid-out sum that was booked', zh: '支出入账合计' },
  granted: { en: 'the sum that was granted', zh: '拨付合计' },
  quota: { en: 'the quota', zh: '可支付额度' },
  openEpoch: { en: 'the open epoch', zh: '当前期号' },
  openIn: { en: 'the sum paid in in the open epoch', zh: '当期收入' },
  openOut: { en: 'the sum paid out in the open epoch', zh: '当期支出' },
  openCount: { en: 'the number of payments in the open epoch', zh: '当期笔数' },
  settledEpoch: { en: 'the last epoch that is known as booked', zh: '已知入账的最后一期' },
};

function subjectOf({ subject = '' }: Finding): Localized {
  return SUBJECTS[subject] ?? { en: subject, zh: subject };
}

const SENTENCES: Readonly<Record<FindingCode, Sentence>> = {
  'not-proven': ({ subject }) => ({
    en: `not proven: ${subject}; ask another node of the chain`,
    zh: `无法证明：${subject}；请改用该链的其他节点`,
  }),
  'other-chain': ({ found }) => ({
    en: `its block 0 is ${found}, which the trust file does not name`,
    zh: `创世块为 ${found}，信任文件中没有`,
  }),
  'event-malformed': ({ subject }) => ({
    en: `an event of the account cannot be read${subject === undefined ? '' : `: its ${subject}`}`,
    zh: `账户事件无法解析${subject === undefined ? '' : `：${subject}`}`,
  }),
  'account-missing': () => ({ en: 'there is no such hot account', zh: '没有该热点账户' }),
  'chain-missing': ({ found }) => ({
    en: `the account is attached to chain ${found} too, which was not named: add it with --user`,
    zh: `账户还关联了链 ${found}，但未列入审计：请用 --user 加上`,
  }),
  'shadow-missing': () => ({
    en: 'the account has no shadow here, and none was asked for: see the number of the group',
    zh: '该链没有此账户的影子账户，热点链也未关联该链：请检查群组编号',
  }),
  'shadow-differs': (finding) => {
    const { subject } = finding;
    if (subject === 'opened') return { en: 'the shadow account was opened a second time', zh: '影子账户被重复开立' };
    if (subject === 'attached') {
      return { en: 'the shadow account was opened without the hot chain', zh: '热点链未关联该链，影子账户却已开立' };
    }
    return differs(
      () => `${subjectOf(finding).en} of the shadow account is`,
      () => `影子账户的${subjectOf(finding).zh}为`,
    )(finding);
  },
  'payment-epoch': differs(
    () => 'a payment is of epoch',
    () => '付款所属期号为',
  ),
  'closed-order': differs(
    () => 'the epoch that was closed is',
    () => '关闭的期号为',
  ),
  'closed-record': differs(
    (finding) => `the record of epoch ${finding.epoch} does not agree with its payments: ${subjectOf(finding).en} is`,
    (finding) => `第 ${finding.epoch} 期的记录与付款不符：${subjectOf(finding).zh}为`,
  ),
  'closed-hash': differs(
    (finding) => `the record of epoch ${finding.epoch} is not chained: ${subjectOf(finding).en} is`,
    (finding) => `第 ${finding.epoch} 期的记录未正确链接：${subjectOf(finding).zh}为`,
  ),
  'confirmed-differs': differs(
    (finding) => `epoch ${finding.epoch} is taken for booked and is not: ${subjectOf(finding).en} is`,
    (finding) => `第 ${finding.epoch} 期被误认为已入账：${subjectOf(finding).zh}为`,
  ),
  'quota-exceeded': ({ expected, found }) => ({
    en: `${found} was paid out, but only ${expected} was left of the grants`,
    zh: `支出 ${found}，超过剩余额度 ${expected}`,
  }),
  'settled-order': differs(
    ({ subject }) => `the epoch of ${subject} that was booked is`,
    ({ subject }) => `${subject} 入账的期号为`,
  ),
  'settled-unclosed': ({ subject, epoch }) => ({
    en: `epoch ${epoch} of ${subject} was booked, but that chain did not close it; if its node was behind, audit again`,
    zh: `${subject} 第 ${epoch} 期已入账，但该链并未关闭此期；若其节点落后，请重新审计`,
  }),
  'settled-record': differs(
    (finding) => `epoch ${finding.epoch} was not booked as it was paid: ${subjectOf(finding).en} is`,
    (finding) => `第 ${finding.epoch} 期的入账与付款不符：${subjectOf(finding).zh}为`,
  ),
  'grant-order': differs(
    () => 'the number of the grant is',
    () => '拨付序号为',
  ),
  'grant-differs': differs(
    ({ subject }) => `grant ${subject} arrived with`,
    ({ subject }) => `第 ${subject} 笔拨付到账`,
  ),
  'balance-exceeded': ({ expected, found }) => ({
    en: `${found} left the account, which had only ${expected}`,
    zh: `支出 ${found}，超过余额 ${expected}`,
  }),
  'state-differs': differs(
    (finding) => `the node says another state than its blocks: ${subjectOf(finding).en} is`,
    (finding) => `节点状态与区块不符：${subjectOf(finding).zh}为`,
  ),
  'too-many-epochs': ({ expected }) => ({
    en: `more than ${expected} epochs or grants: those after it are not compared`,
    zh: `期数或拨付超过 ${expected}，其后未作比较`,
  }),
};

/** Where it is, and what does not agree there. */
export function findingText(finding: Finding, language: Language): string {
  const { chain, blockNumber, transactionHash } = finding;
  const isChinese = language === 'zh';
  const place = [
    chain,
    ...(blockNumber === undefined ? [] : [`${isChinese ? '区块' : 'block'} ${blockNumber}`]),
    ...(transactionHash === undefined ? [] : [`${isChinese ? '交易' : 'transaction'} ${transactionHash}`]),
  ];
  return `${place.join(isChinese ? '，' : ', ')}${isChinese ? '：' : ': '}${SENTENCES[finding.code](finding)[language]}`;
}
