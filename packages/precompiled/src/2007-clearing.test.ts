import { toByteString, toHex } from '@menglian/base/bytes';
import { decodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { decodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CarriedMessage, ClearingChains } from './testing/clearingChains.js';
import { ALICE, BOB, CAROL, type SystemTester } from './testing/systemTester.js';

/**
 * Goal: whatever users, owners and carriers do and when, no unit of money appears or disappears over all chains, and when all
 * messages have arrived the hot account has what the payments on all chains come to.
 */

const suite = await loadSuite('ecdsa');
const [MONEY, SHADOW, ACCOUNTS] = [0x2005, 0x2006, 0x2007];
const REFERENCE = new Uint8Array(32);
const USER_CHAINS = [1, 2, 3];
const PEOPLE = [ALICE, BOB, CAROL];
const ISSUED = 300n;

type Step =
  | { readonly do: 'pay' | 'payOut'; readonly chain: number; readonly who: string; readonly amount: bigint }
  | { readonly do: 'grant'; readonly chain: number; readonly amount: bigint }
  | { readonly do: 'close' | 'block'; readonly chain: number }
  | { readonly do: 'withdraw'; readonly who: string; readonly amount: bigint }
  | { readonly do: 'deliver' | 'repeat'; readonly choice: number };

const chain = fc.constantFrom(...USER_CHAINS);
const who = fc.constantFrom(...PEOPLE);
const amount = fc.bigInt(0n, 60n);
const choice = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('pay' as const), chain, who, amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('payOut' as const), chain, who, amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('grant' as const), chain, amount }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('close' as const), chain }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('block' as const), chain }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), who, amount }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), choice }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), choice }) },
);

class Scenario {
  readonly network = new ClearingChains(suite, 4);
  /** Messages that arrived. */
  readonly #delivered: CarriedMessage[] = [];
  /** Of payments that were taken. */
  paid = 0n;

  constructor() {
    for (const index of USER_CHAINS) {
      for (const person of PEOPLE) this.at(index).as(ALICE).code(MONEY, 'issue(address,uint256)', person, ISSUED);
    }
    this.hot.as(ALICE).code(ACCOUNTS, 'create(string,address)', 'shop', BOB);
    for (const index of USER_CHAINS) {
      this.hot.as(BOB).code(ACCOUNTS, 'attach(string,bytes32)', 'shop', this.identity(index));
    }
    // So that there is something to grant and to pay out from the beginning.
    for (const index of USER_CHAINS) this.take({ do: 'pay', chain: index, who: CAROL, amount: 60n });
    this.drain();
    for (const index of USER_CHAINS) this.take({ do: 'grant', chain: index, amount: 40n });
  }

  at(index: number): SystemTester {
    return this.network.chains[index]!.tester;
  }

  identity(index: number): Uint8Array {
    return this.network.chains[index]!.identity;
  }

  get hot(): SystemTester {
    return this.at(0);
  }

  take(step: Step): void {
    switch (step.do) {
      case 'pay': {
        const call = this.at(step.chain).as(step.who);
        if (call.code(SHADOW, 'pay(string,uint256,bytes32)', 'shop', step.amount, REFERENCE) === 1)
          this.paid += step.amount;
        return;
      }
      case 'payOut':
        this.at(step.chain)
          .as(BOB)
          .code(SHADOW, 'payOut(string,address,uint256,bytes32)', 'shop', step.who, step.amount, REFERENCE);
        return;
      case 'grant':
        this.hot
          .as(BOB)
          .code(ACCOUNTS, 'grant(string,bytes32,uint256)', 'shop', this.identity(step.chain), step.amount);
        return;
      case 'close':
        this.at(step.chain).as(CAROL).code(SHADOW, 'close(string)', 'shop');
        return;
      case 'block':
        this.at(step.chain).host.nextBlock();
        return;
      case 'withdraw':
        this.hot.as(BOB).code(ACCOUNTS, 'withdraw(string,address,uint256)', 'shop', step.who, step.amount);
        return;
      case 'deliver':
        return this.#deliver(step.choice);
      case 'repeat':
        return this.#repeat(step.choice);
    }
  }

