import { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from '@menglian/codec/rlp';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { checkReceiptProof } from '@menglian/interchain/receiptProof';
import { addressOfPublicKey } from '@menglian/types/address';
import { verifyMerkleProof } from '@menglian/types/merkle';
import { statusName } from '@menglian/types/status';
import { encodeUnsigned } from '@menglian/types/transaction';
import { bareAddress, bytesOf, hexOf } from '../hex.js';
import type { BlockHeader, ReceiptWithProof, Transaction, TransactionWithProof } from '../rpc/shapes.js';
import { chainReceipt, merkleLevels } from './chainObjects.js';
import { demand } from './notProven.js';

/** ecdsa writes the recovery number 0 or 1 as 27 or 28. */
const RECOVERY_BASE = 27;
const SCALAR_BYTES = 32;

/** The header of the block, proven before. */
export type ProvenHeader = Pick<BlockHeader, 'hash' | 'number' | 'transactionsRoot' | 'receiptsRoot'>;

/**
 * Whether the transaction is in the block, as it says and signed by whom it says.
 * @param header proven before. @throws SdkError `NotProven`. Pure.
 */
export function proveTransaction(suite: CryptoSuite, proven: TransactionWithProof, header: ProvenHeader): void {
  const { transaction, txProof } = proven;
  demand(transaction.blockHash === header.hash, 'the transaction names another block');
  demand(transaction.blockNumber === header.number, 'the transaction names another height');
  const { hash, signer } = identify(suite, transaction);
  demand(hexOf(hash) === transaction.hash, 'the hash is not of the transaction');
  demand(signer === transaction.from, 'the transaction is not signed by its sender');
  const root = bytesOf(header.transactionsRoot, 'the root');
  const isThere = verifyMerkleProof(suite, transaction.transactionIndex, hash, merkleLevels(txProof), root);
  demand(isThere, 'the proof does not lead to the root');
}

/**
 * Whether the transaction is in the block and this is its receipt.
 * @param header proven before. @throws SdkError `NotProven`. Pure.
 */
export function proveReceipt(
  suite: CryptoSuite,
  proven: TransactionWithProof,
  provenReceipt: ReceiptWithProof,
  header: ProvenHeader,
): void {
  proveTransaction(suite, proven, header);
  const { transaction } = proven;
  const { transactionReceipt: receipt, receiptProof } = provenReceipt;
  // A receipt's hash is of what was done, not of who asked for it: the place in the block ties the two together.
  demand(
    receipt.transactionIndex === transaction.transactionIndex &&
      receipt.transactionHash === transaction.hash &&
      receipt.blockHash === header.hash &&
      receipt.blockNumber === header.number &&
      receipt.from === transaction.from &&
      receipt.to === transaction.to &&
      receipt.input === transaction.input,
    'the receipt is of another transaction',
  );
  demand(receipt.statusName === statusName(receipt.status), 'the receipt says two things about its status');
  const proof = {
    receipt: chainReceipt(receipt),
    index: receipt.transactionIndex,
    levels: merkleLevels(receiptProof),
  };
  const isThere = checkReceiptProof(suite, proof, bytesOf(header.receiptsRoot, 'the root'));
  demand(isThere, 'the proof does not lead to the root');
}

/** The hash of the transaction, and whose key signed it. */
function identify(suite: CryptoSuite, transaction: Transaction): { hash: Uint8Array; signer: string | undefined } {
  const unsigned = encodeUnsigned({
    nonce: transaction.nonce,
    gasPrice: transaction.gasPrice,
    gas: transaction.gas,
    blockLimit: BigInt(transaction.blockLimit),
    to: transaction.to === null ? undefined : bareAddress(transaction.to),
    value: transaction.value,
    data: bytesOf(transaction.input, 'the input'),
    chainId: transaction.chainId,
    groupId: transaction.groupId,
    extraData: bytesOf(transaction.extraData, 'the extra data'),
  });
  const signature = bytesOf(transaction.signature.signature, 'the signature');
  demand(signature.length === suite.signatureLength, 'the signature is of another suite');
  const publicKey = suite.recover(suite.hash(unsigned), signature);
  const signer = publicKey === undefined ? undefined : `0x${addressOfPublicKey(suite, publicKey)}`;
  return { hash: suite.hash(withSignature(suite, unsigned, signature)), signer };
}

/** Facts: docs/formats.md, "Transaction". */
function withSignature(suite: CryptoSuite, unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
  const fields = decodeRlp(unsigned);
  demand(fields.ok && !(fields.value instanceof Uint8Array), 'the transaction is none');
  const scalar = (start: number) => withoutZeros(signature.subarray(start, start + SCALAR_BYTES));
  const rest = signature.subarray(2 * SCALAR_BYTES);
  const key = suite.name === 'ecdsa' ? rlpInteger(RECOVERY_BASE + rest[0]!) : rest;
  return encodeRlp([...(fields.value as readonly RlpItem[]), key, scalar(0), scalar(SCALAR_BYTES)]);
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : bytes.subarray(first);
}
