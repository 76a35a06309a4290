/** Chains in memory with the rules of the contracts, for tests of what carries between them. */
import type { Hash, Hex } from '@menglian/sdk/hex';
import { SdkError } from '@menglian/sdk/sdkError';
import { refusedByCode } from '@menglian/sdk/services/resultCodes';
import { ExecutionError } from '@menglian/sdk/transaction/executionError';
import type { KnownChain, MarkedBlock, MessagePlace, RelayChain } from '../ports.js';

interface Sent {
  readonly to: Hash;
  readonly sequence: bigint;
  readonly text: string;
}

interface Block {
  readonly sealers: readonly string[];
  /** Messages of each transaction; an empty list is a mark. */
  readonly transactions: readonly (readonly Sent[])[];
}

interface Bundle {
  readonly chain: Hash;
  readonly blockNumber: number;
  readonly transactions: readonly (readonly Sent[])[];
}

interface Client {
  /** Sealers from these heights on. */
  readonly anchors: Map<number, readonly string[]>;
}

/** Signatures that are needed of sealers who are trusted. */
const WITNESSES = 2;

/** What the next call does; tests count calls and let one fail. */
export type BeforeCall = (call: string) => void;

export class MemoryChain implements RelayChain {
  readonly name: string;
  readonly hash: Hash;
  sealers: readonly string[] = ['a', 'b', 'c', 'd'];
  /** Calls fail by it before or after they did something. */
  before: BeforeCall = () => {};
  after: BeforeCall = () => {};
  /** What was taken, in order. */
  readonly taken: string[] = [];
  readonly delivered: number[] = [];
  readonly clients = new Map<Hash, Client>();
  /** Open payments of shadow accounts by name. */
  readonly shadows = new Map<string, number>();
  readonly closings: string[] = [];
  /** Receipts of one bundle that the gas of a transaction is enough for. */
  receiptsMax = 64;
  /** Messages that one delivery has gas for; it stops early, and what was taken stays. */
  messagesMax = Number.POSITIVE_INFINITY;
  /** What receivers do not take now, and what of it came. */
  refuses: (text: string) => boolean = () => false;
  readonly refused = new Map<Hash, bigint[]>();
  /** Answers a message that arrives with another one. */
  onMessage: (from: Hash, text: string) => void = () => {};
  readonly #blocks: Block[] = [{ sealers: [], transactions: [] }];
  readonly #inbox = new Map<Hash, bigint>();
  readonly #outbox = new Map<Hash, bigint>();

  constructor(name: string) {
    this.name = name;
    this.hash = `0x${Buffer.from(name).toString('hex').padStart(64, '0')}`;
  }

  /** As `register` does. */
  know(other: MemoryChain): void {
    this.clients.set(other.hash, { anchors: new Map([[other.#blocks.length - 1, other.sealers]]) });
  }

  /** A block with transactions that each send these texts. */
  send(to: MemoryChain, ...transactions: readonly (readonly string[])[]): void {
    const sent = transactions.map((texts) =>
      texts.map((text) => {
        const sequence = (this.#outbox.get(to.hash) ?? 0n) + 1n;
        this.#outbox.set(to.hash, sequence);
        return { to: to.hash, sequence, text };
      }),
    );
    this.#blocks.push({ sealers: this.sealers, transactions: sent });
  }

  async identity(): Promise<Hash> {
    return this.#call('identity', () => this.hash);
  }

  async blockNumber(): Promise<number> {
    return this.#call('blockNumber', () => this.#blocks.length - 1);
  }

  async lastSent(to: Hash): Promise<bigint> {
    return this.#call('lastSent', () => this.#outbox.get(to) ?? 0n);
  }

  async sentAt(to: Hash, sequence: bigint): Promise<number | undefined> {
    return this.#call('sentAt', () => {
      const holds = (sent: Sent): boolean => sent.to === to && sent.sequence === sequence;
      const number = this.#blocks.findIndex(({ transactions }) => transactions.flat().some(holds));
      return number < 0 ? undefined : number;
    });
  }

  async messagesIn(blockNumber: number, to: Hash): Promise<readonly MessagePlace[]> {
    return this.#call('messagesIn', () =>
      this.#blocks[blockNumber]!.transactions.flatMap((sent, index) => {
        const last = sent.findLast((message) => message.to === to)?.sequence;
        return last === undefined ? [] : { transactionHash: placeOf(blockNumber, index), last, bytes: 6000 };
      }),
    );
  }

  async bundle(blockNumber: number, transactions: readonly Hash[]): Promise<Hex> {
    return this.#call('bundle', () => {
      const sent = transactions.map((hash) => this.#blocks[blockNumber]!.transactions[indexOf(hash)]!);
      return encode({ chain: this.hash, blockNumber, transactions: sent });
    });
  }

