import type { SeededRandom } from '@menglian/base/seededRandom';
import type { SyncMessage } from '@menglian/sync/messages';
import type { NodeId } from '@menglian/types/address';
import { attestedText, fakeSnapshot } from './fakeSnapshot.js';
import {
  decodeFakeBlock,
  encodeFakeBlock,
  encodeFakeHeader,
  type FakeBlock,
  fakeSignature,
  signedText,
  type SyncChain,
} from './syncChain.js';

/** Ways to disturb the sync of others. */
export const LIES = [
  /** claims 2^48 blocks and answers nothing above what it has */
  'boaster',
  /** claims a high tip and takes it back, again and again (CVE-2025-24371) */
  'fickle',
  /** sends another block than the one that was asked for */
  'otherBlocks',
  /** changes the body under an honest header: the transactions root no longer fits */
  'alteredBody',
  /** makes blocks of its own, signed by nobody */
  'forger',
  /** one signature, as often as a quorum needs */
  'duplicator',
  /** blocks signed by a list of strangers it has all keys of */
  'strangers',
  /** answers without blocks */
  'empty',
  /** honest, but seconds late */
  'slow',
  /** answers nothing */
  'silent',
  /** asks and answers without pause and without being asked */
  'flooder',
  /** half of its blocks are good */
  'halfLiar',
  /** offers another state than the group's, with attestations of its own */
  'falseSnapshot',
  /** an honest manifest, and wrong chunks */
  'wrongChunks',
  /** offers what everybody offers and withholds it */
  'withholder',
] as const;
export type Lie = (typeof LIES)[number];

export interface LiarContext {
  readonly nodeId: NodeId;
  readonly chain: SyncChain;
  readonly random: SeededRandom;
}

/** What goes out instead of an honest message, and how much later. */
export function twist(
  lie: Lie,
  message: SyncMessage,
  context: LiarContext,
): { messages: SyncMessage[]; delayMs: number } {
  const { random } = context;
  const at = (messages: SyncMessage[], delayMs = 0) => ({ messages, delayMs });
  switch (lie) {
    case 'boaster':
      return at([message.kind === 'status' ? { ...message, number: 2 ** 48, snapshot: 2 ** 47 } : message]);
    case 'fickle': {
      if (message.kind !== 'status') return at([message]);
      const high = { ...message, number: message.number + 10_000 };
      return at([high, { ...message, number: random.below(message.number + 1) }]);
    }
    case 'slow':
      return at([message], message.kind === 'status' ? 0 : 1500 + random.below(5000));
    case 'silent':
      return at(message.kind === 'status' ? [message] : []);
    case 'flooder':
      return at([message, message, { kind: 'blockRequest', first: 1, count: 32 }]);
    case 'falseSnapshot':
    case 'wrongChunks':
    case 'withholder':
      return at(twistSnapshot(lie, message, context));
    default:
      return at([message.kind === 'blockResponse' ? twistBlocks(lie, message, context) : message]);
  }
}

function twistBlocks(
  lie: Lie,
  message: Extract<SyncMessage, { kind: 'blockResponse' }>,
  context: LiarContext,
): SyncMessage {
  if (lie === 'empty') return { ...message, blocks: [] };
  const blocks = message.blocks.map((bytes, index) => {
    const block = decodeFakeBlock(bytes)!;
    const isSpared = lie === 'halfLiar' && index % 2 === 0;
    return isSpared ? bytes : encodeFakeBlock(twistBlock(lie, block, context), 20);
  });
  return { ...message, blocks };
}

function twistBlock(lie: Lie, block: FakeBlock, { nodeId, chain }: LiarContext): FakeBlock {
  const own = { number: block.number, content: (block.content ^ 1) >>> 0, list: block.list };
  const sealers = chain.sealersOf(block.list);
  switch (lie) {
    case 'otherBlocks':
      return { ...block, number: block.number + 1 };
    case 'alteredBody':
      return { ...block, body: (block.body ^ 1) >>> 0 };
    case 'duplicator': {
      const index = Math.max(0, sealers.indexOf(nodeId));
      const signature = fakeSignature(nodeId, signedText(own));
      return { ...own, body: own.content, signatures: sealers.map(() => ({ index, signature })) };
    }
    case 'strangers': {
      const header = { ...own, list: chain.strangers };
      const signatures = chain
        .sealersOf(header.list)
        .map((signer, index) => ({ index, signature: fakeSignature(signer, signedText(header)) }));
      return { ...header, body: header.content, signatures };
    }
    default: {
      const signature = fakeSignature(nodeId, signedText(own));
      return { ...own, body: own.content, signatures: sealers.map((_, index) => ({ index, signature })) };
    }
  }
}

function twistSnapshot(lie: Lie, message: SyncMessage, { nodeId, chain }: LiarContext): SyncMessage[] {
  if (lie === 'withholder') return message.kind === 'chunk' || message.kind === 'manifest' ? [] : [message];
  if (lie === 'wrongChunks') {
    if (message.kind !== 'chunk' || message.chunk.length === 0) return [message];
    const chunk = message.chunk.slice();
    chunk[0] = (chunk[0]! + 1) % 256;
    return [{ ...message, chunk }];
  }
  const height = chain.height;
  const own = fakeSnapshot(chain, height, 1);
  switch (message.kind) {
    case 'status':
      return [{ ...message, number: height, snapshot: height }];
    case 'offers': {
      const signer = (index: number) => chain.sealersOf(chain.strangers)[index]!;
      const attested = attestedText(height, own.manifestHash);
      const attestations = [nodeId, signer(0), signer(1), signer(2)].map((one) => ({
        signer: one,
        signature: fakeSignature(one, attested),
      }));
      return [{ kind: 'offers', offers: [{ height, manifestHash: own.manifestHash, attestations }] }];
    }
    case 'headerResponse': {
      const header = { number: message.number, content: 1, list: chain.strangers };
      const sealers = chain.sealersOf(header.list);
      const signatures = sealers.map((one, index) => ({ index, signature: fakeSignature(one, signedText(header)) }));
      return [{ ...message, certificate: { header: encodeFakeHeader(header), signatures } }];
    }
    case 'manifest':
      return [{ ...message, manifest: own.manifest }];
    case 'chunk':
      return [{ ...message, chunk: own.chunks[message.index] ?? new Uint8Array() }];
    default:
      return [message];
  }
}
