import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { MESSAGES_ADDRESS, readSentMessage, type SentMessage } from '@menglian/interchain/sentMessage';
import type { Address } from '@menglian/types/address';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrossState } from './2004-crossRows.js';
import { systemAddress } from './addresses.js';
import { word } from './framework/output.js';
import { ON_MESSAGE } from './framework/receivedMessage.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import type { SystemOutcome, TableDefinition } from './ports.js';
import { systemContract } from './systemContracts.js';
import { readRow, removeRow, writeRow } from './tables/ownRows.js';
import type { MemorySystemHost } from './testing/memorySystemHost.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };

const CROSS = 0x2004;
const CROSS_ADDRESS = systemAddress(CROSS);
const BEGIN = 'begin(bytes32,address,address,bytes,uint256)';
const DESCRIPTION = ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256'];
const TOKEN: Address = '70'.repeat(20);
const MESSAGE_GAS = 20_000_000;
const MESSAGE = ['uint256', 'bytes32', 'address', 'address', 'bytes'];

/** A token in tables, so that what a failed call did is undone with it. */
const MONEY: TableDefinition = { name: '_test_money_', keyField: 'owner', valueFields: ['amount'] };
const HELD: TableDefinition = { name: '_test_held_', keyField: 'id', valueFields: ['direction', 'amount', 'owner'] };

type Step = 'prepareOut' | 'prepareIn' | 'confirm' | 'cancel';
type Mood = 'willing' | 'refuses' | 'fails' | 'burns' | 'babbles' | 'calls back';

/** A participant that does at a step what the test says. */
class Token {
  readonly moods = new Map<Step, Mood>();
  /** What `calls back` calls: input for 0x2004. */
  callBack: Uint8Array = new Uint8Array(0);
  callBackOutcome: SystemOutcome | undefined;
  readonly asked: string[] = [];
  readonly kind: ContractKind<undefined>;
  readonly #host: MemorySystemHost;

  constructor(host: MemorySystemHost) {
    this.#host = host;
    const define = functionsOf<undefined>();
    this.kind = new ContractKind<undefined>({
      name: 'TestToken',
      countsInput: true,
      unknown: new Uint8Array(0),
      functions: [
        define('prepareOut(bytes32,bytes32,address,address,bytes)', (context, id, _chain, _remote, initiator, data) => {
          const amount = BigInt(`0x${toHex(data)}`);
          pay(context, initiator, -amount);
          hold(context, id, 'out', amount, initiator);
          return this.#end(context, id, 'prepareOut', encodeAbi(['bytes'], [data]));
        }),
        define('prepareIn(bytes32,bytes32,address,bytes)', (context, id, _chain, peer, forRemote) => {
          if (peer !== TOKEN) return word(0);
          hold(context, id, 'in', BigInt(`0x${toHex(forRemote)}`), BOB);
          return this.#end(context, id, 'prepareIn', word(1));
        }),
        define('confirm(bytes32)', (context, id) => {
          const held = take(context, id);
          if (held.get('direction') === 'in') pay(context, held.get('owner')!, BigInt(held.get('amount')!));
          return this.#end(context, id, 'confirm', word(1));
        }),
        define('cancel(bytes32)', (context, id) => {
          const held = take(context, id);
          if (held.get('direction') === 'out') pay(context, held.get('owner')!, BigInt(held.get('amount')!));
          return this.#end(context, id, 'cancel', word(1));
        }),
      ],
    });
  }

  #end(context: FunctionContext<undefined>, id: Uint8Array, step: Step, output: Uint8Array): Uint8Array {
    this.asked.push(step);
    expect(context.sender).toBe(CROSS_ADDRESS);
    expect(context.host.origin).toBe(CROSS_ADDRESS);
    const mood = this.moods.get(step) ?? 'willing';
    if (mood === 'fails') throw new SystemError('not today');
    if (mood === 'refuses') throw new SystemError('');
    if (mood === 'burns') context.gas.add(Number.MAX_SAFE_INTEGER / 2);
    if (mood === 'babbles') {
      // What is not held as asked is not held at all.
      if (step === 'prepareIn') take(context, id);
      return Uint8Array.of(1, 2, 3);
    }
    if (mood === 'calls back') {
      const contract = systemContract(CROSS_ADDRESS)!;
      this.callBackOutcome = this.#host.run(contract, { sender: TOKEN, input: this.callBack, gasLeft: 50_000_000 });
    }
    return output;
  }
}

