import type { CryptoSuite } from '@menglian/crypto/suite';
import { headerHash } from '@menglian/types/header';
import { bytesOf, type Hash, hexOf } from '../hex.js';
import type { BlockHeader } from '../rpc/shapes.js';
import { demand } from './notProven.js';

/** What is believed without proof. */
export interface Trust {
  /** Node ids of sealers, from the genesis configuration or from a header that was proven before. */
  readonly sealers: readonly string[];
  /** How many of so many sealers must have signed: of PBFT if not said. */
  readonly quorum?: (sealersCount: number) => number;
}

/** So many that two quorums have an honest sealer in common while fewer than a third are not honest. */
function pbftQuorum(sealersCount: number): number {
  return sealersCount - Math.floor((sealersCount - 1) / 3);
}

/**
 * Whether a quorum of sealers signed this header. When its sealers are others than the trusted ones, a quorum of those
 * must have signed it too: they accepted the change. So trust can go from header to header with the sealers of each.
 * Blocks between two headers need not be looked at.
 * @throws SdkError `NotProven`. Pure.
 */
export function proveHeader(suite: CryptoSuite, header: BlockHeader, trust: Trust): void {
  const { quorum = pbftQuorum } = trust;
  demand(header.number > 0, 'block 0 has no signatures: compare its hash with that of the genesis configuration');
  demand(hashOf(suite, header) === header.hash, 'the hash is not of the header');
  const digest = bytesOf(header.hash, 'the hash');
  const signers = new Set<string>();
  for (const { index, signature } of header.signatureList) {
    const nodeId = header.sealerList[index];
    demand(nodeId !== undefined, `signature ${index} is of no sealer`);
    const isRight = suite.verify(digest, bytesOf(signature, 'the signature'), bytesOf(nodeId, 'the node id'));
    demand(isRight, `the signature of sealer ${index} does not hold`);
    signers.add(nodeId);
  }
  const needed = quorum(header.sealerList.length);
  demand(signers.size >= needed, `${signers.size} sealers signed, not ${needed}`);
  const trusted = new Set(trust.sealers);
  const trustedSigners = [...signers].filter((nodeId) => trusted.has(nodeId)).length;
  const trustedNeeded = quorum(trusted.size);
  demand(
    trusted.size > 0 && trustedSigners >= trustedNeeded,
    `${trustedSigners} trusted sealers signed, not ${trustedNeeded}`,
  );
}

function hashOf(suite: CryptoSuite, header: BlockHeader): Hash {
  const bytes = (text: string) => bytesOf(text, 'the header');
  return hexOf(
    headerHash(suite, {
      parentHash: bytes(header.parentHash),
      stateRoot: bytes(header.stateRoot),
      transactionsRoot: bytes(header.transactionsRoot),
      receiptsRoot: bytes(header.receiptsRoot),
      dbHash: bytes(header.dbHash),
      logsBloom: bytes(header.logsBloom),
      number: header.number,
      gasLimit: header.gasLimit,
      gasUsed: header.gasUsed,
      timestampMs: header.timestamp,
      extraData: header.extraData.map(bytes),
      sealer: header.sealer,
      sealerList: header.sealerList,
    }),
  );
}
