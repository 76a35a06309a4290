/** What nodes answer as JSON, as the objects whose bytes the chain hashes. */
import type { MessageBundle } from '@menglian/interchain/messageBundle';
import type { BlockHeader as ChainHeader } from '@menglian/types/header';
import type { MerkleProofLevel } from '@menglian/types/merkle';
import type { Receipt as ChainReceipt } from '@menglian/types/receipt';
import { bareAddress, bytesOf, ZERO_ADDRESS } from '../hex.js';
import type { BlockHeader, MerkleProof, Receipt } from '../rpc/shapes.js';

export function chainHeader(header: BlockHeader): ChainHeader {
  const bytes = (text: string) => bytesOf(text, 'the header');
  return {
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
  };
}

/** The header with the signatures that came with it. */
export function headerProofOf(header: BlockHeader): MessageBundle['header'] {
  const signatures = header.signatureList.map(({ index, signature }) => ({
    index,
    signature: bytesOf(signature, 'the signature'),
  }));
  return { header: chainHeader(header), signatures };
}

export function chainReceipt(receipt: Receipt): ChainReceipt {
  return {
    stateRoot: bytesOf(receipt.root, 'the root'),
    gasUsed: receipt.gasUsed,
    contractAddress: bareAddress(receipt.contractAddress ?? ZERO_ADDRESS),
    logsBloom: bytesOf(receipt.logsBloom, 'the bloom'),
    status: receipt.status,
    output: bytesOf(receipt.output, 'the output'),
    remainGas: receipt.remainGas,
    logs: receipt.logs.map(({ address, topics, data }) => ({
      address: bareAddress(address),
      topics: topics.map((topic) => bytesOf(topic, 'a topic')),
      data: bytesOf(data, 'the data'),
    })),
  };
}

export function merkleLevels(proof: MerkleProof): MerkleProofLevel[] {
  return proof.map(({ left, right }) => ({
    left: left.map((node) => bytesOf(node, 'the proof')),
    right: right.map((node) => bytesOf(node, 'the proof')),
  }));
}