type Context = FunctionContext<undefined>;

function balance(context: Context, owner: Address): bigint {
  return BigInt(readRow(context, MONEY, owner)?.get('amount') ?? '0');
}

function pay(context: Context, owner: Address, amount: bigint): void {
  const sum = balance(context, owner) + amount;
  if (sum < 0n) throw new SystemError('too little money');
  writeRow(context, MONEY, owner, new Map([['amount', sum.toString()]]));
}

function hold(context: Context, id: Uint8Array, direction: string, amount: bigint, owner: Address): void {
  const fields = { direction, amount: amount.toString(), owner };
  writeRow(context, HELD, toHex(id), new Map(Object.entries(fields)));
}

function take(context: Context, id: Uint8Array): ReadonlyMap<string, string> {
  const held = readRow(context, HELD, toHex(id));
  if (held === undefined) throw new SystemError('held twice or never');
  removeRow(context, HELD, toHex(id));
  return held;
}

class Chain {
  readonly tester: SystemTester;
  readonly token: Token;
  readonly identity: Uint8Array;
  #seenLogs = 0;
  /** On their way to the other chain, oldest first. */
  readonly #sent: SentMessage[] = [];
  /** Arrived here, refused. */
  readonly refused: SentMessage[] = [];
  /** All that arrived here. */
  readonly arrived: SentMessage[] = [];

  constructor(suite: keyof typeof suites, seed: number) {
    this.tester = new SystemTester(suites[suite]);
    this.tester.host.identity = new Uint8Array(32).fill(seed);
    this.identity = this.tester.host.identity;
    this.token = new Token(this.tester.host);
    this.tester.host.receivers.set(TOKEN, this.token.kind.create(undefined));
    this.tester.host.receivers.set(systemAddress(0x2005), systemContract(systemAddress(0x2005))!);
    this.inside((context) => pay(context, ALICE, 1000n));
  }

  /** Makes the other chain known. */
  meet({ identity }: Chain): void {
    const signature = 'register(bytes32,string,string,uint256,string)';
    const name = `chain${identity[0]}`;
    invariant(this.tester.code(0x2001, signature, identity, name, 'pbft', 0n, '0b'.repeat(64)) === 1, 'test/register');
  }

  /** Reads or writes the token's tables. */
  inside<T>(run: (context: Context) => T): T {
    let result: T | undefined;
    const kind = new ContractKind<undefined>({
      name: 'Inside',
      countsInput: false,
      unknown: word(0),
      functions: [functionsOf<undefined>()('inside()', (context) => ((result = run(context)), word(0)))],
    });
    const input = this.tester.input('inside()');
    this.tester.host.run(kind.create(undefined), { sender: TOKEN, input, gasLeft: 1_000_000_000 });
    return result!;
  }

  money(owner: Address): bigint {
    return this.inside((context) => balance(context, owner));
  }

  held(id: Uint8Array): ReadonlyMap<string, string> | undefined {
    return this.inside((context) => readRow(context, HELD, toHex(id)));
  }

  tryBegin(other: Chain, amount: bigint, timeoutBlocks = 10n, participant = TOKEN): SystemOutcome {
    const values = [other.identity, participant, TOKEN, fromBigInt(amount, 32), timeoutBlocks];
    return this.tester.as(ALICE).send(CROSS, BEGIN, ...values);
  }

  begin(other: Chain, amount: bigint, timeoutBlocks = 10n): Uint8Array {
    const outcome = this.tryBegin(other, amount, timeoutBlocks);
    invariant(outcome.status === 0, 'test/begin', toHex(outcome.output));
    return outcome.output;
  }

