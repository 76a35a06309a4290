import { loadSuite } from '@menglian/crypto/loadSuite';
import { bloomOf } from '@menglian/types/bloom';
import type { Log } from '@menglian/types/receipt';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../hex.js';
import type { HotAccount } from '../services/hotAccounts.js';
import type { ShadowAccount } from '../services/shadowAccounts.js';
import { auditHotAccount } from './auditHotAccount.js';
import type { AuditReport } from './auditReport.js';
import { ChainReader } from './chainReader.js';
import { HOT_ACCOUNTS, SHADOW_ACCOUNTS } from './hotAccountEvents.js';
import type { FakeChain } from './testing/fakeChain.js';
import { ACCOUNT, HotScenario } from './testing/hotScenario.js';

const suite = await loadSuite('ecdsa');

async function readerOf(chain: FakeChain, label: string): Promise<ChainReader> {
  const reader = new ChainReader(chain.client, { label, addresses: [SHADOW_ACCOUNTS, HOT_ACCOUNTS] });
  await reader.open();
  return reader;
}

const LABELS = ['north', 'south', 'west'];

/** @param cut the last block of the hot chain up to which epochs are compared */
async function audit(
  { hot, users }: Pick<HotScenario, 'hot' | 'users'>,
  cut = hot.height,
  told: { hot?: HotAccount; users?: readonly (ShadowAccount | undefined)[] } = {},
): Promise<AuditReport> {
  const hotReader = await readerOf(hot, 'hot');
  const sources = users.map(async (user, index) => {
    const label = LABELS[index]!;
    const reader = await readerOf(user, label);
    return { label, identity: hexOf(user.identity), blocks: reader.blocks(user.height), told: told.users?.[index] };
  });
  return auditHotAccount({
    suite,
    account: ACCOUNT,
    hot: {
      label: 'hot',
      identity: hexOf(hot.identity),
      blocks: hotReader.blocks(cut),
      laterBlocks: hotReader.blocks(hot.height),
      told: told.hot,
    },
    users: await Promise.all(sources),
  });
}

/** Two chains of users, three epochs of which one is not booked, and payments in both directions. */
function scenario(): HotScenario {
  const one = new HotScenario(suite);
  one.pay(0, 10n, 20n, 30n);
  one.pay(1, 5n);
  one.close(0);
  one.settle(0, 1n);
  one.pay(0, 7n);
  one.confirm(0, 1n);
  one.arrive(0, one.grant(0, 50n), 50n);
  one.payOut(0, 8n);
  one.close(0);
  one.close(1);
  one.settle(1, 1n);
  one.grant(1, 4n);
  one.withdraw(6n);
  one.pay(1, 100n);
  return one;
}

/** Where and what, of every finding. */
function summary({ isRight, findings, findingCount }: AuditReport): string[] {
  expect(isRight).toBe(findingCount === 0);
  return findings.map(({ chain, blockNumber, code, subject, expected, found }) => {
    const compared = expected === undefined && found === undefined ? '' : ` ${expected}≠${found}`;
    return `${chain} ${blockNumber ?? '-'} ${code}${subject === undefined ? '' : ` ${subject}`}${compared}`;
  });
}

/** Changes logs of a block as if the chain had written them so. */
function rewrite(
  chain: FakeChain,
  number: number,
  change: (logs: readonly Log[], index: number) => readonly Log[],
): void {
  chain.rewrite(number, (receipts) =>
    receipts.map((receipt, index) => {
      const logs = change(receipt.logs, index);
      return { ...receipt, logs, logsBloom: bloomOf(suite, logs) };
    }),
  );
}

describe('an audit', () => {
  it('adds up what chains did', async () => {
    const report = await audit(scenario());
    expect([summary(report), report.isWhole]).toEqual([[], true]);
    const { hot, shadows } = report;
    expect(hot).toMatchObject({ settled: { amountIn: 65n, amountOut: 0n, payments: 4n }, balance: 5n });
    expect(hot).toMatchObject({ granted: 54n, withdrawn: 6n });
    const [north, south] = shadows;
    expect(north).toMatchObject({
      label: 'north',
      settled: { amountIn: 60n, payments: 3n },
      unsettled: { amountIn: 7n, amountOut: 8n, payments: 2n },
      open: { amountIn: 0n },
      granted: 50n,
      inFlight: 0n,
      quota: 42n,
    });
    expect(south).toMatchObject({ settled: { amountIn: 5n }, open: { amountIn: 100n }, inFlight: 4n, quota: 0n });
    expect(north!.epochs).toMatchObject([
      { epoch: 1n, firstBlock: 1, lastBlock: 3, settledBy: { blockNumber: 4 } },
      { epoch: 2n, firstBlock: 3, lastBlock: 8, settledBy: undefined },
    ]);
  });

  it('compares chains that go on while they are read', async () => {
    const one = scenario();
    const cut = one.hot.height;
    one.arrive(1, 1n, 4n);
    one.arrive(1, one.grant(1, 1n), 1n);
    one.settle(0, 2n);
    one.confirm(0, 2n);
    const report = await audit(one, cut);
    expect(summary(report)).toEqual([]);
    expect(report.hot.settled.amountIn).toBe(65n);
    expect(report.shadows[0]!.unsettled.amountIn).toBe(7n);
  });

  it('compares what is booked later too, where the chains of users know of it', async () => {
    const one = scenario();
    const cut = one.hot.height;
    const wrong = one.hot.add([[one.settledLog(0, 2n, [1n])]]);
    expect(summary(await audit(one, cut))).toEqual([`hot ${wrong} settled-record amountIn 7≠8`]);
    const twice = one.hot.add([[one.settledLog(0, 2n)]]);
    expect(summary(await audit(one, cut))).toContain(`hot ${twice} settled-order north 3≠2`);
  });

  it('tells of what time the last blocks are', async () => {
    const one = scenario();
    const { hot, shadows } = await audit(one);
    expect(hot.lastBlockAtMs).toBe(one.hot.blocks.at(-1)!.header.timestampMs);
    expect(shadows[0]!.lastBlockAtMs).toBe(one.users[0]!.blocks.at(-1)!.header.timestampMs);
  });

  it('looks at no other account', async () => {
    const one = scenario();
    one.users[0]!.add([[one.paymentLog('Paid', 9n, 1000n, 'another shop')]]);
    expect(summary(await audit(one))).toEqual([]);
  });
});

