/** The logs by which a chain speaks to others. Told in docs/interchain.md, "Messages". */
import { concatBytes, equalBytes, fromBigInt, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { decodeAbi, encodeAbi } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, ADDRESS_BYTES, addressBytes } from '@menglian/types/address';
import type { Log, Receipt } from '@menglian/types/receipt';
import { MESSAGE_PAYLOAD_BYTES_MAX } from './limits.js';

/** Messages, the contract that writes these logs on every chain. */
export const MESSAGES_ADDRESS: Address = '2002'.padStart(2 * ADDRESS_BYTES, '0');

const SENT = 'Sent(bytes32,uint256,address,bytes32,address,bytes)';
const SENT_TYPES = ['bytes32', 'address', 'bytes'];
const MARKED = 'Marked(bytes32)';
const WORD = 32;

export interface SentMessage {
  /**
   * Identity of the chain it is sent from: the hash of that chain's block 0, 32 bytes. A header does not say which chain it is of, and the
   * same nodes may seal several.
   */
  readonly source: Uint8Array;
  /** Identity of the chain it is for. */
  readonly chain: Uint8Array;
  /** Counts the messages from one chain to another, from 1. */
  readonly sequence: bigint;
  /** The contract or account that sent it. */
  readonly sender: Address;
  readonly receiver: Address;
  readonly payload: Uint8Array;
}

export function sentMessageLog(suite: CryptoSuite, message: SentMessage): Log {
  const sender = concatBytes(new Uint8Array(WORD - ADDRESS_BYTES), addressBytes(message.sender));
  return {
    address: MESSAGES_ADDRESS,
    topics: [suite.hash(utf8Bytes(SENT)), message.chain, fromBigInt(message.sequence, WORD), sender],
    data: encodeAbi(SENT_TYPES, [message.source, message.receiver, message.payload]),
  };
}

/** @returns undefined for any other log */
export function readSentMessage(suite: CryptoSuite, log: Log): SentMessage | undefined {
  const [, chain, sequence, sender] = log.topics;
  if (!isEvent(suite, log, SENT, 4)) return undefined;
  const decoded = decodeAbi(SENT_TYPES, log.data);
  if (!decoded.ok) return undefined;
  const [source, receiver, payload] = decoded.value as [Uint8Array, Address, Uint8Array];
  if (payload.length > MESSAGE_PAYLOAD_BYTES_MAX) return undefined;
  return {
    source,
    chain: chain!,
    sequence: toBigInt(sequence!),
    sender: toHex(sender!.subarray(WORD - ADDRESS_BYTES)),
    receiver,
    payload,
  };
}

/** Says of a block which chain it is of, where no message does. */
export function markLog(suite: CryptoSuite, source: Uint8Array): Log {
  return { address: MESSAGES_ADDRESS, topics: [suite.hash(utf8Bytes(MARKED)), source], data: new Uint8Array(0) };
}

/** @returns the identity of the chain that these receipts are of, if a message or a mark among them says it */
export function chainOfReceipts(
  suite: CryptoSuite,
  receipts: readonly Pick<Receipt, 'logs'>[],
): Uint8Array | undefined {
  for (const { logs } of receipts) {
    for (const log of logs) {
      if (isEvent(suite, log, MARKED, 2)) return log.topics[1]!;
      const source = readSentMessage(suite, log)?.source;
      if (source !== undefined) return source;
    }
  }
  return undefined;
}

function isEvent(suite: CryptoSuite, { address, topics }: Log, event: string, topicCount: number): boolean {
  if (address !== MESSAGES_ADDRESS || topics.length !== topicCount) return false;
  return equalBytes(topics[0]!, suite.hash(utf8Bytes(event)));
}