  drain(): void {
    for (const index of USER_CHAINS) {
      // As many as can be, then what they wait for.
      this.network.deliverAll();
      this.take({ do: 'close', chain: index });
    }
    this.network.deliverAll();
  }

  #deliver(choice: number): void {
    const pairs = this.network.pairs();
    const pair = pairs[choice % Math.max(1, pairs.length)];
    if (pair === undefined) return;
    const message = this.network.pending().find(({ from, to }) => `${from}/${to}` === pair)!;
    expect(this.network.deliver(pair)).toBe(true);
    this.#delivered.push(message);
  }

  /** A message that arrived does nothing a second time, even if Messages forgot that it did. */
  #repeat(choice: number): void {
    const message = this.#delivered[choice % Math.max(1, this.#delivered.length)];
    if (message !== undefined) expect(this.network.hand(message).status).toBe(21);
  }

  shadow(index: number): readonly bigint[] {
    const types = ['bytes32', 'address', ...Array.from({ length: 7 }, () => 'uint256')];
    return this.at(index).values(types, SHADOW, 'shadow(string)', 'shop').slice(2) as bigint[];
  }

  hotShadow(index: number): { readonly lastEpoch: bigint; readonly settledIn: bigint; readonly settledOut: bigint } {
    const types = ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'];
    const values = this.hot.values(types, ACCOUNTS, 'shadow(string,bytes32)', 'shop', this.identity(index));
    return { lastEpoch: values[0] as bigint, settledIn: values[2] as bigint, settledOut: values[3] as bigint };
  }

  /** Owner left out: balance, settled in, settled out, granted. */
  account(): readonly bigint[] {
    const types = ['address', 'uint256', 'uint256', 'uint256', 'uint256'];
    return this.hot.values(types, ACCOUNTS, 'account(string)', 'shop').slice(1) as bigint[];
  }

  balances(index: number): bigint {
    return PEOPLE.map(
      (person) => this.at(index).values(['uint256'], MONEY, 'balanceOf(address)', person)[0] as bigint,
    ).reduce((sum, balance) => sum + balance, 0n);
  }

  /** Everything there is, wherever it is. */
  money(): bigint {
    let sum = this.balances(0) + this.account()[0]!;
    for (const index of USER_CHAINS) {
      const [openEpoch, amountIn, , , quota] = this.shadow(index) as [bigint, bigint, bigint, bigint, bigint];
      sum += this.balances(index) + amountIn + quota;
      // What the hot chain has not booked is still here.
      for (let epoch = this.hotShadow(index).lastEpoch + 1n; epoch < openEpoch; epoch++) {
        const [bytes] = this.at(index).values(['bytes'], SHADOW, 'record(string,uint256)', 'shop', epoch);
        const record = decodeClearingRecord(bytes as Uint8Array);
        if (!record.ok) throw new Error('no record of an epoch that is not booked');
        sum += record.value.amountIn;
      }
    }
    for (const { payload } of this.network.pending()) {
      const message = decodeClearingMessage(payload);
      if (message.ok && message.value.kind === 'grant') sum += message.value.amount;
    }
    return sum;
  }
}

function sumOf(numbers: readonly bigint[]): bigint {
  return numbers.reduce((sum, number) => sum + number, 0n);
}

describe('hot accounts over three chains of users', () => {
  it('neither make nor lose money at any moment, and come out even to the unit', () => {
    const total = ISSUED * BigInt(USER_CHAINS.length * PEOPLE.length);
    const done = { settled: 0n, paidOut: 0n };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const scenario = new Scenario();
        for (const one of steps) {
          scenario.take(one);
          expect(scenario.money()).toBe(total);
        }
        scenario.drain();
        expect(scenario.money()).toBe(total);
        expect(scenario.network.refused).toEqual([]);
        const [, settledIn, settledOut] = scenario.account();
        expect(settledIn).toBe(scenario.paid);
        expect(settledIn).toBe(sumOf(USER_CHAINS.map((index) => scenario.hotShadow(index).settledIn)));
        for (const index of USER_CHAINS) {
          const [openEpoch, amountIn, amountOut, count, , settledEpoch] = scenario.shadow(index);
          expect([amountIn, amountOut, count]).toEqual([0n, 0n, 0n]);
          expect(settledEpoch).toBe(openEpoch! - 1n);
          expect(scenario.hotShadow(index).lastEpoch).toBe(settledEpoch);
        }
        expectLogsToAgree(scenario);
        done.settled += settledIn!;
        done.paidOut += settledOut!;
      }),
      // A seed of which the few runs have everything in them that is counted below.
      process.env['MENGLIAN_LONG'] === '1' ? { numRuns: 1000 } : { numRuns: 20, seed: 3 },
    );
    expect(done.settled).toBeGreaterThan(0n);
    expect(done.paidOut).toBeGreaterThan(0n);
  });
});

