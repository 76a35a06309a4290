import { invariant } from '@menglian/base/invariant';
import { SeededRandom } from '@menglian/base/seededRandom';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { quorumSize } from '@menglian/consensus-core/quorum';
import type { NodeId } from '@menglian/types/address';
import type { BlockSignature } from '@menglian/types/block';

/** What a block says and who signed it, in place of real headers: the content stands for everything that is hashed. */
export interface FakeHeader {
  readonly number: number;
  /** Of the canonical block, what `SyncChain.contentAt` says; anything else is a forgery. */
  readonly content: number;
  /** Which list of sealers it names. */
  readonly list: number;
}

export interface FakeBlock extends FakeHeader {
  /** What the body hashes to: equal to the content in an honest block. */
  readonly body: number;
  readonly signatures: readonly BlockSignature[];
}

/** Lists from this number on are of strangers, whom a liar can be as many as it likes. */
const STRANGERS = 60_000;

/** 64 bytes that stand for the key of a node. */
export function nodeIdOf(index: number): NodeId {
  return index.toString(16).padStart(4, '0').repeat(32);
}

/** A signature that nobody makes for another, by convention among those who write liars. */
export function fakeSignature(signer: NodeId, what: string): Uint8Array {
  const tag = hashText(`${signer}/${what}`);
  return new BinaryWriter(16).u32(tag).finish();
}

export function isFakeSignature(signer: NodeId, what: string, signature: Uint8Array): boolean {
  return hashText(`${signer}/${what}`) === new BinaryReader(signature).u32();
}

/** FNV-1a, 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export const signedText = ({ number, content, list }: FakeHeader): string => `${number}/${content}/${list}`;

export function encodeFakeHeader(header: FakeHeader): Uint8Array {
  return new BinaryWriter(16).u64(header.number).u32(header.content).u16(header.list).finish();
}

export function decodeFakeHeader(bytes: Uint8Array): FakeHeader | undefined {
  const reader = new BinaryReader(bytes);
  const header = { number: reader.u64(), content: reader.u32(), list: reader.u16() };
  return reader.end() === undefined ? header : undefined;
}

export function encodeFakeBlock(block: FakeBlock, padding: number): Uint8Array {
  const writer = new BinaryWriter(64 + padding).blob(encodeFakeHeader(block)).u32(block.body);
  writer.u32(block.signatures.length);
  for (const { index, signature } of block.signatures) writer.u16(index).blob(signature);
  return writer.blob(new Uint8Array(padding)).finish();
}

export function decodeFakeBlock(bytes: Uint8Array): FakeBlock | undefined {
  const reader = new BinaryReader(bytes);
  const header = decodeFakeHeader(reader.blob(64));
  const body = reader.u32();
  const signatures: BlockSignature[] = [];
  const count = reader.count(1024, 6);
  for (let i = 0; i < count; i++) signatures.push({ index: reader.u16(), signature: reader.blob(64) });
  reader.blob(1_000_000);
  if (header === undefined || reader.end() !== undefined) return undefined;
  return { ...header, body, signatures };
}

export interface SyncChainOptions {
  readonly seed: number;
  /** The group's sealers at genesis. */
  readonly sealers: readonly NodeId[];
  /** Others that may come in for one of them. */
  readonly reserve: readonly NodeId[];
  /** Blocks between two changes of the list; 0 for none. */
  readonly changeEvery: number;
  readonly blockBytes: number;
}

/** The one chain that there is: what every honest node has, as far as it has it. */
export class SyncChain {
  readonly #options: SyncChainOptions;
  readonly #lists: (readonly NodeId[])[];
  readonly #blocks: Uint8Array[] = [new Uint8Array()];

  constructor(options: SyncChainOptions) {
    this.#options = options;
    this.#lists = [options.sealers];
  }

  get height(): number {
    return this.#blocks.length - 1;
  }

  get genesisSealers(): readonly NodeId[] {
    return this.#options.sealers;
  }

  grow(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      const number = this.height + 1;
      const sealers = this.sealersOf(this.listAt(number));
      const header = { number, content: this.contentAt(number), list: this.listAt(number) };
      const random = new SeededRandom(this.#options.seed + number);
      const signatures = sealers
        .map((signer, index) => ({ index, signature: fakeSignature(signer, signedText(header)) }))
        .filter((_, index) => index < quorumSize(sealers.length) || random.chance(50));
      this.#blocks.push(encodeFakeBlock({ ...header, body: header.content, signatures }, this.#options.blockBytes));
    }
  }

  block(number: number): Uint8Array {
    const block = this.#blocks[number];
    invariant(block !== undefined && number > 0, 'sim/sync-block', String(number));
    return block;
  }

  contentAt(number: number): number {
    return hashText(`${this.#options.seed}/${number}`);
  }

  listAt(number: number): number {
    return this.#options.changeEvery === 0 ? 0 : Math.floor(number / this.#options.changeEvery);
  }

  /** Each list replaces one node of the one before it. */
  sealersOf(list: number): readonly NodeId[] {
    if (list >= STRANGERS) return this.#options.sealers.map((_, index) => nodeIdOf(STRANGERS + index));
    const { reserve } = this.#options;
    while (this.#lists.length <= list) {
      const next = this.#lists.length;
      const last = this.#lists.at(-1)!;
      const free = [...this.#options.sealers, ...reserve].filter((nodeId) => !last.includes(nodeId));
      const leaving = last[next % last.length]!;
      const coming = free.length > 0 ? free[next % free.length]! : leaving;
      this.#lists.push(last.map((nodeId) => (nodeId === leaving ? coming : nodeId)));
    }
    return this.#lists[list]!;
  }

  /** A list of a liar's own making. */
  get strangers(): number {
    return STRANGERS;
  }
}