describe('a chain of users is caught', () => {
  it('when a payment is not in what it closed, or another amount is', async () => {
    const missing = scenario();
    rewrite(missing.users[0]!, 2, (logs, index) => (index === 1 ? [] : logs));
    expect(summary(await audit(missing))).toEqual([
      'north 3 closed-record amountIn 40≠60',
      'north 3 closed-record payments 2≠3',
      'hot 4 settled-record amountIn 40≠60',
      'hot 4 settled-record payments 2≠3',
    ]);
    const changed = scenario();
    rewrite(changed.users[0]!, 2, (logs, index) => (index === 1 ? [changed.paymentLog('Paid', 1n, 21n)] : logs));
    expect(summary(await audit(changed))).toEqual([
      'north 3 closed-record amountIn 61≠60',
      'hot 4 settled-record amountIn 61≠60',
    ]);
  });

  it('when a payment is of another epoch', async () => {
    const one = scenario();
    one.users[1]!.add([[one.paymentLog('Paid', 1n, 1n)]]);
    expect(summary(await audit(one))).toEqual(['south 5 payment-epoch epoch 2≠1']);
  });

  it('when it skips an epoch, closes one twice, or chains it to nothing', async () => {
    const skipped = scenario();
    rewrite(skipped.users[0]!, 3, () => []);
    expect((await audit(skipped)).findings[0]).toMatchObject({ chain: 'north', blockNumber: 4, code: 'payment-epoch' });
    const twice = scenario();
    const [again] = twice.users[0]!.blocks[3]!.receipts[0]!.logs;
    twice.users[0]!.add([[again!]]);
    expect(summary(await audit(twice))).toContain('north 9 closed-order epoch 3≠1');
  });

  it('when a record has another hash', async () => {
    const one = scenario();
    rewrite(one.users[1]!, 3, ([log]) => {
      const data = Uint8Array.from(log!.data);
      data[0]! ^= 1;
      return [{ ...log!, data }];
    });
    expect((await audit(one)).findings.map(({ code, chain }) => `${chain} ${code}`)).toEqual([
      'south closed-hash',
      'hot settled-record',
    ]);
  });

  it('when an event is no event', async () => {
    const one = scenario();
    rewrite(one.users[1]!, 2, ([log]) => [{ ...log!, data: log!.data.subarray(0, 32) }]);
    expect(summary(await audit(one))[0]).toBe('south 2 event-malformed');
  });

  it('when it pays out more than it was granted, or was granted what nobody sent', async () => {
    const one = scenario();
    one.payOut(0, 43n);
    expect(summary(await audit(one))).toEqual(['north 9 quota-exceeded quota 42≠43']);
    one.arrive(0, 3n, 1000n);
    one.arrive(0, 1n, 49n);
    expect(summary(await audit(one)).slice(1)).toEqual([
      'north 10 grant-order number 2≠3',
      'north 11 grant-order number 4≠1',
      'north 10 grant-differs 3 0≠1000',
    ]);
    const changed = new HotScenario(suite);
    changed.pay(0, 10n);
    changed.close(0);
    changed.settle(0, 1n);
    changed.arrive(0, changed.grant(0, 5n), 6n);
    expect(summary(await audit(changed))).toEqual(['north 4 grant-differs 1 5≠6']);
  });

  it('when the shadow is of another hot chain or owner', async () => {
    const one = scenario();
    rewrite(one.users[0]!, 1, () => [one.openedLog('0c'.repeat(20), one.users[1]!.identity)]);
    const { findings } = await audit(one);
    expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'shadow-differs hotChain',
      'shadow-differs owner',
    ]);
  });

  it('when it takes an epoch for booked that is not', async () => {
    const one = scenario();
    one.confirm(0, 2n);
    expect(summary(await audit(one))).toEqual(['north - confirmed-differs epoch 1≠2']);
  });
});