/** An auditor who reads nothing but logs gets every total of the state. */
function expectLogsToAgree(scenario: Scenario): void {
  const totals = { in: 0n, out: 0n };
  for (const index of USER_CHAINS) {
    const { logs } = scenario.at(index).host;
    const epochs = new Map<bigint, { in: bigint; out: bigint; payments: bigint }>();
    const epochOf = (number: bigint) => {
      const found = epochs.get(number) ?? { in: 0n, out: 0n, payments: 0n };
      epochs.set(number, found);
      return found;
    };
    let previousHash: Uint8Array = NO_RECORD_HASH;
    let closed = 0n;
    for (const { topics, data } of logs) {
      const event = nameOf(topics[0]!);
      if (event === 'Paid' || event === 'PaidOut') {
        const epoch = epochOf(BigInt(`0x${toHex(topics[3]!)}`));
        const [moved] = valuesOf(['uint256', 'bytes32'], data) as [bigint];
        epoch[event === 'Paid' ? 'in' : 'out'] += moved;
        epoch.payments += 1n;
      }
      if (event !== 'Closed') continue;
      const [hash, bytes] = valuesOf(['bytes32', 'bytes'], data) as [Uint8Array, Uint8Array];
      const record = decodeClearingRecord(bytes);
      if (!record.ok) throw new Error('a log holds no record');
      closed += 1n;
      const { amountIn, amountOut, payments } = record.value;
      expect(record.value.epoch).toBe(closed);
      expect(epochOf(closed)).toEqual({ in: amountIn, out: amountOut, payments });
      expect(record.value.previousHash).toEqual(previousHash);
      expect(suite.hash(bytes)).toEqual(hash);
      previousHash = hash;
      totals.in += amountIn;
      totals.out += amountOut;
      expect(bookedHash(scenario, index, closed)).toBe(toHex(hash));
    }
  }
  expect(scenario.account().slice(1, 3)).toEqual([totals.in, totals.out]);
}

/** Of the only log that says this epoch was booked. */
function bookedHash(scenario: Scenario, index: number, epoch: bigint): string {
  const found = scenario.hot.host.logs.filter(
    ({ topics }) =>
      nameOf(topics[0]!) === 'Settled' &&
      toHex(topics[2]!) === toHex(scenario.identity(index)) &&
      BigInt(`0x${toHex(topics[3]!)}`) === epoch,
  );
  expect(found).toHaveLength(1);
  const [, , , hash] = valuesOf(['uint256', 'uint256', 'uint256', 'bytes32'], found[0]!.data);
  return toHex(hash as Uint8Array);
}

const EVENTS = new Map(
  [
    'Paid(bytes32,address,uint256,uint256,bytes32)',
    'PaidOut(bytes32,address,uint256,uint256,bytes32)',
    'Closed(bytes32,uint256,bytes32,bytes)',
    'Settled(bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32)',
  ].map((signature) => [toByteString(suite.hash(Buffer.from(signature))), signature.split('(')[0]!]),
);

function nameOf(topic: Uint8Array): string | undefined {
  return EVENTS.get(toByteString(topic));
}

function valuesOf(types: readonly string[], data: Uint8Array): readonly unknown[] {
  const decoded = decodeAbi(types, data);
  if (!decoded.ok) throw new Error('a log holds something else');
  return decoded.value;
}
