/** The log that a message leaves on the chain it is sent from. Told in docs/interchain.md, "Messages". */
import { concatBytes, equalBytes, fromBigInt, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { decodeAbi, encodeAbi } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, ADDRESS_BYTES, addressBytes } from '@menglian/types/address';
import type { Log } from '@menglian/types/receipt';
import { MESSAGE_PAYLOAD_BYTES_MAX } from './limits.js';

/** Messages, the contract that writes these logs on every chain. */
export const MESSAGES_ADDRESS: Address = '2002'.padStart(2 * ADDRESS_BYTES, '0');

const SENT = 'Sent(bytes32,uint256,address,address,bytes)';
const WORD = 32;

export interface SentMessage {
  /** Identity of the chain it is for: the hash of that chain's block 0, 32 bytes. */
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
    data: encodeAbi(['address', 'bytes'], [message.receiver, message.payload]),
  };
}

/** @returns undefined for any other log */
export function readSentMessage(suite: CryptoSuite, { address, topics, data }: Log): SentMessage | undefined {
  const [event, chain, sequence, sender] = topics;
  if (address !== MESSAGES_ADDRESS || event === undefined || !equalBytes(event, suite.hash(utf8Bytes(SENT))))
    return undefined;
  if (chain === undefined || sequence === undefined || sender === undefined) return undefined;
  const decoded = decodeAbi(['address', 'bytes'], data);
  if (!decoded.ok) return undefined;
  const [receiver, payload] = decoded.value as [Address, Uint8Array];
  if (payload.length > MESSAGE_PAYLOAD_BYTES_MAX) return undefined;
  return {
    chain,
    sequence: toBigInt(sequence),
    sender: toHex(sender.subarray(WORD - ADDRESS_BYTES)),
    receiver,
    payload,
  };
}
