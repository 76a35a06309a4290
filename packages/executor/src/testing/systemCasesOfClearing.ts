import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import { encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { type ClearingMessage, encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { systemAddress } from '@menglian/precompiled/addresses';
import { ON_MESSAGE } from '@menglian/precompiled/framework/receivedMessage';
import { FOUND } from './systemCasesOfGovernance.js';
import { DELIVER, OTHER, PREPARED } from './systemCasesOfMessages.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  CAROL,
  code,
  type ContractCall,
  DAVE,
  reach,
  sentence,
  suite,
  type SystemCase,
  text,
  values,
} from './systemScenario.js';
import { TEST_IDENTITY, type TestAccount } from './testChain.js';

/**
 * Balances, shadow accounts and hot accounts. The other chain plays both parts: the hot chain of `shop`, which is Bob's, and a chain with
 * a shadow of Bob's `market`.
 */

const [MONEY, SHADOWS, HOT] = [0x2005, 0x2006, 0x2007];
const MOST = 2n ** 256n - 1n;
const NOBODY = '0'.repeat(40);
export const REFERENCE = new Uint8Array(32).fill(5);
const { identity: CHAIN } = OTHER;

export const ISSUE = 'issue(address,uint256)';
const TRANSFER = 'transfer(address,uint256)';
const ALLOW = 'allow(bytes32,bool)';
const SET_ISSUER = 'setIssuer(address)';
export const PAY = 'pay(string,uint256,bytes32)';
export const PAY_OUT = 'payOut(string,address,uint256,bytes32)';
export const CLOSE = 'close(string)';
const PREPARE_OUT = 'prepareOut(bytes32,bytes32,address,address,bytes)';
const PREPARE_IN = 'prepareIn(bytes32,bytes32,address,bytes)';
const CREATE = 'create(string,address)';
const ATTACH = 'attach(string,bytes32)';
const GRANT = 'grant(string,bytes32,uint256)';
const WITHDRAW = 'withdraw(string,address,uint256)';

type Asked = readonly [signature: string, ...args: AbiValue[]];

const money = (who: TestAccount, ...call: Asked): ContractCall => [who, MONEY, ...call];
const shadows = (who: TestAccount, ...call: Asked): ContractCall => [who, SHADOWS, ...call];
const hot = (who: TestAccount, ...call: Asked): ContractCall => [who, HOT, ...call];

/** Messages from the other chain, numbered from `first`. */
function told(receiver: number, first: bigint, ...messages: readonly ClearingMessage[]): ContractCall {
  const logs = messages.map((message, index) =>
    OTHER.log({
      chain: TEST_IDENTITY,
      sequence: first + BigInt(index),
      sender: systemAddress(receiver === HOT ? SHADOWS : HOT),
      receiver: systemAddress(receiver),
      payload: encodeClearingMessage(message),
    }),
  );
  return [DAVE, 0x2002, DELIVER, CHAIN, OTHER.bundle([logs], { number: 60 + Number(first) })];
}

const OPEN: ClearingMessage = { kind: 'open', account: 'shop', owner: BOB.address };
const granting = (number: bigint, amount: bigint): ClearingMessage => ({
  kind: 'grant',
  account: 'shop',
  number,
  amount,
});

/** Money may come from the other chain. Alice issues, and gave Carol 100. */
export const ALLOWED: readonly Block[] = [
  ...PREPARED,
  [money(ALICE, SET_ISSUER, ALICE.address), money(ALICE, ALLOW, CHAIN, true), money(ALICE, ISSUE, CAROL.address, 100n)],
];
/** `shop` has a shadow here. */
export const OPENED: readonly Block[] = [...ALLOWED, [told(SHADOWS, 1n, OPEN)]];
export const GRANTED: Block = [told(SHADOWS, 2n, granting(1n, 50n))];
/** Carol's from now on: more than she could be given here. */
const RICH: Block = [told(SHADOWS, 2n, granting(1n, MOST)), payOut(BOB, CAROL, MOST - 100n)];

function pay(who: TestAccount, amount: bigint, account = 'shop'): ContractCall {
  return shadows(who, PAY, account, amount, REFERENCE);
}

function payOut(who: TestAccount, to: TestAccount, amount: bigint): ContractCall {
  return shadows(who, PAY_OUT, 'shop', to.address, amount, REFERENCE);
}

const RECORD = encodeClearingRecord({
  account: 'market',
  chain: CHAIN,
  epoch: 1n,
  amountIn: 70n,
  amountOut: 0n,
  payments: 3n,
  firstBlock: 1n,
  lastBlock: 9n,
  previousHash: NO_RECORD_HASH,
});

/** Bob's `market` is attached; then its shadow is open; then it has 70. */
const CREATED: readonly Block[] = [...ALLOWED, [hot(ALICE, CREATE, 'market', BOB.address)]];
const ATTACHED: readonly Block[] = [...CREATED, [hot(BOB, ATTACH, 'market', CHAIN)]];
const TOLD_OPEN: ContractCall = told(HOT, 1n, { kind: 'opened', account: 'market' });
const SETTLED: readonly Block[] = [...ATTACHED, [TOLD_OPEN], [told(HOT, 2n, { kind: 'close', record: RECORD })]];
const RECORD_HASH = suite.hash(RECORD);

function of(kind: 'Balances' | 'ShadowAccounts' | 'HotAccounts') {
  return (blocks: readonly Block[], answer: Answer, ...calls: readonly ContractCall[]): SystemCase =>
    reach(kind, answer, ...blocks, calls);
}
const balances = of('Balances');
const shadow = of('ShadowAccounts');
const account = of('HotAccounts');

/** Answers by a message that arrived: what the receiver did shows in the cases of its questions. */
function arrives(kind: string, blocks: readonly Block[], call: ContractCall): SystemCase {
  return { of: `${kind}.${ON_MESSAGE}`, answer: code(1), blocks: [...blocks, [call]] };
}

const WORDS = ['uint256', 'uint256', 'uint256', 'uint256', 'uint256'];
const ID = new Uint8Array(32).fill(9);
const BY_COORDINATOR = sentence('only CrossTransactions may call this');
const BY_MESSAGES = sentence('messages are handed over by 0x2002 only');

/** A transaction over both chains that gives Dave 40 of Carol's there, and one of the other chain that gives him 40 here. */
const TRANSFER_DATA = encodeAbi(['address', 'uint256'], [DAVE.address, 40n]);
const [CROSS, BALANCES] = [0x2004, systemAddress(MONEY)];
const [OUT, IN] = [TEST_IDENTITY, CHAIN].map((chain) => concatBytes(chain.subarray(0, 24), fromBigInt(1n, 8))) as [
  Uint8Array,
  Uint8Array,
];
const BEGIN: ContractCall = [
  CAROL,
  CROSS,
  'begin(bytes32,address,address,bytes,uint256)',
  CHAIN,
  BALANCES,
  BALANCES,
  TRANSFER_DATA,
  1n,
];

/** What CrossTransactions of the other chain says: 1 prepare, 4 confirm. */
function crossTold(sequence: bigint, kind: bigint): ContractCall {
  const types = ['uint256', 'bytes32', 'address', 'address', 'bytes'];
  const payload = encodeAbi(types, [kind, IN, BALANCES, BALANCES, TRANSFER_DATA]);
  const address = systemAddress(CROSS);
  const log = OTHER.log({ chain: TEST_IDENTITY, sequence, sender: address, receiver: address, payload });
  return [DAVE, 0x2002, DELIVER, CHAIN, OTHER.bundle([[log]], { number: 60 + Number(sequence) })];
}
const PREPARED_IN: Block = [crossTold(1n, 1n)];
const CONFIRMED: Block = [crossTold(2n, 4n)];

/** Reached through CrossTransactions. */
function crosses(signature: string, answer: Answer, ...blocks: readonly Block[]): SystemCase {
  return { of: `Balances.${signature}`, answer, blocks: [...ALLOWED, ...blocks] };
}

const CASES_OF_BALANCES: readonly SystemCase[] = [
  balances(PREPARED, code(1), money(ALICE, SET_ISSUER, BOB.address)),
  balances([...PREPARED, FOUND], code(-60_605), money(CAROL, SET_ISSUER, BOB.address)),
  balances(ALLOWED, values(['address'], [ALICE.address]), money(BOB, 'issuer()')),
  balances(PREPARED, code(1), money(ALICE, ALLOW, CHAIN, false)),
  balances([...PREPARED, FOUND], code(-60_605), money(CAROL, ALLOW, CHAIN, true)),
  balances(ALLOWED, values(['bool'], [true]), money(BOB, 'isAllowed(bytes32)', CHAIN)),
  balances(ALLOWED, code(1), money(ALICE, ISSUE, BOB.address, 1n)),
  balances(ALLOWED, code(-60_600), money(BOB, ISSUE, BOB.address, 1n)),
  balances(ALLOWED, code(-60_603), money(ALICE, ISSUE, BOB.address, 0n)),
  balances(ALLOWED, code(-50_102), money(ALICE, ISSUE, NOBODY, 1n)),
  balances(ALLOWED, code(-60_602), money(ALICE, ISSUE, BOB.address, MOST)),
  balances(ALLOWED, code(1), money(CAROL, TRANSFER, BOB.address, 100n)),
  balances(ALLOWED, code(-60_603), money(CAROL, TRANSFER, BOB.address, 0n)),
  balances(ALLOWED, code(-60_601), money(CAROL, TRANSFER, BOB.address, 101n)),
  balances(ALLOWED, code(-50_102), money(CAROL, TRANSFER, NOBODY, 1n)),
  balances(
    [...OPENED, RICH],
    code(-60_602),
    money(ALICE, ISSUE, BOB.address, 1n),
    money(BOB, TRANSFER, CAROL.address, 1n),
  ),
  balances(ALLOWED, values(['uint256'], [100n]), money(BOB, 'balanceOf(address)', CAROL.address)),
  balances([...OPENED, RICH], values(['uint256'], [100n]), money(BOB, 'supply()')),
  crosses(PREPARE_OUT, values(['bytes32'], [OUT]), [BEGIN]),
  crosses(PREPARE_IN, code(1), PREPARED_IN),
  crosses('confirm(bytes32)', code(1), PREPARED_IN, CONFIRMED),
  crosses('cancel(bytes32)', code(1), [BEGIN], [[CAROL, CROSS, 'cancel(bytes32)', OUT]]),
  balances(
    [...ALLOWED, PREPARED_IN, CONFIRMED],
    values(['uint256'], [40n]),
    money(BOB, 'balanceOf(address)', DAVE.address),
  ),
  balances([...ALLOWED, [BEGIN]], values(['uint256'], [60n]), money(BOB, 'balanceOf(address)', CAROL.address)),
  balances(ALLOWED, BY_COORDINATOR, money(BOB, PREPARE_OUT, ID, CHAIN, NOBODY, NOBODY, ID)),
  balances(ALLOWED, BY_COORDINATOR, money(BOB, PREPARE_IN, ID, CHAIN, NOBODY, ID)),
  balances(ALLOWED, BY_COORDINATOR, money(BOB, 'confirm(bytes32)', ID)),
  balances(ALLOWED, BY_COORDINATOR, money(BOB, 'cancel(bytes32)', ID)),
];

const CASES_OF_SHADOWS: readonly SystemCase[] = [
  shadow(OPENED, code(1), pay(CAROL, 30n)),
  shadow(ALLOWED, code(-60_700), pay(CAROL, 30n)),
  shadow(OPENED, code(-60_603), pay(CAROL, 0n)),
  shadow(OPENED, code(-60_601), pay(CAROL, 101n)),
  shadow([...OPENED, RICH], code(-60_705), pay(CAROL, MOST), money(ALICE, ISSUE, DAVE.address, 1n), pay(DAVE, 1n)),
  shadow([...OPENED, GRANTED], code(1), payOut(BOB, DAVE, 50n)),
  shadow(ALLOWED, code(-60_700), payOut(BOB, DAVE, 50n)),
  shadow([...OPENED, GRANTED], code(-60_701), payOut(CAROL, DAVE, 50n)),
  shadow([...OPENED, GRANTED], code(-60_603), payOut(BOB, DAVE, 0n)),
  shadow([...OPENED, GRANTED], code(-50_102), shadows(BOB, PAY_OUT, 'shop', NOBODY, 1n, REFERENCE)),
  shadow([...OPENED, RICH], code(-60_602), payOut(BOB, CAROL, 1n)),
  shadow(
    [...OPENED, RICH, [payOut(BOB, DAVE, 100n), told(SHADOWS, 3n, granting(2n, 1n))]],
    code(-60_705),
    payOut(BOB, DAVE, 1n),
  ),
  shadow([...OPENED, GRANTED], code(-60_702), payOut(BOB, DAVE, 51n)),
  shadow(OPENED, code(1), pay(CAROL, 30n), shadows(DAVE, CLOSE, 'shop')),
  shadow(ALLOWED, code(-60_700), shadows(DAVE, CLOSE, 'shop')),
  shadow(OPENED, code(-60_703), shadows(DAVE, CLOSE, 'shop')),
  shadow(OPENED, code(-60_704), ...[1, 2, 3, 4, 5].flatMap(() => [pay(CAROL, 1n), shadows(DAVE, CLOSE, 'shop')])),
  shadow(
    [...OPENED, GRANTED, [pay(CAROL, 7n), payOut(BOB, DAVE, 20n)]],
    values(['bytes32', 'address', ...WORDS, 'uint256', 'uint256'], [CHAIN, BOB.address, 1n, 7n, 20n, 2n, 30n, 0n, 1n]),
    shadows(DAVE, 'shadow(string)', 'shop'),
  ),
  shadow(OPENED, text(listed()), shadows(DAVE, 'shadows()')),
  shadow(OPENED, text('[]\n'), shadows(DAVE, 'shadowsFrom(uint256)', 1n)),
  shadow(OPENED, values(['bytes'], [new Uint8Array(0)]), shadows(DAVE, 'record(string,uint256)', 'shop', 1n)),
  arrives('ShadowAccounts', ALLOWED, told(SHADOWS, 1n, OPEN)),
  shadow(OPENED, BY_MESSAGES, shadows(BOB, ON_MESSAGE, CHAIN, systemAddress(HOT), 1n, ID)),
];

const CASES_OF_HOT: readonly SystemCase[] = [
  account(ALLOWED, code(1), hot(ALICE, CREATE, 'market', BOB.address)),
  account(ALLOWED, code(-60_800), hot(ALICE, CREATE, '', BOB.address)),
  account(ALLOWED, code(-50_102), hot(ALICE, CREATE, 'market', NOBODY)),
  account(CREATED, code(-60_801), hot(ALICE, CREATE, 'market', ALICE.address)),
  account(CREATED, code(1), hot(BOB, ATTACH, 'market', CHAIN)),
  account(CREATED, code(-60_802), hot(BOB, ATTACH, 'none', CHAIN)),
  account(CREATED, code(-60_803), hot(ALICE, ATTACH, 'market', CHAIN)),
  account(CREATED, code(-60_604), hot(BOB, ATTACH, 'market', ID)),
  account(ATTACHED, code(-60_805), hot(BOB, ATTACH, 'market', CHAIN)),
  account(CREATED, code(-60_201), money(ALICE, ALLOW, ID, true), hot(BOB, ATTACH, 'market', ID)),
  account(CREATED, code(-60_304), money(ALICE, ALLOW, TEST_IDENTITY, true), hot(BOB, ATTACH, 'market', TEST_IDENTITY)),
  account(SETTLED, code(1), hot(BOB, GRANT, 'market', CHAIN, 70n)),
  account(SETTLED, code(-60_802), hot(BOB, GRANT, 'none', CHAIN, 1n)),
  account(SETTLED, code(-60_803), hot(ALICE, GRANT, 'market', CHAIN, 1n)),
  account(SETTLED, code(-60_603), hot(BOB, GRANT, 'market', CHAIN, 0n)),
  account(SETTLED, code(-60_804), hot(BOB, GRANT, 'market', CHAIN, 71n)),
  account(SETTLED, code(-60_604), hot(BOB, GRANT, 'market', ID, 1n)),
  account(SETTLED, code(-60_806), money(ALICE, ALLOW, ID, true), hot(BOB, GRANT, 'market', ID, 1n)),
  account(SETTLED, code(1), hot(BOB, WITHDRAW, 'market', DAVE.address, 70n)),
  account(SETTLED, code(-60_802), hot(BOB, WITHDRAW, 'none', DAVE.address, 1n)),
  account(SETTLED, code(-60_803), hot(ALICE, WITHDRAW, 'market', DAVE.address, 1n)),
  account(SETTLED, code(-60_603), hot(BOB, WITHDRAW, 'market', DAVE.address, 0n)),
  account(SETTLED, code(-60_804), hot(BOB, WITHDRAW, 'market', DAVE.address, 71n)),
  account(SETTLED, code(-50_102), hot(BOB, WITHDRAW, 'market', NOBODY, 1n)),
  account(
    SETTLED,
    code(-60_602),
    money(ALICE, ISSUE, CAROL.address, MOST - 100n),
    hot(BOB, WITHDRAW, 'market', CAROL.address, 70n),
  ),
  account(
    SETTLED,
    values(['address', ...WORDS.slice(1)], [BOB.address, 70n, 70n, 0n, 0n]),
    hot(DAVE, 'account(string)', 'market'),
  ),
  account(
    SETTLED,
    values(['uint256', 'bytes32', ...WORDS], [1n, RECORD_HASH, 70n, 0n, 0n, 3n, 0n]),
    hot(DAVE, 'shadow(string,bytes32)', 'market', CHAIN),
  ),
  account(ATTACHED, text(shadowsOf('asked')), hot(DAVE, 'shadows(string)', 'market')),
  account(SETTLED, text(shadowsOf('open')), hot(DAVE, 'shadows(string)', 'market')),
  account(SETTLED, values(['bytes'], [RECORD]), hot(DAVE, 'statement(string,bytes32,uint256)', 'market', CHAIN, 1n)),
  arrives('HotAccounts', ATTACHED, TOLD_OPEN),
  account(SETTLED, BY_MESSAGES, hot(BOB, ON_MESSAGE, CHAIN, systemAddress(SHADOWS), 1n, ID)),
];

function listed(): string {
  return `[{"account":"shop","hotChain":"${toHex(CHAIN)}","owner":"${BOB.address}"}]\n`;
}

function shadowsOf(state: string): string {
  return `[{"chain":"${toHex(CHAIN)}","state":"${state}"}]\n`;
}

export const CASES_OF_CLEARING: readonly SystemCase[] = [...CASES_OF_BALANCES, ...CASES_OF_SHADOWS, ...CASES_OF_HOT];
