import { toHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeMessageBundle } from '@menglian/interchain/messageBundle';
import { signedBy, signersOf } from '@menglian/interchain/testing/signedHeaders';
import { chainOfReceipts, MESSAGES_ADDRESS, readSentMessage } from '@menglian/interchain/sentMessage';
import type { Log } from '@menglian/types/receipt';
import { describe, expect, it } from 'vitest';
import { MESSAGE_GAS } from './2002-deliveries.js';
import { sendMessage } from './2002-outbox.js';
import {
  CHAIN_UNPROVEN,
  CLIENT_FROZEN,
  CLIENT_MISSING,
  DELIVERY_BY_CONTRACT,
  HEADER_TOO_OLD,
  MESSAGE_NOT_FAILED,
  MESSAGE_TO_SELF,
  NO_MESSAGE,
  PAYLOAD_TOO_LONG,
  PROOF_MALFORMED,
  QUORUM_MISSING,
  RECEIPT_UNPROVEN,
  SEALERS_UNTRUSTED,
  SEQUENCE_GAP,
  SIGNATURE_WRONG,
} from './codes.js';
import { word } from './framework/output.js';
import { onMessage, type ReceivedMessage } from './framework/receivedMessage.js';
import { ContractKind, type FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { INNER_LOG_BYTES_MAX } from './limits.js';
import { systemContract } from './systemContracts.js';
import { OtherChain } from './testing/interchainFixture.js';
import { ALICE, BOB, SystemTester } from './testing/systemTester.js';

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const suite = suites.ecdsa;

const MESSAGES = 0x2002;
const DELIVER = 'deliver(bytes32,bytes)';
const RETRY = 'retry(bytes32,uint256,bytes)';
const SEND = 'send(bytes32,address,bytes)';
const RECEIVER = 'ee'.repeat(20);
const NOBODY = 'dd'.repeat(20);

type Taking = (context: FunctionContext<undefined>, message: ReceivedMessage) => void;

/** A chain with a receiver, to which another chain sends. */
class Receiving extends SystemTester {
  readonly other: OtherChain;
  readonly taken: string[] = [];
  /** What the receiver does beside noting the message. */
  behaviour: Taking = () => undefined;

  constructor(of: CryptoSuite = suite) {
    super(of);
    this.other = new OtherChain(of);
    const { identity, sealerList } = this.other;
    const register = 'register(bytes32,string,string,uint256,string)';
    expect(this.code(0x2001, register, identity, 'other', 'pbft', 0n, sealerList)).toBe(1);
    const take: Taking = (context, message) => {
      this.behaviour(context, message);
      expect([context.sender, context.host.origin]).toEqual([MESSAGES_ADDRESS, MESSAGES_ADDRESS]);
      this.taken.push(`${message.sequence} ${toHex(message.payload)} ${message.sender.slice(0, 2)}`);
    };
    const kind = new ContractKind<undefined>({
      name: 'Receiver',
      countsInput: false,
      unknown: new Uint8Array(0),
      functions: [onMessage(take)],
    });
    this.host.receivers.set(RECEIVER, kind.create(undefined));
  }

  /** The log of the next message from the other chain to this one. */
  message(payload: number, receiver = RECEIVER): Log {
    return this.other.message(this.host.identity, receiver, Uint8Array.of(payload));
  }

  deliver(bundle: Uint8Array): number {
    return this.code(MESSAGES, DELIVER, this.other.identity, bundle);
  }

  inbox(): unknown {
    return this.values(['uint256', 'uint256'], MESSAGES, 'inbox(bytes32)', this.other.identity);
  }

  state(sequence: bigint): number {
    return this.code(MESSAGES, 'state(bytes32,uint256)', this.other.identity, sequence);
  }

  /** Number and success of every `Received` so far. */
  received(): readonly (readonly [bigint, boolean])[] {
    const event = toHex(this.host.suite.hash(new TextEncoder().encode('Received(bytes32,uint256,address,bool)')));
    return this.host.logs
      .filter(({ topics }) => toHex(topics[0]!) === event)
      .map(({ topics, data }) => [BigInt(`0x${toHex(topics[2]!)}`), data.at(-1) === 1] as const);
  }
}

describe.each(Object.entries(suites))('messages between %s chains', (_, of) => {
  it('leave numbered, with the chain they come from', () => {
    const tester = new Receiving(of);
    const chain = tester.other.identity;
    expect(tester.code(MESSAGES, SEND, chain, RECEIVER, Uint8Array.of(1, 2))).toBe(1);
    tester.host.nextBlock(9);
    tester.callingContract = NOBODY;
    expect(tester.code(MESSAGES, SEND, chain, RECEIVER, new Uint8Array(16_384))).toBe(2);
    const sent = tester.host.logs.slice(-2).map((log) => readSentMessage(of, log));
    const source = tester.host.identity;
    const common = { source, chain, receiver: RECEIVER };
    expect(sent).toEqual([
      { ...common, sequence: 1n, sender: ALICE, payload: Uint8Array.of(1, 2) },
      { ...common, sequence: 2n, sender: NOBODY, payload: new Uint8Array(16_384) },
    ]);
    expect(tester.code(MESSAGES, 'outbox(bytes32)', chain)).toBe(2);
    expect(tester.code(MESSAGES, 'outbox(bytes32)', source)).toBe(0);
    const sentAt = [0n, 1n, 2n, 3n].map((number) => tester.code(MESSAGES, 'sentAt(bytes32,uint256)', chain, number));
    expect(sentAt).toEqual([0, 1, 9, 0]);
  });

  it('arrive once, in order, with sender and origin that lend nobody rights', () => {
    const tester = new Receiving(of);
    const logs = [10, 11, 12].map((payload) => tester.message(payload));
    const first = tester.other.bundle([[logs[0]!, logs[1]!], []]);
    const second = tester.other.bundle([[], [logs[2]!]]);
    expect(tester.deliver(second)).toBe(SEQUENCE_GAP);
    expect(tester.deliver(first)).toBe(2);
    expect(tester.deliver(first)).toBe(0);
    expect(tester.as(BOB).deliver(second)).toBe(1);
    expect(tester.deliver(second)).toBe(0);
    expect(tester.taken).toEqual(['1 0a a0', '2 0b a0', '3 0c a0']);
    expect(tester.received()).toEqual([
      [1n, true],
      [2n, true],
      [3n, true],
    ]);
    expect(tester.inbox()).toEqual([3n, 0n]);
    expect([0n, 1n, 3n, 4n].map((sequence) => tester.state(sequence))).toEqual([0, 1, 1, 0]);
  });
});

describe('sending', () => {
  it('is refused to itself, to a chain that is not known, and for what is too long', () => {
    const tester = new Receiving();
    const { identity } = tester.other;
    expect(tester.code(MESSAGES, SEND, tester.host.identity, RECEIVER, new Uint8Array(1))).toBe(MESSAGE_TO_SELF);
    expect(tester.code(MESSAGES, SEND, new Uint8Array(32), RECEIVER, new Uint8Array(1))).toBe(CLIENT_MISSING);
    expect(tester.code(MESSAGES, SEND, identity, RECEIVER, new Uint8Array(16_385))).toBe(PAYLOAD_TOO_LONG);
    expect(tester.code(MESSAGES, 'outbox(bytes32)', identity)).toBe(0);
  });

  it('is not needed to say which chain a block is of', () => {
    const tester = new Receiving();
    expect(tester.code(MESSAGES, 'mark()')).toBe(1);
    const [proof] = new OtherChain(suite).block([tester.host.logs]).receipts;
    expect(chainOfReceipts(suite, [proof!.receipt])).toEqual(tester.host.identity);
  });
});

/** What a relayer that lies can try, and what it is told. The chain has taken message 1, and message 2 is on its way. */
const LIES: Readonly<Record<string, readonly [code: number, lie: (tester: Receiving, sent: Log) => Uint8Array]>> = {
  'no bundle at all': [PROOF_MALFORMED, () => Uint8Array.of(0xc2, 0x80, 0x80)],
  'a header that no sealer signed': [
    SIGNATURE_WRONG,
    ({ other }, sent) => {
      const real = other.block([[sent]]);
      const { receipts } = other.block([[sent], []]);
      const forged = { ...real.header.header, number: 77 };
      return encodeMessageBundle({ header: { ...real.header, header: forged }, receipts });
    },
  ],
  'signatures of strangers': [
    SIGNATURE_WRONG,
    ({ other }, sent) => {
      const real = other.block([[sent]]);
      const { signatures } = signedBy(suite, real.header.header, new OtherChain(suite, 5).sealers);
      const spread = signatures.map(({ signature }, index) => ({ index, signature }));
      return encodeMessageBundle({ ...real, header: { ...real.header, signatures: spread } });
    },
  ],
  'strangers as sealers': [
    SEALERS_UNTRUSTED,
    ({ other }, sent) => {
      const { sealers } = other;
      other.sealers = new OtherChain(suite, 5).sealers;
      const bundle = other.bundle([[sent]]);
      other.sealers = sealers;
      return bundle;
    },
  ],
  'one signature too few': [
    QUORUM_MISSING,
    ({ other }, sent) => other.bundle([[sent]], { signers: other.sealers.slice(2) }),
  ],
  'one signer counted twice': [
    QUORUM_MISSING,
    ({ other }, sent) => {
      const [a, b] = other.sealers;
      return other.bundle([[sent]], { signers: [a!, b!, b!] });
    },
  ],
  'a wrong Merkle proof': [
    RECEIPT_UNPROVEN,
    ({ other }, sent) => {
      const { header, receipts } = other.block([[sent], []]);
      return encodeMessageBundle({ header, receipts: [{ ...receipts[0]!, index: 1 }] });
    },
  ],
  'a receipt of another block': [
    RECEIPT_UNPROVEN,
    ({ other }, sent) => {
      const { receipts } = other.block([[sent]]);
      return encodeMessageBundle({ header: other.block([[]]).header, receipts });
    },
  ],
  'another payload': [
    RECEIPT_UNPROVEN,
    (tester, sent) => {
      const { header, receipts } = tester.other.block([[sent]]);
      const receipt = { ...receipts[0]!.receipt, logs: [{ ...sent, data: sent.data.with(127, 9) }] };
      return encodeMessageBundle({ header, receipts: [{ ...receipts[0]!, receipt }] });
    },
  ],
  'a block of another chain with the same sealers': [
    CHAIN_UNPROVEN,
    ({ other, host }) => {
      const twin = new OtherChain(suite, 2);
      twin.sealers = other.sealers;
      twin.message(host.identity, RECEIVER, Uint8Array.of(1));
      return twin.bundle([[twin.message(host.identity, RECEIVER, Uint8Array.of(66))]]);
    },
  ],
  'a message with a gap before it': [SEQUENCE_GAP, (tester) => tester.other.bundle([[tester.message(3)]])],
  'messages in another order': [
    SEQUENCE_GAP,
    (tester, sent) => {
      const { header, receipts } = tester.other.block([[sent], [tester.message(3)]]);
      return encodeMessageBundle({ header, receipts: receipts.toReversed() });
    },
  ],
  'a message twice in one bundle': [
    SEQUENCE_GAP,
    ({ other }, sent) => {
      const { header, receipts } = other.block([[sent]]);
      return encodeMessageBundle({ header, receipts: [...receipts, ...receipts] });
    },
  ],
  'what was taken already': [
    0,
    ({ other, host }) => {
      const again = { sequence: 1n, sender: ALICE, receiver: RECEIVER, payload: Uint8Array.of(1) };
      return other.bundle([[other.log({ chain: host.identity, ...again })]]);
    },
  ],
  'a message for another chain': [
    0,
    ({ other }) => {
      const chain = new Uint8Array(32).fill(9);
      other.message(chain, RECEIVER, Uint8Array.of(1));
      return other.bundle([[other.message(chain, RECEIVER, Uint8Array.of(66))]]);
    },
  ],
  'the log of a contract that looks like a message': [
    0,
    ({ other }, sent) => other.bundle([[{ ...sent, address: BOB }, other.mark()]]),
  ],
  'a new message in a block below that of an older one': [
    HEADER_TOO_OLD,
    ({ other }, sent) => other.bundle([[sent]], { number: 40 }),
  ],
};

describe('a relayer that lies', () => {
  it.each(Object.entries(LIES))('hands over %s: nothing is booked', (_, [code, lie]) => {
    const tester = new Receiving();
    expect(tester.deliver(tester.other.bundle([[tester.message(1)]], { number: 50 }))).toBe(1);
    const sent = tester.message(2);
    const lied = lie(tester, sent);
    const logs = tester.host.logs;
    expect(tester.deliver(lied)).toBe(code);
    expect(tester.taken).toHaveLength(1);
    expect(tester.inbox()).toEqual([1n, 0n]);
    expect(tester.host.logs).toEqual(logs);
    // What is true can be handed over still.
    expect(tester.deliver(tester.other.bundle([[sent]], { number: 90 }))).toBe(1);
    expect(tester.taken).toHaveLength(2);
  });

  it('with keys of sealers that were removed delivers nothing', () => {
    const tester = new Receiving();
    const { other } = tester;
    const old = other.sealers;
    const first = tester.message(1);
    other.sealers = signersOf(suite, 1000, 1001, 2000, 2001);
    expect(tester.deliver(other.bundle([[first]], { number: 10 }))).toBe(1);
    other.sealers = signersOf(suite, 2000, 2001, 2002, 2003);
    // The delivery itself teaches who the new sealers are.
    const [second, third] = [tester.message(2), tester.message(3)];
    expect(tester.deliver(other.bundle([[second]], { number: 20 }))).toBe(1);
    other.sealers = old;
    expect(tester.deliver(other.bundle([[third]], { number: 30 }))).toBe(SEALERS_UNTRUSTED);
    expect(tester.deliver(other.bundle([[third]], { number: 9 }))).toBe(HEADER_TOO_OLD);
    expect(tester.taken).toHaveLength(2);
  });

  it('finds nobody to believe it when the chain was seen to fork', () => {
    const tester = new Receiving();
    const { other } = tester;
    const [one, two] = [
      other.bundle([[other.mark()]], { number: 3 }),
      other.bundle([[other.mark()], []], { number: 3 }),
    ];
    expect(tester.code(0x2001, 'report(bytes32,bytes,bytes)', other.identity, one, two)).toBe(1);
    expect(tester.deliver(other.bundle([[tester.message(1)]]))).toBe(CLIENT_FROZEN);
    expect(tester.taken).toEqual([]);
  });
});

describe('a receiver', () => {
  it('that fails holds up nobody, and is called again by who has the message', () => {
    const tester = new Receiving();
    const { identity } = tester.other;
    const retry = (sequence: bigint, bundle: Uint8Array) => tester.code(MESSAGES, RETRY, identity, sequence, bundle);
    let isOpen = false;
    tester.behaviour = (context, { payload }) => {
      context.host.emitLog({ address: RECEIVER, topics: [new Uint8Array(32)], data: payload });
      if (!isOpen && payload[0] === 1) throw new SystemError('not today');
    };
    const bundle = tester.other.bundle([[tester.message(1), tester.message(2), tester.message(3, NOBODY)]]);
    expect(tester.deliver(bundle)).toBe(3);
    expect(tester.received()).toEqual([
      [1n, false],
      [2n, true],
      [3n, false],
    ]);
    expect(tester.inbox()).toEqual([3n, 2n]);
    expect([1n, 2n, 3n].map((sequence) => tester.state(sequence))).toEqual([2, 1, 2]);
    // What it wrote before it failed is gone.
    expect(tester.host.logs.filter(({ address }) => address === RECEIVER)).toHaveLength(1);

    expect(retry(1n, bundle)).toBe(0);
    isOpen = true;
    const [chain, payload] = [tester.host.identity, Uint8Array.of(99)];
    const lie = tester.other.log({ chain, sequence: 1n, sender: BOB, receiver: RECEIVER, payload });
    expect(retry(1n, tester.other.bundle([[lie]]))).toBe(NO_MESSAGE);
    expect(retry(1n, new Uint8Array(3))).toBe(PROOF_MALFORMED);
    expect(retry(2n, bundle)).toBe(MESSAGE_NOT_FAILED);
    expect(retry(9n, bundle)).toBe(MESSAGE_NOT_FAILED);
    expect(tester.code(MESSAGES, RETRY, new Uint8Array(32), 1n, bundle)).toBe(CLIENT_MISSING);
    expect(retry(1n, bundle)).toBe(1);
    expect(retry(1n, bundle)).toBe(MESSAGE_NOT_FAILED);
    expect(tester.inbox()).toEqual([3n, 1n]);
    expect(tester.taken).toEqual(['2 02 a0', '1 01 a0']);
  });

  it('has all the gas of a message, or the delivery fails as a whole', () => {
    const tester = new Receiving();
    const gasOf: number[] = [];
    tester.behaviour = ({ gas, gasLimit }) => {
      gasOf.push(gasLimit);
      gas.add(needed);
    };
    let needed = MESSAGE_GAS;
    const [one, two, three] = [1, 2, 3].map((payload) => tester.message(payload));
    const bundle = tester.other.bundle([[one!, two!, three!]]);
    const send = (gas: number) => {
      tester.gasLimit = gas;
      return tester.send(MESSAGES, DELIVER, tester.other.identity, bundle);
    };
    expect(tester.errorOf(send(MESSAGE_GAS))).toContain('too little gas is left for message 1');
    expect(tester.inbox()).toEqual([0n, 0n]);
    // Enough for two: the third waits for the next delivery of the same bundle.
    needed = MESSAGE_GAS / 4;
    expect(send(MESSAGE_GAS + needed + 1_000_000)).toMatchObject({ status: 0, output: word(2) });
    expect(tester.inbox()).toEqual([2n, 0n]);
    expect(send(MESSAGE_GAS + 1_000_000)).toMatchObject({ status: 0, output: word(1) });
    expect(gasOf.slice(1)).toEqual([MESSAGE_GAS, MESSAGE_GAS, MESSAGE_GAS]);
  });

  it('that could not work all its gas is not blamed', () => {
    const tester = new Receiving();
    tester.behaviour = () => {
      throw new SystemError('no');
    };
    const bundle = tester.other.bundle([[tester.message(1)]]);
    tester.host.workLeft = MESSAGE_GAS;
    expect(tester.error(MESSAGES, DELIVER, tester.other.identity, bundle)).toContain('too little gas');
    tester.host.workLeft = 2 * MESSAGE_GAS;
    expect(tester.deliver(bundle)).toBe(1);
    expect(tester.inbox()).toEqual([1n, 1n]);
  });

  it('cannot make the receipt of a delivery too large', () => {
    const tester = new Receiving();
    tester.behaviour = ({ host }, { payload }) => {
      const data = new Uint8Array(INNER_LOG_BYTES_MAX - 192 + payload[0]!);
      host.emitLog({ address: RECEIVER, topics: [], data });
    };
    const bundle = tester.other.bundle([[1, 0, 0, 0, 0, 0, 0, 0].map((payload) => tester.message(payload))]);
    expect(tester.deliver(bundle)).toBe(7);
    expect(tester.inbox()).toEqual([7n, 1n]);
    expect(tester.deliver(bundle)).toBe(1);
  });

  it('delivers nothing itself, but sends', () => {
    const tester = new Receiving();
    const { other } = tester;
    const codes: unknown[] = [];
    const logs = [1, 2].map((payload) => tester.message(payload));
    const bundle = other.bundle([logs]);
    tester.behaviour = ({ host, gas }, { sequence }) => {
      const input = (signature: string, ...values: never[]) => tester.input(signature, other.identity, ...values);
      const call = (data: Uint8Array) => {
        const call = { sender: RECEIVER, input: data, gasLeft: 1e9 };
        return decodeAbi(['int256'], tester.host.run(systemContract(MESSAGES_ADDRESS)!, call).output);
      };
      codes.push(call(input(DELIVER, bundle as never)), call(input(RETRY, 1n as never, bundle as never)));
      codes.push(sequence, call(input('inbox(bytes32)')));
      expect(host.blockNumber).toBe(1);
      expect(sendMessage({ host, gas }, other.identity, RECEIVER, ALICE, Uint8Array.of(7))).toBe(Number(sequence));
    };
    expect(tester.deliver(bundle)).toBe(2);
    const refused = { ok: true, value: [BigInt(DELIVERY_BY_CONTRACT)] };
    const seen = [1n, 2n].map((sequence) => [refused, refused, sequence, { ok: true, value: [sequence] }]);
    expect(codes).toEqual(seen.flat());
    expect(tester.code(MESSAGES, 'outbox(bytes32)', other.identity)).toBe(2);
  });

  it('takes messages from nobody but Messages', () => {
    const tester = new Receiving();
    const input = tester.input(
      'onMessage(bytes32,address,uint256,bytes)',
      new Uint8Array(32),
      ALICE,
      1n,
      new Uint8Array(1),
    );
    const outcome = tester.host.run(tester.host.receivers.get(RECEIVER)!, { sender: ALICE, input, gasLeft: 1e9 });
    expect(tester.errorOf(outcome)).toBe('messages are handed over by 0x2002 only');
  });
});