  code(signature: 'cancel(bytes32)' | 'finish(bytes32)', id: Uint8Array): number {
    return this.tester.as(BOB).code(CROSS, signature, id);
  }

  state(id: Uint8Array): number {
    return Number(this.tester.values(DESCRIPTION, CROSS, 'transaction(bytes32)', id)[0]);
  }

  sent(): SentMessage[] {
    const { logs, suite } = this.tester.host;
    const messages = logs.slice(this.#seenLogs).map((log) => readSentMessage(suite, log));
    this.#sent.push(...messages.filter((message) => message !== undefined));
    this.#seenLogs = logs.length;
    return this.#sent;
  }

  /** Takes the oldest message of the other chain. */
  receive(from: Chain, gasLeft = MESSAGE_GAS): SystemOutcome | undefined {
    const message = from.sent().shift();
    if (message === undefined) return undefined;
    this.arrived.push(message);
    const outcome = this.hand(message, gasLeft);
    if (outcome.status !== 0) this.refused.push(message);
    return outcome;
  }

  /** Calls 0x2004 as Messages does. */
  hand(message: Pick<SentMessage, 'source' | 'sender' | 'sequence' | 'payload'>, gasLeft = MESSAGE_GAS): SystemOutcome {
    const { host } = this.tester;
    host.origin = MESSAGES_ADDRESS;
    const { source, sender, sequence, payload } = message;
    const input = this.tester.input(ON_MESSAGE, source, sender, sequence, payload);
    return host.run(systemContract(CROSS_ADDRESS)!, { sender: MESSAGES_ADDRESS, input, gasLeft });
  }

  /** The states that were announced for a transaction. */
  announced(id: Uint8Array): readonly number[] {
    const { logs, suite } = this.tester.host;
    const name = toHex(suite.hash(Uint8Array.from('TransactionChanged(bytes32,uint256)', (c) => c.charCodeAt(0))));
    return logs
      .filter(({ topics }) => toHex(topics[0]!) === name && toHex(topics[1]!) === toHex(id))
      .map(({ data }) => Number(BigInt(`0x${toHex(data)}`)));
  }
}

function chains(first: keyof typeof suites = 'ecdsa', second = first): readonly [Chain, Chain] {
  const pair = [new Chain(first, 0xa1), new Chain(second, 0xb2)] as const;
  pair[0].meet(pair[1]);
  pair[1].meet(pair[0]);
  return pair;
}

function errorOf(chain: Chain, outcome: SystemOutcome | undefined): string {
  return outcome === undefined ? 'nothing' : chain.tester.errorOf(outcome);
}

/** Everything that is on its way between two chains. */
function deliverAll(a: Chain, b: Chain): void {
  while (a.receive(b) !== undefined || b.receive(a) !== undefined);
}

describe.each([
  ['ecdsa', 'ecdsa'],
  ['sm', 'sm'],
  ['ecdsa', 'sm'],
] as const)('between chains of suites %s and %s', (first, second) => {
  it('both confirm, and the amount is on the other side', () => {
    const [a, b] = chains(first, second);
    const id = a.begin(b, 300n);
    expect(toHex(id)).toBe(`${'a1'.repeat(24)}${'1'.padStart(16, '0')}`);
    expect([a.money(ALICE), a.state(id), b.state(id)]).toEqual([700n, CrossState.preparing, 0]);
    b.receive(a);
    expect([b.state(id), b.money(BOB)]).toEqual([CrossState.ready, 0n]);
    a.receive(b);
    expect([a.state(id), a.held(id)]).toEqual([CrossState.confirmed, undefined]);
    b.receive(a);
    expect([b.state(id), b.money(BOB), a.money(ALICE)]).toEqual([CrossState.confirmed, 300n, 700n]);
    expect([a.announced(id), b.announced(id)]).toEqual([
      [1, 5],
      [2, 5],
    ]);
    expect([a.sent(), b.sent()]).toEqual([[], []]);
  });

  it('a refusal over there gives everything back here', () => {
    const [a, b] = chains(first, second);
    b.token.moods.set('prepareIn', 'fails');
    const id = a.begin(b, 300n);
    deliverAll(a, b);
    expect([a.state(id), b.state(id)]).toEqual([CrossState.cancelled, CrossState.refused]);
    expect([a.money(ALICE), b.money(BOB), b.held(id)]).toEqual([1000n, 0n, undefined]);
  });
});

describe('a transaction', () => {
  it('is described on both sides, and an unknown one by zeros', () => {
    const [a, b] = chains();
    a.tester.host.nextBlock(50);
    const id = a.begin(b, 1n, 7n);
    b.receive(a);
    const of = (chain: Chain, wanted: Uint8Array) =>
      chain.tester.values(DESCRIPTION, CROSS, 'transaction(bytes32)', wanted);
    expect(of(a, id)).toEqual([1n, b.identity, TOKEN, TOKEN, ALICE, 57n]);
    expect(of(b, id)).toEqual([2n, a.identity, TOKEN, TOKEN, '0'.repeat(40), 0n]);
    expect(of(a, new Uint8Array(32))).toEqual([
      0n,
      new Uint8Array(32),
      '0'.repeat(40),
      '0'.repeat(40),
      '0'.repeat(40),
      0n,
    ]);
  });

  it.each(['fails', 'refuses', 'burns', 'babbles'] as const)('is not begun where the participant here %s', (mood) => {
    const [a, b] = chains();
    a.token.moods.set('prepareOut', mood);
    const texts = {
      fails: 'the participant refused: not today',
      refuses: 'the participant refused: status 21',
      burns: 'the participant refused: OutOfGas when executing precompiled Contract, gasUsed: 4503599627',
      babbles: 'the participant did not answer bytes',
    };
    expect(errorOf(a, a.tryBegin(b, 300n))).toContain(texts[mood].slice(0, 80));
    expect([a.money(ALICE), a.sent()]).toEqual([1000n, []]);
    a.token.moods.clear();
    expect(toHex(a.begin(b, 300n)).slice(-2)).toBe('01');
  });

  it('is not begun with a bad time-out, an unknown chain, this chain, nobody as participant or too much to tell', () => {
    const [a, b] = chains();
    for (const timeout of [0n, 1_000_001n, 2n ** 256n - 1n])
      expect(errorOf(a, a.tryBegin(b, 1n, timeout))).toBe('the time-out must be 1 to 1000000 blocks');
    const stranger = new Chain('ecdsa', 0xc3);
    expect(errorOf(a, a.tryBegin(stranger, 1n))).toBe('the other chain cannot be told: 0x2002 answers -60201');
    expect(errorOf(a, a.tryBegin(a, 1n))).toBe('the other chain cannot be told: 0x2002 answers -60304');
    expect(errorOf(a, a.tryBegin(b, 1n, 10n, BOB))).toBe('the participant refused: status 26');
    const long = concatBytes(new Uint8Array(17_000), fromBigInt(1n, 32));
    const outcome = a.tester.as(ALICE).send(CROSS, BEGIN, b.identity, TOKEN, TOKEN, long, 10n);
    expect(errorOf(a, outcome)).toBe('the other chain cannot be told: 0x2002 answers -60300');
    expect([a.money(ALICE), a.sent()]).toEqual([1000n, []]);
  });

  it.each(['fails', 'refuses', 'burns', 'babbles'] as const)('is refused where the participant there %s', (mood) => {
    const [a, b] = chains();
    b.token.moods.set('prepareIn', mood);
    const id = a.begin(b, 300n);
    deliverAll(a, b);
    expect([a.state(id), b.state(id), a.money(ALICE)]).toEqual([CrossState.cancelled, CrossState.refused, 1000n]);
    expect(b.announced(id)).toEqual([CrossState.refused]);
    expect(b.refused).toEqual([]);
  });
});

describe('a time-out', () => {
  it('lets anybody cancel from its block on, and a late READY changes nothing', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n, 3n);
    b.receive(a);
    a.tester.host.nextBlock(3);
    expect(a.code('cancel(bytes32)', id)).toBe(-60_501);
    a.tester.host.nextBlock();
    expect(a.code('cancel(bytes32)', id)).toBe(1);
    expect([a.state(id), a.money(ALICE)]).toEqual([CrossState.cancelled, 1000n]);
    a.receive(b);
    expect([a.state(id), a.money(ALICE), b.state(id)]).toEqual([CrossState.cancelled, 1000n, CrossState.ready]);
    deliverAll(a, b);
    expect([b.state(id), b.held(id), b.money(BOB)]).toEqual([CrossState.cancelled, undefined, 0n]);
    expect(a.code('cancel(bytes32)', id)).toBe(-60_502);
  });

