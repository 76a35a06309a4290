import { equalBytes, fromHex } from '@menglian/base/bytes';
import { certificateSize, honestWitnessSize, majoritySize, type QuorumRule } from '@menglian/consensus-core/quorum';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Verdict } from '@menglian/sync/blockSync';
import type { SealerRules } from '@menglian/sync/trustPath';
import type { NodeId } from '@menglian/types/address';
import { type BlockSignature, decodeBlock } from '@menglian/types/block';
import type { GenesisConfig } from '@menglian/types/genesis';
import { type BlockHeader, headerHash } from '@menglian/types/header';
import { merkleRoot } from '@menglian/types/merkle';

/** How many sealers a certificate and a witness take in a group of this consensus. */
export function sealerRules(consensusType: GenesisConfig['consensusType']): SealerRules {
  const rule: QuorumRule = consensusType === 'raft' ? 'crash' : 'byzantine';
  return {
    quorum: (sealers) => certificateSize(rule, sealers),
    witnesses: (sealers) => (rule === 'byzantine' ? honestWitnessSize(sealers) : majoritySize(sealers)),
  };
}

/** Who of the header's own sealers signed it. @returns undefined when a signature is wrong, of nobody, or there twice */
export function validSigners(
  suite: CryptoSuite,
  header: BlockHeader,
  hash: Uint8Array,
  signatures: readonly BlockSignature[],
): NodeId[] | undefined {
  const signers = new Set<NodeId>();
  for (const { index, signature } of signatures) {
    const nodeId = header.sealerList[index];
    if (nodeId === undefined || signers.has(nodeId)) return undefined;
    if (!suite.verify(hash, signature, fromHex(nodeId))) return undefined;
    signers.add(nodeId);
  }
  return [...signers];
}

/**
 * A look at a block that a peer sent, before it is its turn and without executing anything: its number, its body against
 * its header, its certificate. Whether its sealers are the chain's can only be told by those that are known now.
 * @param known sealers of the block after the head
 */
export function inspectBlock(
  suite: CryptoSuite,
  rules: SealerRules,
  known: readonly NodeId[],
  number: number,
  bytes: Uint8Array,
): Verdict {
  const block = decodeBlock(bytes);
  if (!block.ok) return 'forged';
  const { header, signatures, transactions } = block.value;
  if (header.number !== number || header.sealerList.length === 0) return 'forged';
  const root = merkleRoot(
    suite,
    transactions.map((raw) => suite.hash(raw)),
  );
  if (!equalBytes(root, header.transactionsRoot)) return 'forged';
  const signers = validSigners(suite, header, headerHash(suite, header), signatures);
  if (signers === undefined || signers.length < rules.quorum(header.sealerList.length)) return 'forged';
  const witnesses = known.filter((nodeId) => signers.includes(nodeId)).length;
  return witnesses >= rules.witnesses(known.length) ? 'certified' : 'unknown';
}
