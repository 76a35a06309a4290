import type { CryptoSuite } from '@menglian/crypto/suite';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { statusName } from '@menglian/types/status';
import { styledJson } from '../json.js';
import type { BlockView } from '../ports.js';
import { receiptProof, transactionProof } from './proof.js';
import { addressText, bytesText, quantity } from './quantity.js';
import { receiptJson } from './receipt.js';

/** A receipt as it is pushed over the channel: indented, and with both proofs where they are wanted. */
export function pushedReceiptText(
  suite: CryptoSuite,
  block: BlockView,
  blockNumber: number,
  index: number,
  withProof: boolean,
): string {
  const position = { blockHash: block.hash, blockNumber, index };
  const receipt = receiptJson(block.receipt(index), block.signedTransaction(index), position);
  const proofs = withProof
    ? { receiptProof: receiptProof(suite, block, index), txProof: transactionProof(suite, block, index) }
    : {};
  return styledJson({ ...(receipt as object), ...proofs });
}

/** What stands for the receipt of a transaction that is in no block: empty but for its status, as 2.x pushes it. */
export function refusedReceiptText(status: number): string {
  const noHash = bytesText(new Uint8Array(32));
  const nobody = addressText(ZERO_ADDRESS);
  return styledJson({
    blockHash: noHash,
    blockNumber: quantity(0),
    contractAddress: nobody,
    from: nobody,
    gasUsed: quantity(0),
    input: '0x',
    logs: [],
    logsBloom: bytesText(new Uint8Array(256)),
    output: '0x',
    remainGas: quantity(0),
    root: noHash,
    status: quantity(status),
    statusMsg: statusName(status),
    to: nobody,
    transactionHash: noHash,
    transactionIndex: quantity(0),
  });
}