  it('does not cancel what is decided, what another chain began, or what is not there', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n, 1n);
    b.receive(a);
    b.tester.host.nextBlock(1000);
    expect(b.code('cancel(bytes32)', id)).toBe(-60_503);
    deliverAll(a, b);
    a.tester.host.nextBlock(1000);
    expect(a.code('cancel(bytes32)', id)).toBe(-60_502);
    expect(a.code('cancel(bytes32)', new Uint8Array(32))).toBe(-60_500);
    expect(a.code('finish(bytes32)', new Uint8Array(32))).toBe(-60_500);
    expect(a.code('finish(bytes32)', id)).toBe(-60_504);
  });

  it('that is over before the preparation was taken leaves nothing to be prepared', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n, 1n);
    expect(b.receive(a, 1_000_000)!.status).toBe(21);
    a.tester.host.nextBlock();
    expect(a.code('cancel(bytes32)', id)).toBe(1);
    deliverAll(a, b);
    expect(b.state(id)).toBe(CrossState.cancelled);
    expect(b.hand(b.refused[0]!).status).toBe(0);
    expect([b.state(id), b.held(id), b.token.asked]).toEqual([CrossState.cancelled, undefined, []]);
    expect(b.sent()).toEqual([]);
  });
});

describe('a participant that cannot do what is decided', () => {
  it.each([
    ['confirm', 0, CrossState.confirming, CrossState.confirmed],
    ['confirm', 1, CrossState.confirming, CrossState.confirmed],
    ['cancel', 0, CrossState.cancelling, CrossState.cancelled],
    ['cancel', 1, CrossState.cancelling, CrossState.cancelled],
  ] as const)('is asked to %s again, on side %i', (step, side, stuck, end) => {
    for (const mood of ['fails', 'burns'] as const) {
      const pair = chains();
      const [a, b] = pair;
      const failing = pair[side];
      failing.token.moods.set(step, mood);
      const id = a.begin(b, 300n, 1n);
      b.receive(a);
      if (step === 'cancel') {
        a.tester.host.nextBlock();
        expect(a.code('cancel(bytes32)', id)).toBe(1);
      }
      deliverAll(a, b);
      expect([failing.state(id), pair[1 - side]!.state(id)]).toEqual([stuck, end]);
      expect(failing.code('finish(bytes32)', id)).toBe(-60_505);
      expect(failing.state(id)).toBe(stuck);
      failing.token.moods.clear();
      expect(failing.code('finish(bytes32)', id)).toBe(1);
      expect([failing.state(id), failing.held(id)]).toEqual([end, undefined]);
      expect(failing.announced(id).slice(-2)).toEqual([stuck, end]);
      expect(failing.code('finish(bytes32)', id)).toBe(-60_504);
      expect(a.money(ALICE) + b.money(BOB)).toBe(1000n);
    }
  });

  it('is not said to have failed because somebody sent little gas', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n, 1n);
    a.tester.host.nextBlock();
    a.tester.gasLimit = 10_000_000;
    const outcome = a.tester.send(CROSS, 'cancel(bytes32)', id);
    expect(errorOf(a, outcome)).toBe('the participant needs 10000000 gas: send more');
    expect(a.state(id)).toBe(CrossState.preparing);
    expect(b.receive(a, 10_000_000)!.status).toBe(21);
    expect(b.state(id)).toBe(0);
  });
});