  async mark(): Promise<MarkedBlock> {
    return this.#call('mark', () => {
      this.#blocks.push({ sealers: this.sealers, transactions: [[]] });
      const blockNumber = this.#blocks.length - 1;
      return { blockNumber, transactionHash: placeOf(blockNumber, 0) };
    });
  }

  async findMarked(above: number, upTo: number): Promise<MarkedBlock | undefined> {
    return this.#call('findMarked', () => {
      for (let blockNumber = upTo; blockNumber > above; blockNumber--) {
        if (this.#blocks[blockNumber]!.transactions.length > 0)
          return { blockNumber, transactionHash: placeOf(blockNumber, 0) };
      }
      return undefined;
    });
  }

  async sealersOf(blockNumber: number): Promise<readonly string[]> {
    return this.#call('sealersOf', () => this.#blocks[blockNumber]!.sealers);
  }

  async lastTaken(from: Hash): Promise<bigint> {
    return this.#call('lastTaken', () => this.#inbox.get(from) ?? 0n);
  }

  async deliver(from: Hash, hex: Hex): Promise<number> {
    return this.#call('deliver', () => {
      const bundle = decode(hex);
      this.#prove(from, bundle);
      if (bundle.transactions.length > this.receiptsMax) throw outOfGas();
      let count = 0;
      for (const { to, sequence, text } of bundle.transactions.flat()) {
        const next = (this.#inbox.get(from) ?? 0n) + 1n;
        if (to !== this.hash || sequence < next) continue;
        if (sequence > next) throw refusedByCode(-60_301);
        if (count >= this.messagesMax) break;
        this.#inbox.set(from, sequence);
        count++;
        if (this.refuses(text)) {
          this.refused.set(from, [...(this.refused.get(from) ?? []), sequence]);
          continue;
        }
        this.taken.push(text);
        this.onMessage(from, text);
      }
      this.delivered.push(count);
      return count;
    });
  }

  async failedMessages(from: Hash): Promise<readonly bigint[]> {
    return this.#call('failedMessages', () => this.refused.get(from)?.toSorted((a, b) => Number(a - b)) ?? []);
  }

  async retry(from: Hash, sequence: bigint, hex: Hex): Promise<boolean> {
    return this.#call('retry', () => {
      const sent = decode(hex)
        .transactions.flat()
        .find((one) => one.to === this.hash && one.sequence === sequence);
      const refused = this.refused.get(from) ?? [];
      if (sent === undefined || !refused.includes(sequence)) throw refusedByCode(-60_303);
      if (this.refuses(sent.text)) return false;
      this.refused.set(
        from,
        refused.filter((one) => one !== sequence),
      );
      this.taken.push(sent.text);
      return true;
    });
  }

  async knows(chain: Hash): Promise<KnownChain | undefined> {
    return this.#call('knows', () => {
      const heights = [...(this.clients.get(chain)?.anchors.keys() ?? [])];
      return heights.length === 0 ? undefined : { anchorNumber: Math.max(...heights) };
    });
  }

  async believedSealers(chain: Hash, blockNumber: number): Promise<readonly string[]> {
    return this.#call('believedSealers', () => this.#believed(chain, blockNumber) ?? []);
  }

  async tryUpdate(chain: Hash, hex: Hex): Promise<void> {
    this.#call('tryUpdate', () => this.#prove(chain, decode(hex)));
  }

  async update(chain: Hash, hex: Hex): Promise<void> {
    this.#call('update', () => {
      const bundle = decode(hex);
      this.#prove(chain, bundle);
      this.clients.get(chain)!.anchors.set(bundle.blockNumber, ALL.get(chain)!.#blocks[bundle.blockNumber]!.sealers);
    });
  }

  async closableAccounts(): Promise<readonly string[]> {
    return this.#call('closableAccounts', () =>
      [...this.shadows].filter(([, payments]) => payments > 0).map(([account]) => account),
    );
  }

  async close(account: string): Promise<boolean> {
    return this.#call('close', () => {
      if (this.shadows.get(account) === 0) return false;
      this.shadows.set(account, 0);
      this.closings.push(account);
      return true;
    });
  }

  #prove(chain: Hash, { blockNumber }: Bundle): void {
    if (!this.clients.has(chain)) throw refusedByCode(-60_201);
    const trusted = this.#believed(chain, blockNumber);
    if (trusted === undefined) throw refusedByCode(-60_208);
    const { sealers } = ALL.get(chain)!.#blocks[blockNumber]!;
    if (sealers.filter((one) => trusted.includes(one)).length < WITNESSES) throw refusedByCode(-60_206);
  }

  #believed(chain: Hash, blockNumber: number): readonly string[] | undefined {
    const anchors = this.clients.get(chain)?.anchors;
    const height = [...(anchors?.keys() ?? [])].toSorted((a, b) => a - b).findLast((one) => one <= blockNumber);
    return height === undefined ? undefined : anchors!.get(height);
  }

  #call<T>(name: string, run: () => T): T {
    ALL.set(this.hash, this);
    this.before(name);
    const answer = run();
    this.after(name);
    return answer;
  }
}

/** A bundle names its chain only: what a block holds is looked up there. */
const ALL = new Map<Hash, MemoryChain>();

/** As an unreachable node. */
export function noConnection(): SdkError {
  return new SdkError('NoConnection', 'the node cannot be reached', 'see that it runs');
}

function outOfGas(): ExecutionError {
  return new ExecutionError('deliver', { status: 12, output: '0x', reason: undefined, receipt: undefined });
}

function placeOf(blockNumber: number, index: number): Hash {
  return `0x${blockNumber.toString(16).padStart(32, '0')}${index.toString(16).padStart(32, '0')}`;
}

function indexOf(hash: Hash): number {
  return Number.parseInt(hash.slice(34), 16);
}

function encode(bundle: Bundle): Hex {
  const text = JSON.stringify(bundle, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return `0x${Buffer.from(text).toString('hex')}`;
}

function decode(hex: Hex): Bundle {
  const read = JSON.parse(Buffer.from(hex.slice(2), 'hex').toString()) as Bundle;
  const revive = (sent: Sent): Sent => ({ ...sent, sequence: BigInt(sent.sequence) });
  return { ...read, transactions: read.transactions.map((one) => one.map(revive)) };
}
