import { toHex, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { NodeId } from '@menglian/types/address';
import { BLOOM_BYTES } from '@menglian/types/bloom';
import { type BlockHeader, headerHash } from '@menglian/types/header';
import type { HeaderProof } from '../headerProof.js';

/** A node that signs blocks. */
export interface Signer {
  readonly nodeId: NodeId;
  readonly privateKey: Uint8Array;
}

/** @param seeds one for each; the same seed is the same node. @returns them ascending by node id, as headers have them */
export function signersOf(suite: CryptoSuite, ...seeds: readonly number[]): readonly Signer[] {
  const signers = seeds.map((seed) => {
    const privateKey = suite.hash(utf8Bytes(`sealer ${seed}`));
    return { nodeId: toHex(suite.publicKey(privateKey)), privateKey };
  });
  return signers.toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

export function nodeIdsOf(signers: readonly Signer[]): readonly NodeId[] {
  return signers.map(({ nodeId }) => nodeId);
}

/** Header 5 of a chain, without anything in it that matters. */
export function headerWith(sealers: readonly Signer[], parts: Partial<BlockHeader> = {}): BlockHeader {
  const none = new Uint8Array(32);
  return {
    parentHash: none,
    stateRoot: none,
    transactionsRoot: none,
    receiptsRoot: none,
    dbHash: none,
    logsBloom: new Uint8Array(BLOOM_BYTES),
    number: 5,
    gasLimit: 0n,
    gasUsed: 0n,
    timestampMs: 1_700_000_000_000,
    extraData: [],
    sealer: 0,
    sealerList: nodeIdsOf(sealers),
    ...parts,
  };
}

/** @param signers those that are no sealers sign as the first one */
export function signedBy(suite: CryptoSuite, header: BlockHeader, signers: readonly Signer[]): HeaderProof {
  const hash = headerHash(suite, header);
  const signatures = signers.map(({ nodeId, privateKey }) => ({
    index: Math.max(0, header.sealerList.indexOf(nodeId)),
    signature: suite.sign(hash, privateKey),
  }));
  return { header, signatures };
}

export function headerSignedBy(
  suite: CryptoSuite,
  sealers: readonly Signer[],
  signers: readonly Signer[] = sealers,
): HeaderProof {
  return signedBy(suite, headerWith(sealers), signers);
}
