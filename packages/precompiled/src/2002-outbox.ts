import { equalBytes, toHex } from '@menglian/base/bytes';
import { MESSAGE_PAYLOAD_BYTES_MAX } from '@menglian/interchain/limits';
import { sentMessageLog } from '@menglian/interchain/sentMessage';
import type { Address } from '@menglian/types/address';
import { readClient } from './2001-clientTables.js';
import { CLIENT_MISSING, MESSAGE_TO_SELF, PAYLOAD_TOO_LONG } from './codes.js';
import type { TableDefinition } from './ports.js';
import { readRow, type TableContext, writeRow } from './tables/ownRows.js';

/** Number of the last message to each chain. */
const OUTBOX: TableDefinition = {
  name: '_sys_messages_outbox_',
  keyField: 'chain',
  valueFields: ['last'],
};

/** The block of each message that was sent: where relayers find it. */
const SENT: TableDefinition = {
  name: '_sys_messages_sent_',
  keyField: 'message',
  valueFields: ['block'],
};

/**
 * Sends a message as the contract `sender`. It can be handed over by anyone as soon as its block is final.
 * @param chain identity of the chain it is for, 32 bytes
 * @returns its sequence number, 1 or more; or the code of refusal, below 0, with nothing written
 */
export function sendMessage(
  context: TableContext,
  chain: Uint8Array,
  sender: Address,
  receiver: Address,
  payload: Uint8Array,
): number {
  const { host } = context;
  if (payload.length > MESSAGE_PAYLOAD_BYTES_MAX) return PAYLOAD_TOO_LONG;
  const source = host.chainIdentity();
  if (equalBytes(chain, source)) return MESSAGE_TO_SELF;
  if (readClient(context, chain) === undefined) return CLIENT_MISSING;
  const number = readOutbox(context, chain) + 1;
  const sequence = BigInt(number);
  writeRow(context, OUTBOX, toHex(chain), new Map([['last', String(number)]]));
  writeRow(context, SENT, messageKey(chain, sequence), new Map([['block', String(host.blockNumber)]]));
  host.emitLog(sentMessageLog(host.suite, { source, chain, sequence, sender, receiver, payload }));
  return number;
}

/** @returns the number of the last message to the chain, 0 for none */
export function readOutbox(context: TableContext, chain: Uint8Array): number {
  return Number(readRow(context, OUTBOX, toHex(chain))?.get('last') ?? '0');
}

/** @returns the block in which the message was sent, 0 for none */
export function readSentAt(context: TableContext, chain: Uint8Array, sequence: bigint): number {
  return Number(readRow(context, SENT, messageKey(chain, sequence))?.get('block') ?? '0');
}

/** Names one message from or to a chain. */
export function messageKey(chain: Uint8Array, sequence: bigint): string {
  return `${toHex(chain)}/${sequence}`;
}
