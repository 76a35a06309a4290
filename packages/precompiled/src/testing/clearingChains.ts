import { toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { readSentMessage, type SentMessage } from '@menglian/interchain/sentMessage';
import { MESSAGES_ADDRESS } from '@menglian/interchain/sentMessage';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { systemAddress } from '../addresses.js';
import { ON_MESSAGE } from '../framework/receivedMessage.js';
import type { SystemOutcome } from '../ports.js';
import { systemContract } from '../systemContracts.js';
import { ALICE, SystemTester } from './systemTester.js';

const NODE_ID = '0b'.repeat(64);

/** One chain in memory, with what it has sent and what of it has arrived. */
export interface ClearingChain {
  readonly tester: SystemTester;
  readonly identity: Uint8Array;
  /** Of `tester.host.logs`, how many were looked at. */
  seenLogs: number;
}

export interface CarriedMessage extends SentMessage {
  readonly from: number;
  readonly to: number;
}

/** Chains that know and allow one another, and a carrier that takes their messages over in order, one at a time. */
export class ClearingChains {
  readonly chains: readonly ClearingChain[];
  /** By `from/to`, those on their way. */
  readonly #onTheWay = new Map<string, CarriedMessage[]>();
  /** Arrived and refused. */
  readonly refused: CarriedMessage[] = [];

  constructor(suite: CryptoSuite, count: number) {
    this.chains = Array.from({ length: count }, (_, index) => {
      const tester = new SystemTester(suite);
      const identity = new Uint8Array(32).fill(0xc0 + index);
      tester.host.identity = identity;
      return { tester, identity, seenLogs: 0 };
    });
    for (const { tester, identity } of this.chains) {
      for (const other of this.chains) {
        if (other.identity === identity) continue;
        const name = `chain${other.identity[0]}`;
        const registered = tester.code(
          0x2001,
          'register(bytes32,string,string,uint256,string)',
          other.identity,
          name,
          'pbft',
          0n,
          NODE_ID,
        );
        invariant(registered === 1, 'precompiled/test-register', String(registered));
        tester.code(0x2005, 'allow(bytes32,bool)', other.identity, true);
      }
      tester.code(0x2005, 'setIssuer(address)', ALICE);
    }
  }

  /** Messages on their way, by pair of chains, oldest first. */
  pending(): readonly CarriedMessage[] {
    this.#collect();
    return [...this.#onTheWay.values()].flat();
  }

  /** Pairs with messages on their way. */
  pairs(): readonly string[] {
    this.#collect();
    return [...this.#onTheWay].filter(([, messages]) => messages.length > 0).map(([pair]) => pair);
  }

  /** Hands over the oldest message of the pair. @returns whether the receiver took it */
  deliver(pair: string): boolean {
    const message = this.#onTheWay.get(pair)?.shift();
    invariant(message !== undefined, 'precompiled/test-message');
    const outcome = this.hand(message);
    if (outcome.status !== 0) this.refused.push(message);
    return outcome.status === 0;
  }

  /** Everything that is on its way, and what follows from it. */
  deliverAll(): void {
    for (let pairs = this.pairs(); pairs.length > 0; pairs = this.pairs()) this.deliver(pairs[0]!);
  }

  /** Calls the receiver as Messages does. */
  hand({ from, to, sender, sequence, receiver, payload }: CarriedMessage): SystemOutcome {
    const { host } = this.chains[to]!.tester;
    const input = this.chains[to]!.tester.input(ON_MESSAGE, this.chains[from]!.identity, sender, sequence, payload);
    const { origin } = host;
    host.origin = MESSAGES_ADDRESS;
    const contract = systemContract(receiver)!;
    const outcome = host.run(contract, { sender: MESSAGES_ADDRESS, input, gasLeft: 20_000_000 });
    host.origin = origin;
    return outcome;
  }

  #collect(): void {
    for (const [from, chain] of this.chains.entries()) {
      const { logs, suite } = chain.tester.host;
      for (const log of logs.slice(chain.seenLogs)) {
        const message = readSentMessage(suite, log);
        if (message === undefined) continue;
        const to = this.chains.findIndex(({ identity }) => toHex(identity) === toHex(message.chain));
        const pair = `${from}/${to}`;
        const waiting = this.#onTheWay.get(pair) ?? [];
        waiting.push({ ...message, from, to });
        this.#onTheWay.set(pair, waiting);
      }
      chain.seenLogs = logs.length;
    }
  }
}

export const SHADOWS = systemAddress(0x2006);
export const HOT = systemAddress(0x2007);
