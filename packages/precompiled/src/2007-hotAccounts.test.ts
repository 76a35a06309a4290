import { toHex } from '@menglian/base/bytes';
import { type ClearingRecord, encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { type ClearingMessage, encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClearingChains, HOT, SHADOWS } from './testing/clearingChains.js';
import { ALICE, BOB, bytesOf, CAROL, type SystemTester } from './testing/systemTester.js';

const suite = await loadSuite('ecdsa');
const [MONEY, SHADOW, ACCOUNTS] = [0x2005, 0x2006, 0x2007];
const REFERENCE = new Uint8Array(32).fill(5);
const MOST = 2n ** 256n - 1n;
const [HOT_CHAIN, USERS] = [0, 1];

const PAY = 'pay(string,uint256,bytes32)';
const PAY_OUT = 'payOut(string,address,uint256,bytes32)';
const GRANT = 'grant(string,bytes32,uint256)';
const WITHDRAW = 'withdraw(string,address,uint256)';

/** Bob owns the account `shop` on chain 0; Carol has money on chain 1. */
let network: ClearingChains;
let hot: SystemTester;
let users: SystemTester;
let usersChain: Uint8Array;
let hotChain: Uint8Array;
beforeEach(() => {
  network = new ClearingChains(suite, 3);
  [hot, users] = [network.chains[HOT_CHAIN]!.tester, network.chains[USERS]!.tester];
  [hotChain, usersChain] = [network.chains[HOT_CHAIN]!.identity, network.chains[USERS]!.identity];
  users.as(ALICE).code(MONEY, 'issue(address,uint256)', CAROL, 1000n);
  hot.as(ALICE).code(ACCOUNTS, 'create(string,address)', 'shop', BOB);
});

function attach(): void {
  expect(hot.as(BOB).code(ACCOUNTS, 'attach(string,bytes32)', 'shop', usersChain)).toBe(1);
  network.deliverAll();
}

const pay = (amount: bigint, account = 'shop'): number => users.as(CAROL).code(SHADOW, PAY, account, amount, REFERENCE);
const close = (account = 'shop'): number => users.as(CAROL).code(SHADOW, 'close(string)', account);
const account = () =>
  hot.values(['address', 'uint256', 'uint256', 'uint256', 'uint256'], ACCOUNTS, 'account(string)', 'shop');
const balance = (chain: SystemTester, of: string): unknown =>
  chain.values(['uint256'], MONEY, 'balanceOf(address)', of)[0];

function shadow(): readonly unknown[] {
  const types = ['bytes32', 'address', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'];
  return users.values(types, SHADOW, 'shadow(string)', 'shop').slice(2);
}

function eventsOf(chain: SystemTester, signature: string) {
  const topic = toHex(suite.hash(Buffer.from(signature)));
  return chain.host.logs.filter(({ topics }) => toHex(topics[0]!) === topic);
}

/** What becomes of a message that nobody sent. */
function forge(to: number, message: ClearingMessage | Uint8Array, change: { sender?: string; from?: number } = {}) {
  const payload = message instanceof Uint8Array ? message : encodeClearingMessage(message);
  const [sender, receiver] = to === HOT_CHAIN ? [SHADOWS, HOT] : [HOT, SHADOWS];
  const from = to === HOT_CHAIN ? USERS : HOT_CHAIN;
  const outcome = network.hand({
    source: usersChain,
    chain: usersChain,
    from,
    to,
    sequence: 99n,
    sender,
    receiver,
    payload,
    ...change,
  });
  const { tester } = network.chains[to]!;
  return outcome.status === 0 ? 'taken' : tester.errorOf(outcome);
}

describe('a hot account', () => {
  it('belongs to who was named when the name was free', () => {
    expect(account()).toEqual([BOB, 0n, 0n, 0n, 0n]);
    const create = (name: string, owner: string): number => hot.code(ACCOUNTS, 'create(string,address)', name, owner);
    expect(create('shop', ALICE)).toBe(-60_801);
    expect(create('', ALICE)).toBe(-60_800);
    expect(create('n'.repeat(65), ALICE)).toBe(-60_800);
    expect(create('n'.repeat(64), ZERO_ADDRESS)).toBe(-50_102);
    expect(create('n'.repeat(64), ALICE)).toBe(1);
    expect(create(bytesOf('在/店 "1"'), ALICE)).toBe(1);
    for (const bad of ['\0', 'a\nb', '\x7f', '\xff', '\xc3\x28', '\xef\xbb\xbfshop', '\xed\xa0\x80']) {
      expect(create(bad, ALICE)).toBe(-60_800);
    }
  });

  it('is attached by its owner, once, to chains that are allowed and known', () => {
    const call = (chain: Uint8Array, name = 'shop'): number =>
      hot.code(ACCOUNTS, 'attach(string,bytes32)', name, chain);
    hot.as(BOB);
    expect(call(usersChain, 'other')).toBe(-60_802);
    expect(hot.as(ALICE).code(ACCOUNTS, 'attach(string,bytes32)', 'shop', usersChain)).toBe(-60_803);
    hot.as(BOB);
    const unknown = new Uint8Array(32).fill(9);
    expect(call(unknown)).toBe(-60_604);
    hot.code(MONEY, 'allow(bytes32,bool)', unknown, true);
    expect(call(unknown)).toBe(-60_201);
    hot.code(MONEY, 'allow(bytes32,bool)', hotChain, true);
    expect(call(hotChain)).toBe(-60_304);
    expect(hot.text(ACCOUNTS, 'shadows(string)', 'shop')).toBe('[]\n');
    expect(call(usersChain)).toBe(1);
    expect(call(usersChain)).toBe(-60_805);
    expect(hot.text(ACCOUNTS, 'shadows(string)', 'shop')).toBe(`[{"chain":"${toHex(usersChain)}","state":"asked"}]\n`);
    network.deliverAll();
    expect(hot.text(ACCOUNTS, 'shadows(string)', 'shop')).toBe(`[{"chain":"${toHex(usersChain)}","state":"open"}]\n`);
    expect(users.text(SHADOW, 'shadows()')).toBe(
      `[{"account":"shop","hotChain":"${toHex(hotChain)}","owner":"${BOB}"}]\n`,
    );
    expect(users.text(SHADOW, 'shadowsFrom(uint256)', 1n)).toBe('[]\n');
    expect(users.text(SHADOW, 'shadowsFrom(uint256)', MOST)).toBe('[]\n');
  });

  it('is paid on another chain, and has the money when the epoch is settled', () => {
    attach();
    expect([pay(30n), pay(12n)]).toEqual([1, 1]);
    expect(shadow()).toEqual([1n, 42n, 0n, 2n, 0n, 0n]);
    expect(balance(users, CAROL)).toBe(958n);
    users.host.nextBlock();
    expect(close()).toBe(1);
    expect(shadow()).toEqual([2n, 0n, 0n, 0n, 0n, 0n]);
    const [record] = users.values(['bytes'], SHADOW, 'record(string,uint256)', 'shop', 1n);
    expect(record).toEqual(
      encodeClearingRecord({
        account: 'shop',
        chain: usersChain,
        epoch: 1n,
        amountIn: 42n,
        amountOut: 0n,
        payments: 2n,
        firstBlock: 1n,
        lastBlock: 2n,
        previousHash: NO_RECORD_HASH,
      }),
    );
    network.deliverAll();
    expect(account()).toEqual([BOB, 42n, 42n, 0n, 0n]);
    expect(shadow()).toEqual([2n, 0n, 0n, 0n, 0n, 1n]);
    expect(users.values(['bytes'], SHADOW, 'record(string,uint256)', 'shop', 1n)).toEqual([new Uint8Array(0)]);
    expect(hot.values(['bytes'], ACCOUNTS, 'statement(string,bytes32,uint256)', 'shop', usersChain, 1n)).toEqual([
      record,
    ]);
    const types = ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256'];
    expect(hot.values(types, ACCOUNTS, 'shadow(string,bytes32)', 'shop', usersChain)).toEqual([
      1n,
      suite.hash(record as Uint8Array),
      42n,
      0n,
      0n,
      2n,
    ]);
  });

  it('pays out on another chain what it granted there, and no more', () => {
    attach();
    pay(100n);
    close();
    network.deliverAll();
    expect(hot.as(BOB).code(ACCOUNTS, GRANT, 'shop', usersChain, 60n)).toBe(1);
    expect(account()).toEqual([BOB, 40n, 100n, 0n, 60n]);
    const payOut = (to: string, amount: bigint): number =>
      users.as(BOB).code(SHADOW, PAY_OUT, 'shop', to, amount, REFERENCE);
    expect(payOut(ALICE, 1n)).toBe(-60_702);
    network.deliverAll();
    expect(users.as(CAROL).code(SHADOW, PAY_OUT, 'shop', CAROL, 1n, REFERENCE)).toBe(-60_701);
    expect(users.code(SHADOW, PAY_OUT, 'other', CAROL, 1n, REFERENCE)).toBe(-60_700);
    expect(payOut(ALICE, 0n)).toBe(-60_603);
    expect(payOut(ZERO_ADDRESS, 1n)).toBe(-50_102);
    expect(payOut(ALICE, 61n)).toBe(-60_702);
    expect(payOut(ALICE, 50n)).toBe(1);
    expect(payOut(ALICE, 11n)).toBe(-60_702);
    expect(balance(users, ALICE)).toBe(50n);
    expect(shadow()).toEqual([2n, 0n, 50n, 1n, 10n, 1n]);
    expect(close()).toBe(1);
    network.deliverAll();
    expect(account()).toEqual([BOB, 40n, 100n, 50n, 60n]);
  });

  it('is spent by its owner only, within its balance, and on open shadows', () => {
    attach();
    pay(100n);
    close();
    network.deliverAll();
    const other = network.chains[2]!.identity;
    const calls: readonly (readonly [string, number, bigint])[] = [
      [CAROL, -60_803, 1n],
      [BOB, -60_603, 0n],
      [BOB, -60_804, 101n],
      [BOB, -60_804, MOST],
    ];
    for (const [caller, code, amount] of calls) {
      expect(hot.as(caller).code(ACCOUNTS, GRANT, 'shop', usersChain, amount)).toBe(code);
      expect(hot.as(caller).code(ACCOUNTS, WITHDRAW, 'shop', ALICE, amount)).toBe(code);
    }
    expect(hot.code(ACCOUNTS, GRANT, 'other', usersChain, 1n)).toBe(-60_802);
    expect(hot.code(ACCOUNTS, GRANT, 'shop', other, 1n)).toBe(-60_806);
    hot.code(ACCOUNTS, 'attach(string,bytes32)', 'shop', other);
    expect(hot.code(ACCOUNTS, GRANT, 'shop', other, 1n)).toBe(-60_806);
    hot.code(MONEY, 'allow(bytes32,bool)', usersChain, false);
    expect(hot.code(ACCOUNTS, GRANT, 'shop', usersChain, 1n)).toBe(-60_604);
    expect(hot.code(ACCOUNTS, WITHDRAW, 'shop', ZERO_ADDRESS, 1n)).toBe(-50_102);
    expect(account()).toEqual([BOB, 100n, 100n, 0n, 0n]);
    expect(hot.code(ACCOUNTS, WITHDRAW, 'shop', ALICE, 100n)).toBe(1);
    expect(balance(hot, ALICE)).toBe(100n);
    expect(account()).toEqual([BOB, 0n, 100n, 0n, 0n]);
  });
});

describe('a payment', () => {
  it('is refused to an account without a shadow, of nothing, and of more than the payer has', () => {
    expect(pay(1n)).toBe(-60_700);
    attach();
    expect(pay(0n)).toBe(-60_603);
    expect(pay(1001n)).toBe(-60_601);
    expect(users.as(ALICE).code(SHADOW, PAY, 'shop', 1n, REFERENCE)).toBe(-60_601);
    expect(shadow()).toEqual([1n, 0n, 0n, 0n, 0n, 0n]);
  });

  it('is refused when the epoch cannot add it', () => {
    attach();
    users.as(ALICE).code(MONEY, 'issue(address,uint256)', ALICE, MOST - 1000n);
    users.code(SHADOW, PAY, 'shop', MOST - 1000n, REFERENCE);
    // Money of another chain: so much that no sum holds both.
    network.hand({
      source: hotChain,
      chain: usersChain,
      from: HOT_CHAIN,
      to: USERS,
      sender: HOT,
      receiver: SHADOWS,
      sequence: 9n,
      payload: encodeClearingMessage({ kind: 'grant', account: 'shop', number: 1n, amount: MOST }),
    });
    expect(users.as(BOB).code(SHADOW, PAY_OUT, 'shop', ALICE, MOST, REFERENCE)).toBe(1);
    expect(users.as(ALICE).code(SHADOW, PAY, 'shop', 1001n, REFERENCE)).toBe(-60_705);
    expect(balance(users, ALICE)).toBe(MOST);
    expect(users.as(ALICE).code(SHADOW, PAY, 'shop', 1000n, REFERENCE)).toBe(1);
  });

  it('leaves an event from which every sum follows', () => {
    attach();
    pay(30n);
    const [paid] = eventsOf(users, 'Paid(bytes32,address,uint256,uint256,bytes32)');
    expect(paid!.topics.slice(1).map(toHex)).toEqual([
      toHex(suite.hash(Buffer.from('shop'))),
      CAROL.padStart(64, '0'),
      '1'.padStart(64, '0'),
    ]);
    expect(toHex(paid!.data)).toBe(`${(30).toString(16).padStart(64, '0')}${toHex(REFERENCE)}`);
  });
});

describe('an epoch', () => {
  it('is closed with payments only, and up to four wait for the hot chain', () => {
    expect(close()).toBe(-60_700);
    attach();
    expect(close()).toBe(-60_703);
    for (let epoch = 1; epoch <= 4; epoch++) {
      pay(1n);
      expect(close()).toBe(1);
    }
    pay(1n);
    expect(close()).toBe(-60_704);
    expect(pay(1n)).toBe(1);
    network.deliverAll();
    expect(close()).toBe(1);
    network.deliverAll();
    expect(account()).toEqual([BOB, 6n, 6n, 0n, 0n]);
    expect(shadow()).toEqual([6n, 0n, 0n, 0n, 0n, 5n]);
  });

  it('stays open where the message cannot be sent', () => {
    // The shadow came from a chain that is no client of this one: the first client list is emptied by hand.
    attach();
    pay(5n);
    const { host } = users;
    const [row] = host.select('_sys_light_clients_', toHex(hotChain));
    host.remove('_sys_light_clients_', toHex(hotChain), [row!.id], { checkAuthority: false });
    expect(close()).toBe(-60_201);
    expect(shadow()).toEqual([1n, 5n, 0n, 1n, 0n, 0n]);
  });
});

describe('messages to the hot account', () => {
  const record = {
    account: 'shop',
    epoch: 1n,
    amountIn: 5n,
    amountOut: 0n,
    payments: 1n,
    firstBlock: 1n,
    lastBlock: 1n,
    previousHash: NO_RECORD_HASH,
  };
  const closing = (changes: Partial<ClearingRecord> = {}): ClearingMessage => ({
    kind: 'close',
    record: encodeClearingRecord({ ...record, chain: usersChain, ...changes }),
  });

  it('are taken from the shadow of an attached chain only, each epoch once and in order', () => {
    expect(forge(HOT_CHAIN, closing())).toBe('the account has no shadow on this chain');
    hot.as(BOB).code(ACCOUNTS, 'attach(string,bytes32)', 'shop', usersChain);
    expect(forge(HOT_CHAIN, closing())).toBe('the shadow account is not open');
    network.deliverAll();
    const refusals: readonly (readonly [ClearingMessage | Uint8Array, { sender?: string; from?: number }, string])[] = [
      [closing(), { sender: BOB }, 'only ShadowAccounts of another chain may say this'],
      [closing(), { sender: HOT }, 'only ShadowAccounts of another chain may say this'],
      [closing(), { from: 2 }, 'the record is of another chain'],
      [closing({ chain: network.chains[2]!.identity }), {}, 'the record is of another chain'],
      [closing({ account: 'other' }), {}, 'the account has no shadow on this chain'],
      [closing({ epoch: 0n }), {}, 'another epoch is to be settled'],
      [closing({ epoch: 2n }), {}, 'another epoch is to be settled'],
      [closing({ previousHash: REFERENCE }), {}, 'the record before is another one'],
      [closing({ amountOut: 1n }), {}, 'the record pays out more than was granted'],
      [{ kind: 'close', record: new Uint8Array(2000) }, {}, 'the record is malformed'],
      [{ kind: 'opened', account: 'shop' }, {}, 'the shadow account is open already'],
      [{ kind: 'opened', account: 'other' }, {}, 'the account has no shadow on this chain'],
      [{ kind: 'grant', account: 'shop', number: 1n, amount: 1n }, {}, 'this is said to ShadowAccounts'],
      [{ kind: 'open', account: 'shop', owner: BOB }, {}, 'this is said to ShadowAccounts'],
      [new Uint8Array(70), {}, 'the message is malformed'],
      [new Uint8Array(0), {}, 'the message is malformed'],
    ];
    for (const [message, change, why] of refusals) expect([forge(HOT_CHAIN, message, change), why]).toEqual([why, why]);
    expect(account()).toEqual([BOB, 0n, 0n, 0n, 0n]);
    expect(forge(HOT_CHAIN, closing())).toBe('taken');
    expect(forge(HOT_CHAIN, closing())).toBe('another epoch is to be settled');
    expect(account()).toEqual([BOB, 5n, 5n, 0n, 0n]);
  });

  it('are refused without trace while the chain is not allowed or there is no room, and taken later', () => {
    attach();
    pay(7n);
    close();
    const [message] = network.pending();
    hot.code(MONEY, 'allow(bytes32,bool)', usersChain, false);
    expect(network.deliver('1/0')).toBe(false);
    expect(account()).toEqual([BOB, 0n, 0n, 0n, 0n]);
    expect(eventsOf(hot, 'Settled(bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32)')).toEqual([]);
    hot.code(MONEY, 'allow(bytes32,bool)', usersChain, true);
    expect(network.hand(message!).status).toBe(0);
    expect(account()).toEqual([BOB, 7n, 7n, 0n, 0n]);
    const previousHash = hot.values(
      ['uint256', 'bytes32'],
      ACCOUNTS,
      'shadow(string,bytes32)',
      'shop',
      usersChain,
    )[1] as Uint8Array;
    expect(forge(HOT_CHAIN, closing({ epoch: 2n, amountIn: MOST, previousHash }))).toBe(
      'the account has no room for it',
    );
  });

  it('come through Messages alone', () => {
    const [chain, payload] = [usersChain, encodeClearingMessage(closing())];
    const signature = 'onMessage(bytes32,address,uint256,bytes)';
    const why = 'messages are handed over by 0x2002 only';
    expect(hot.as(SHADOWS).error(ACCOUNTS, signature, chain, SHADOWS, 1n, payload)).toBe(why);
    expect(users.as(HOT).error(SHADOW, signature, hotChain, HOT, 1n, payload)).toBe(why);
  });
});

describe('messages to the shadow account', () => {
  it('are taken from the chain that opened the name only', () => {
    const open: ClearingMessage = { kind: 'open', account: 'shop', owner: BOB };
    users.code(MONEY, 'allow(bytes32,bool)', hotChain, false);
    expect(forge(USERS, open)).toBe('the committee does not allow money of this chain');
    users.code(MONEY, 'allow(bytes32,bool)', hotChain, true);
    attach();
    const grant: ClearingMessage = { kind: 'grant', account: 'shop', number: 1n, amount: 5n };
    const settled = { kind: 'settled', account: 'shop', epoch: 1n, recordHash: suite.hash(new Uint8Array(0)) } as const;
    const refusals: readonly (readonly [ClearingMessage | Uint8Array, { sender?: string; from?: number }, string])[] = [
      [open, {}, 'the name is taken'],
      [open, { from: 2 }, 'the name is taken'],
      [open, { sender: BOB }, 'only HotAccounts of another chain may say this'],
      [{ ...open, account: '\xff' }, {}, 'the name or the owner is invalid'],
      [{ ...open, account: 'new', owner: ZERO_ADDRESS }, {}, 'the name or the owner is invalid'],
      [{ ...grant, number: 0n }, {}, 'another grant is to come'],
      [{ ...grant, number: 2n }, {}, 'another grant is to come'],
      [grant, { from: 2 }, 'the account is of another chain'],
      [{ ...grant, account: 'other' }, {}, 'there is no such shadow account'],
      [settled, {}, 'another epoch is to be settled'],
      [{ ...settled, epoch: 0n }, {}, 'another epoch is to be settled'],
      [{ ...settled, epoch: MOST }, {}, 'another epoch is to be settled'],
      [settled, { from: 2 }, 'the account is of another chain'],
      [{ kind: 'close', record: new Uint8Array(0) }, {}, 'this is said to HotAccounts'],
      [{ kind: 'opened', account: 'shop' }, {}, 'this is said to HotAccounts'],
      [new Uint8Array(64).fill(255), {}, 'the message is malformed'],
    ];
    for (const [message, change, why] of refusals) expect([forge(USERS, message, change), why]).toEqual([why, why]);
    pay(3n);
    close();
    expect(forge(USERS, settled)).toBe('another record was closed');
    expect(forge(USERS, grant)).toBe('taken');
    expect(forge(USERS, grant)).toBe('another grant is to come');
    expect(forge(USERS, { ...grant, number: 2n, amount: MOST })).toBe('the quota has no room for it');
    users.code(MONEY, 'allow(bytes32,bool)', hotChain, false);
    expect(forge(USERS, grant)).toBe('the committee does not allow money of this chain');
    expect(shadow()).toEqual([2n, 0n, 0n, 0n, 5n, 0n]);
  });
});

describe('the list of shadow accounts', () => {
  it('comes in pages, in the order in which they were opened', () => {
    const names = Array.from({ length: 260 }, (_, index) => `shop ${index}`);
    for (const name of names) expect(forge(USERS, { kind: 'open', account: name, owner: BOB })).toBe('taken');
    const page = (first: bigint): readonly string[] => {
      const list = JSON.parse(users.text(SHADOW, 'shadowsFrom(uint256)', first)) as readonly { account: string }[];
      return list.map(({ account: name }) => name);
    };
    expect(page(0n)).toEqual(names.slice(0, 256));
    expect(page(256n)).toEqual(names.slice(256));
    expect(page(100n)).toEqual(names.slice(100));
    expect(page(260n)).toEqual([]);
    expect(users.text(SHADOW, 'shadows()')).toBe(users.text(SHADOW, 'shadowsFrom(uint256)', 0n));
  });
});
