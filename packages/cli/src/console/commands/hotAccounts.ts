import { success } from '@menglian/base/result';
import type { Hash } from '@menglian/sdk/hex';
import { Balances } from '@menglian/sdk/services/balances';
import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { ShadowAccounts } from '@menglian/sdk/services/shadowAccounts';
import type { Changed } from '@menglian/sdk/services/systemContract';
import type { Localized } from '../../language.js';
import { address, flag, hash, type Kind, text } from '../arguments/kinds.js';
import { optional, type Parameter, required, type Values } from '../arguments/parameters.js';
import { command, type ConsoleCommand, type Room } from '../command.js';
import { type Answer, outlineAnswer, plainAnswer, tableAnswer, textAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import type { Session } from '../session.js';
import { jsonValue } from '../values.js';

/** More than that no balance is. */
const AMOUNT_MAX = 2n ** 256n - 1n;

const amountKind: Kind<bigint> = {
  expected: { en: 'an amount above 0, in digits', zh: '大于 0 的金额（十进制整数）' },
  example: '100',
  read: ({ text }) => {
    if (!/^\d{1,78}$/.test(text)) return undefined;
    const value = BigInt(text);
    return value > 0n && value <= AMOUNT_MAX ? value : undefined;
  },
};

/** A chain: a group of the node by its number, or any by its identity. */
const chainKind: Kind<string> = {
  expected: {
    en: 'a group of this node by its number, or the hash of a chain’s block 0',
    zh: '本节点的群组编号，或链的创世块哈希',
  },
  example: '2',
  source: 'groups',
  read: ({ text }) => (/^\d{1,5}$|^0x[0-9a-fA-F]{64}$/.test(text) ? text.toLowerCase() : undefined),
};

const name = required('name', text('shop'), 'name of the hot account', '热点账户名称');
const amount = required('amount', amountKind, 'how much', '金额');
const chain = required('chain', chainKind, 'the chain of users', '用户链');
const to = required('to', address, 'who gets it', '收款地址');
const reference = optional('reference', hash, 'to find the payment by', '付款备注（32 字节）');

async function identityOf(session: Session, chainText: string): Promise<Hash> {
  if (chainText.startsWith('0x')) return chainText as Hash;
  return (await session.ask('getBlockHashByNumber', Number(chainText), '0x0')) as Hash;
}

/** A command that sends one transaction. */
function change<P extends readonly Parameter<unknown>[]>(
  commandName: string,
  [en, zh]: readonly [string, string],
  parameters: readonly [...P],
  run: (session: Session, values: Values<P>) => Promise<Changed>,
): ConsoleCommand {
  const example = parameters.filter(({ presence }) => presence === 'required').map(({ kind }) => kind.example);
  return command({
    name: commandName,
    en,
    zh,
    parameters,
    examples: [example.join(' ')],
    run: async (session, values) => success(changedAnswer(await run(session, values))),
  });
}

const balances = async (session: Session) => new Balances(await session.caller());
const hotAccounts = async (session: Session) => new HotAccounts(await session.caller());
const shadowAccounts = async (session: Session) => new ShadowAccounts(await session.caller());

/** A state by its members, or a sentence that there is none. */
function stateAnswer(state: object | undefined, missing: Localized): Answer {
  return state === undefined ? textAnswer(null, missing) : outlineAnswer(jsonValue(state));
}

export const HOT_ACCOUNTS: Room = {
  title: {
    en: 'Money and hot accounts (where enable_interchain is on)',
    zh: '资金与热点账户（须打开 enable_interchain）',
  },
  commands: [
    change(
      'setIssuer',
      ['names the account that issues money on this chain; for the committee', '指定本链的发行账户；须为委员会成员'],
      [required('account', address, 'the issuer', '发行账户')],
      async (session, [account]) => (await balances(session)).setIssuer(account),
    ),
    change(
      'allowChain',
      [
        'lets money of another chain come here, or not; for the committee',
        '是否允许资金从另一条链转入；须为委员会成员',
      ],
      [chain, required('allowed', flag, 'whether', '是否允许')],
      async (session, [other, allowed]) =>
        (await balances(session)).allowChain(await identityOf(session, other), allowed === 'true'),
    ),
    change(
      'issueBalance',
      ['makes money; for the issuer', '发行资金；须为发行账户'],
      [to, amount],
      async (session, [who, sum]) => (await balances(session)).issue(who, sum),
    ),
    change(
      'transferBalance',
      ['sends money to an account of this chain', '在本链内转账'],
      [to, amount],
      async (session, [who, sum]) => (await balances(session)).transfer(who, sum),
    ),
    command({
      name: 'getBalance',
      en: 'the money of an account on this chain',
      zh: '查询账户在本链的资金余额',
      parameters: [optional('account', address, 'the current account if not said', '默认为当前账户')],
      examples: ['', address.example],
      run: async (session, [who]) => {
        const account = who ?? (await session.account()).address;
        return success(plainAnswer(String(await (await balances(session)).balanceOf(account))));
      },
    }),
    change(
      'createHotAccount',
      ['makes a hot account on this chain, owned by the current account', '在本链创建热点账户，归当前账户所有'],
      [name],
      async (session, [account]) => (await hotAccounts(session)).create(account, (await session.account()).address),
    ),
    change(
      'attachShadow',
      [
        'asks a chain of users to open a shadow account; open once a relay has carried the answer; for the owner',
        '请求用户链开立影子账户，中继送达应答后生效；须为所有者',
      ],
      [name, chain],
      async (session, [account, users]) =>
        (await hotAccounts(session)).attach(account, await identityOf(session, users)),
    ),
    command({
      name: 'getHotAccount',
      en: 'what is booked of a hot account, and of each chain of users',
      zh: '查询热点账户的入账情况及各用户链明细',
      parameters: [name],
      examples: ['shop'],
      run: async (session, [account]) => {
        const service = await hotAccounts(session);
        const state = await service.get(account);
        const shadows = await Promise.all(
          (state === undefined ? [] : await service.chains(account)).map(async (attached) => ({
            ...attached,
            ...(await service.shadow(account, attached.chain)),
          })),
        );
        const missing = { en: `there is no hot account ${account} here`, zh: `本链没有热点账户 ${account}` };
        return success(stateAnswer(state && { ...state, shadows }, missing));
      },
    }),
    change(
      'grantQuota',
      [
        'gives money of the hot account to a shadow, to be paid out there; for the owner',
        '将热点账户资金拨付给影子账户用于支出；须为所有者',
      ],
      [name, chain, amount],
      async (session, [account, users, sum]) =>
        (await hotAccounts(session)).grant(account, await identityOf(session, users), sum),
    ),
    change(
      'withdrawHotAccount',
      ['pays from the hot account to an account of this chain; for the owner', '从热点账户提取到本链账户；须为所有者'],
      [name, to, amount],
      async (session, [account, who, sum]) => (await hotAccounts(session)).withdraw(account, who, sum),
    ),
    command({
      name: 'payHotAccount',
      en: 'pays to a hot account from the money of the current account, on a chain of users',
      zh: '在用户链上从当前账户向热点账户付款',
      parameters: [name, amount, reference],
      examples: ['shop 100', `shop 100 ${hash.example}`],
      run: async (session, [account, sum, note]) =>
        success(changedAnswer(await (await shadowAccounts(session)).pay(account, sum, note))),
    }),
    change(
      'payOutHotAccount',
      ['pays out of what was granted to this chain; for the owner', '从本链的拨付额度中支出；须为所有者'],
      [name, to, amount],
      async (session, [account, who, sum]) => (await shadowAccounts(session)).payOut(account, { to: who, amount: sum }),
    ),
    change(
      'closeEpoch',
      [
        'ends the open epoch and sends its sums to the hot chain; anybody may',
        '结束当期并把合计发往热点链；任何人可执行',
      ],
      [name],
      async (session, [account]) => (await shadowAccounts(session)).close(account),
    ),
    command({
      name: 'getShadowAccount',
      en: 'the shadow of a hot account on this chain: its open epoch, and what may be paid out',
      zh: '查询热点账户在本链的影子账户：当期合计与剩余额度',
      parameters: [name],
      examples: ['shop'],
      run: async (session, [account]) => {
        const missing = { en: `${account} has no shadow account here`, zh: `${account} 在本链没有影子账户` };
        return success(stateAnswer(await (await shadowAccounts(session)).get(account), missing));
      },
    }),
    command({
      name: 'listShadowAccounts',
      en: 'the hot accounts that can be paid to on this chain',
      zh: '本链可付款的热点账户列表',
      parameters: [],
      examples: [''],
      run: async (session) => {
        const shadows = await (await shadowAccounts(session)).list();
        const columns = [
          { en: 'account', zh: '账户' },
          { en: 'owner', zh: '所有者' },
          { en: 'hot chain', zh: '热点链' },
        ];
        return success(
          tableAnswer(
            shadows,
            columns,
            shadows.map(({ account, owner, hotChain }) => [account, `0x${owner}`, `0x${hotChain}`]),
          ),
        );
      },
    }),
  ],
};