describe('a participant that calls back', () => {
  it.each(['confirm', 'cancel'] as const)('finds nothing to finish or to cancel during %s', (step) => {
    const [a, b] = chains();
    const id = a.begin(b, 300n, 1n);
    b.receive(a);
    a.token.moods.set(step, 'calls back');
    a.token.callBack = a.tester.input('finish(bytes32)', id);
    a.tester.host.nextBlock();
    if (step === 'cancel') expect(a.code('cancel(bytes32)', id)).toBe(1);
    deliverAll(a, b);
    expect(toHex(a.token.callBackOutcome!.output)).toBe(toHex(word(-60_504)));
    expect(a.token.asked.filter((one) => one === step)).toHaveLength(1);
    expect(a.money(ALICE) + b.money(BOB)).toBe(1000n);
  });

  it('may begin another transaction, which has its own id and end', () => {
    const [a, b] = chains();
    a.token.callBack = a.tester.input(BEGIN, b.identity, TOKEN, TOKEN, fromBigInt(0n, 32), 10n);
    a.token.moods.set('prepareOut', 'calls back');
    // Each begins one more, until they are nested too deep: the innermost is refused, and the others do not care.
    const outermost = a.begin(b, 300n);
    const count = a.sent().length;
    expect(count).toBeGreaterThan(4);
    deliverAll(a, b);
    const ids = Array.from({ length: count }, (_, index) =>
      concatBytes(outermost.subarray(0, 31), Uint8Array.of(index + 1)),
    );
    expect(ids.map((id) => [a.state(id), b.state(id)])).toEqual(ids.map(() => [5, 5]));
    expect([a.money(ALICE), b.money(BOB)]).toEqual([700n, 300n]);
    a.token.moods.clear();
    b.token.callBack = b.tester.input(BEGIN, a.identity, TOKEN, TOKEN, fromBigInt(0n, 32), 10n);
    b.token.moods.set('prepareIn', 'calls back');
    const id = a.begin(b, 300n);
    deliverAll(a, b);
    const back = b.token.callBackOutcome!;
    expect([back.status, toHex(back.output).slice(0, 2)]).toEqual([0, 'b2']);
    expect([a.state(id), b.state(id)]).toEqual([CrossState.confirmed, CrossState.confirmed]);
    expect([a.state(back.output), b.state(back.output)]).toEqual([CrossState.confirmed, CrossState.confirmed]);
  });
});

