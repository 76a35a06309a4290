import { certificateSize, type QuorumRule } from '@menglian/consensus-core/quorum';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { checkHeaderProof, type HeaderProblem, type HeaderProof, witnessSize } from '@menglian/interchain/headerProof';
import { headerHash } from '@menglian/types/header';
import { hexOf } from '../hex.js';
import type { BlockHeader } from '../rpc/shapes.js';
import { headerProofOf } from './chainObjects.js';
import { demand, notProven } from './notProven.js';

/** What is believed without proof. */
export interface Trust {
  /** Node ids of sealers, from the genesis configuration or from a header that was proven before. */
  readonly sealers: readonly string[];
  /** `byzantine` for PBFT and rPBFT, and if not said; `crash` for Raft. */
  readonly rule?: QuorumRule;
}

/**
 * Whether a quorum of sealers signed this header. When its sealers are others than the trusted ones, so many of those must
 * have signed it too that one of them is honest: it signed what the chain had decided. So trust can go from header to header
 * with the sealers of each; blocks between two headers need not be looked at. The rule is that of the contract LightClients.
 * @throws SdkError `NotProven`. Pure.
 */
export function proveHeader(suite: CryptoSuite, header: BlockHeader, trust: Trust): void {
  const { sealers, rule = 'byzantine' } = trust;
  demand(header.number > 0, 'block 0 has no signatures: compare its hash with that of the genesis configuration');
  const proof = headerProofOf(header);
  demand(hexOf(headerHash(suite, proof.header)) === header.hash, 'the hash is not of the header');
  const checked = checkHeaderProof(suite, proof, { sealers, rule });
  if (!checked.ok) throw notProven(sentenceOf(checked.reason, proof, { sealers, rule }));
}

function sentenceOf(problem: HeaderProblem, { header, signatures }: HeaderProof, trust: Required<Trust>): string {
  const signers = new Set(signatures.map(({ index }) => header.sealerList[index]));
  const trusted = new Set(trust.sealers);
  switch (problem) {
    case 'genesis':
      return 'a header without sealers is signed by nobody';
    case 'signature': {
      const stranger = signatures.find(({ index }) => header.sealerList[index] === undefined);
      if (stranger !== undefined) return `signature ${stranger.index} is of no sealer`;
      return signers.size < signatures.length ? 'a sealer signed twice' : 'a signature does not hold';
    }
    case 'quorum':
      return `${signers.size} sealers signed, not ${certificateSize(trust.rule, header.sealerList.length)}`;
    case 'untrusted': {
      const witnesses = trust.sealers.filter((nodeId) => signers.has(nodeId)).length;
      const needed = trusted.size === 0 ? 1 : witnessSize(trusted.size);
      return `${witnesses} trusted sealers signed, not ${needed}`;
    }
  }
}