describe('a hot chain is caught', () => {
  it('when it books an epoch twice', async () => {
    const one = scenario();
    one.settle(0, 1n);
    expect(summary(await audit(one))).toEqual(['hot 9 settled-order north 2≠1']);
  });

  it('when it skips an epoch', async () => {
    const one = scenario();
    one.pay(0, 1n);
    one.close(0);
    one.settle(0, 3n);
    expect(summary(await audit(one))).toEqual(['hot 9 settled-order north 2≠3']);
  });

  it('when it changes the order of epochs', async () => {
    const one = scenario();
    one.pay(0, 1n);
    one.close(0);
    one.settle(0, 3n);
    one.settle(0, 2n);
    expect(summary(await audit(one))).toEqual(['hot 9 settled-order north 2≠3', 'hot 10 settled-order north 4≠2']);
  });

  it('when it books what nobody closed, or other amounts', async () => {
    const unclosed = scenario();
    unclosed.settle(1, 2n);
    expect(summary(await audit(unclosed))).toEqual(['hot 9 settled-unclosed south']);
    const changed = scenario();
    changed.hot.add([[changed.settledLog(0, 2n, [1n, 0n, 5n])]]);
    expect(summary(await audit(changed))).toEqual([
      'hot 9 settled-record amountIn 7≠8',
      'hot 9 settled-record payments 2≠7',
    ]);
  });

  it('when it numbers grants otherwise', async () => {
    const one = scenario();
    rewrite(one.hot, 5, () => [
      one.hotLog(
        'Granted(bytes32,bytes32,uint256,uint256)',
        [one.users[0]!.identity, new Uint8Array(32).fill(2, 31)],
        ['uint256'],
        [50n],
      ),
    ]);
    expect(summary(await audit(one))).toEqual(['hot 5 grant-order number 1≠2', 'north 6 grant-differs 1 0≠50']);
  });

  it('when it gives away more than it has', async () => {
    const one = scenario();
    one.withdraw(6n);
    expect(summary(await audit(one))).toEqual(['hot 9 balance-exceeded balance 5≠6']);
  });

  it('when a chain is left out of the audit, or has nothing of the account', async () => {
    const one = scenario();
    expect(await audit({ hot: one.hot, users: one.users.slice(0, 1) })).toMatchObject({
      isRight: false,
      findings: [
        { code: 'chain-missing', blockNumber: 3, found: hexOf(one.users[1]!.identity) },
        { code: 'settled-unclosed' },
      ],
    });
    const other = new HotScenario(suite, 1);
    const stranger = new HotScenario(suite, 3).users[2]!;
    stranger.rewrite(1, () => []);
    const report = await audit({ hot: other.hot, users: [...other.users, stranger] });
    expect(summary(report)).toEqual(['south - shadow-missing']);
  });

  it('when there is no such account', async () => {
    const one = new HotScenario(suite);
    rewrite(one.hot, 1, () => []);
    expect(summary(await audit(one))).toContain('hot - account-missing');
  });
});

describe('a node is caught', () => {
  it('when it leaves out a payment, whatever else agrees', async () => {
    const one = scenario();
    const { receipts } = one.users[0]!.blocks[2]!;
    one.users[0]!.blocks[2]!.receipts = receipts.slice(0, 2);
    const report = await audit(one);
    expect(summary(report)).toEqual(['north 2 not-proven the receipts are not those that the header commits to']);
    expect(report).toMatchObject({ isWhole: false, shadows: [{ lastBlock: 1 }, {}] });
  });

  it('when it changes a header of the hot chain', async () => {
    const one = scenario();
    const block = one.hot.blocks[5]!;
    block.header = { ...block.header, timestampMs: 0 };
    expect(summary(await audit(one))).toEqual(['hot 5 not-proven a signature of the header does not hold']);
  });
});

it('names a hundred findings and counts the others', async () => {
  const one = scenario();
  for (let count = 0; count < 5; count++) {
    one.users[0]!.add([Array.from({ length: 50 }, () => one.paymentLog('Paid', 1n, 1n))]);
  }
  const report = await audit(one);
  expect([report.findings.length, report.findingCount, report.isRight]).toEqual([100, 250, false]);
});

describe('what a node says of the state', () => {
  const state = { owner: `0x${'0a'.repeat(20)}`, settledIn: 65n, settledOut: 0n, granted: 54n } as const;
  const shadow = { hotChain: '0x', openEpoch: 2n, openIn: 100n, openOut: 0n, openCount: 1n, settledEpoch: 0n } as const;

  it('is what the events come to', async () => {
    const toldBy = (balance: bigint, quota: bigint) =>
      audit(scenario(), undefined, {
        hot: { ...state, balance },
        users: [undefined, { ...shadow, owner: state.owner, quota }],
      });
    expect(summary(await toldBy(5n, 0n))).toEqual([]);
    expect(summary(await toldBy(6n, 1n))).toEqual([
      'south - state-differs quota 0≠1',
      'hot - state-differs balance 5≠6',
    ]);
  });
});