describe('messages', () => {
  const say = (kind: bigint, id: Uint8Array, data = new Uint8Array(0)): Uint8Array =>
    encodeAbi(MESSAGE, [kind, id, TOKEN, TOKEN, data]);

  it('are taken from 0x2002 only, of 0x2004 only', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n);
    b.receive(a);
    const answer = { source: b.identity, sequence: 1n, payload: say(2n, id) };
    const direct = a.tester.as(BOB).send(CROSS, ON_MESSAGE, b.identity, CROSS_ADDRESS, 1n, answer.payload);
    expect(errorOf(a, direct)).toBe('messages are handed over by 0x2002 only');
    expect(errorOf(a, a.hand({ ...answer, sender: BOB }))).toBe('this is no message of CrossTransactions');
    for (const payload of [new Uint8Array(0), say(0n, id), say(6n, id), new Uint8Array(200).fill(0xff)])
      expect(errorOf(a, a.hand({ ...answer, sender: CROSS_ADDRESS, payload }))).toContain('no message of Cross');
    expect(a.state(id)).toBe(CrossState.preparing);
  });

  it('of another chain than the transaction’s are refused', () => {
    const [a, b] = chains();
    const stranger = new Chain('ecdsa', 0xc3);
    a.meet(stranger);
    b.meet(stranger);
    const id = a.begin(b, 300n);
    const from = (source: Uint8Array, payload: Uint8Array) => ({
      source,
      sender: CROSS_ADDRESS,
      sequence: 1n,
      payload,
    });
    for (const kind of [1n, 2n, 3n, 4n, 5n]) {
      const outcome = a.hand(from(stranger.identity, say(kind, id)));
      expect(errorOf(a, outcome)).toBe('the transaction is of other chains');
    }
    b.receive(a);
    for (const kind of [1n, 4n, 5n])
      expect(errorOf(b, b.hand(from(stranger.identity, say(kind, id))))).toBe('the transaction is of other chains');
    const unknown = concatBytes(a.identity.subarray(0, 24), fromBigInt(9n, 8));
    expect(errorOf(a, a.hand(from(b.identity, say(2n, unknown))))).toBe('there is no such transaction');
    expect(errorOf(b, b.hand(from(a.identity, say(4n, unknown))))).toBe('the decision does not fit to what is here');
    expect([a.state(id), b.state(id)]).toEqual([CrossState.preparing, CrossState.ready]);
  });

  it('against a decision that was made are refused, and the same ones again change nothing', () => {
    const [a, b] = chains();
    const id = a.begin(b, 300n);
    deliverAll(a, b);
    const from = (payload: Uint8Array) => ({ source: a.identity, sender: CROSS_ADDRESS, sequence: 9n, payload });
    expect(errorOf(b, b.hand(from(say(5n, id))))).toBe('the decision does not fit to what is here');
    for (const message of b.arrived) expect(b.hand(message).status).toBe(0);
    for (const message of a.arrived) expect(a.hand(message).status).toBe(0);
    expect([a.money(ALICE), b.money(BOB), a.sent(), b.sent()]).toEqual([700n, 300n, [], []]);
    expect([a.state(id), b.state(id)]).toEqual([CrossState.confirmed, CrossState.confirmed]);
  });
});

it('moves money of Balances from account to account', () => {
  const [a, b] = chains('ecdsa', 'sm');
  const BALANCES = systemAddress(0x2005);
  for (const [chain, other] of [
    [a, b],
    [b, a],
  ] as const) {
    chain.tester.as(ALICE).code(0x2005, 'setIssuer(address)', ALICE);
    chain.tester.code(0x2005, 'allow(bytes32,bool)', other.identity, true);
  }
  a.tester.code(0x2005, 'issue(address,uint256)', ALICE, 100n);
  const data = encodeAbi(['address', 'uint256'], [BOB, 40n]);
  const begun = a.tester.as(ALICE).send(CROSS, BEGIN, b.identity, BALANCES, BALANCES, data, 10n);
  expect(begun.status).toBe(0);
  deliverAll(a, b);
  expect([a.state(begun.output), b.state(begun.output)]).toEqual([CrossState.confirmed, CrossState.confirmed]);
  const of = (chain: Chain, who: Address): AbiValue =>
    chain.tester.values(['uint256'], 0x2005, 'balanceOf(address)', who)[0]!;
  expect([of(a, ALICE), of(b, BOB)]).toEqual([60n, 40n]);
});

describe('any interleaving', () => {
  const side = fc.constantFrom(0 as const, 1 as const);
  const mood = fc.constantFrom<Mood>('willing', 'willing', 'fails', 'burns', 'refuses', 'babbles');
  const action = fc.oneof(
    fc.record({ do: fc.constant('begin' as const), side, amount: fc.bigInt(0n, 400n), timeout: fc.bigInt(1n, 4n) }),
    fc.record({ do: fc.constant('receive' as const), side, starved: fc.boolean() }),
    fc.record({ do: fc.constant('receive' as const), side, starved: fc.constant(false) }),
    fc.record({ do: fc.constant('block' as const), side }),
    fc.record({ do: fc.constant('cancel' as const), side, which: fc.nat(5) }),
    fc.record({ do: fc.constant('finish' as const), side, which: fc.nat(5) }),
    fc.record({ do: fc.constant('retry' as const), side, which: fc.nat(5) }),
    fc.record({ do: fc.constant('replay' as const), side, which: fc.nat(9) }),
    fc.record({
      do: fc.constant('mood' as const),
      side,
      step: fc.constantFrom<Step>('prepareOut', 'prepareIn', 'confirm', 'cancel'),
      mood,
    }),
  );

  const isConfirm = (state: number): boolean => state === CrossState.confirmed || state === CrossState.confirming;
  const isCancel = (state: number): boolean =>
    state === CrossState.cancelled || state === CrossState.cancelling || state === CrossState.refused;

  it('of deliveries, time-outs, failures, retries and replays ends the same on both sides, and nothing is lost or doubled', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 60 }), (actions) => {
        const pair = chains();
        const begun: { readonly home: 0 | 1; readonly id: Uint8Array; readonly amount: bigint }[] = [];
        const source = (index: number) => pair[begun[index]!.home];
        const target = (index: number) => pair[1 - begun[index]!.home]!;
        const total = () => pair.reduce((sum, chain) => sum + chain.money(ALICE) + chain.money(BOB), 0n);
        /** What left one account for good or for a while, and did not arrive yet. */
        const moving = () =>
          begun.reduce((sum, { id, amount }, index) => {
            const isGone = isConfirm(source(index).state(id)) || source(index).held(id) !== undefined;
            return sum + (isGone && target(index).state(id) !== CrossState.confirmed ? amount : 0n);
          }, 0n);
        const check = () => {
          for (const [index, { id }] of begun.entries()) {
            const [here, there] = [source(index).state(id), target(index).state(id)];
            expect(isConfirm(there) && !isConfirm(here)).toBe(false);
            expect(isConfirm(here) && isCancel(there)).toBe(false);
          }
          expect(total() + moving()).toBe(2000n);
        };
        for (const one of actions) {
          const chain = pair[one.side];
          const other = pair[1 - one.side]!;
          const known = begun[('which' in one ? one.which : 0) % Math.max(begun.length, 1)];
          if (one.do === 'begin') {
            const outcome = chain.tryBegin(other, one.amount, one.timeout);
            if (outcome.status === 0) begun.push({ home: one.side, id: outcome.output, amount: one.amount });
          } else if (one.do === 'receive') chain.receive(other, one.starved ? 9_000_000 : MESSAGE_GAS);
          else if (one.do === 'block') chain.tester.host.nextBlock();
          else if (one.do === 'mood') chain.token.moods.set(one.step, one.mood);
          else if (one.do === 'retry') {
            const [message] = chain.refused.splice(one.which % Math.max(chain.refused.length, 1), 1);
            if (message !== undefined && chain.hand(message).status !== 0) chain.refused.push(message);
          } else if (one.do === 'replay') {
            const message = chain.arrived[one.which % Math.max(chain.arrived.length, 1)];
            if (message !== undefined && !chain.refused.includes(message)) chain.hand(message);
          } else if (known !== undefined) chain.code(`${one.do}(bytes32)`, known.id);
          check();
        }
        for (const chain of pair) chain.token.moods.clear();
        for (let round = 0; round < 3; round++) {
          deliverAll(...pair);
          for (const chain of pair) {
            for (const message of chain.refused.splice(0))
              if (chain.hand(message).status !== 0) chain.refused.push(message);
            chain.tester.host.nextBlock(chain.tester.host.blockNumber + 5);
            for (const { id } of begun) chain.code('cancel(bytes32)', id);
            for (const { id } of begun) chain.code('finish(bytes32)', id);
            check();
          }
        }
        expect(pair.map((chain) => chain.refused)).toEqual([[], []]);
        for (const [index, { id }] of begun.entries()) {
          const ends = [source(index).state(id), target(index).state(id)];
          const isEnded = ends[0] === CrossState.confirmed ? ends[1] === ends[0] : isCancel(ends[1]!);
          expect([ends, isEnded]).toEqual([ends, true]);
          expect([source(index).held(id), target(index).held(id)]).toEqual([undefined, undefined]);
        }
        expect(total()).toBe(2000n);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
