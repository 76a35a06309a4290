import { equalBytes, toHex } from '@menglian/base/bytes';
import { MESSAGE_PAYLOAD_BYTES_MAX } from '@menglian/interchain/limits';
import { sentMessageLog } from '@menglian/interchain/sentMessage';
import type { Address } from '@menglian/types/address';
import { readClient, type TableContext } from './2001-clientTables.js';
import { CLIENT_MISSING, MESSAGE_TO_SELF, PAYLOAD_TOO_LONG } from './codes.js';
import type { TableDefinition } from './ports.js';
import { UNCHECKED } from './tables/rows.js';

/** Number of the last message to each chain. Made by the first message. */
const OUTBOX: TableDefinition = {
  name: '_sys_messages_outbox_',
  keyField: 'chain',
  valueFields: ['last'],
};

/** The block of each message that was sent. */
const SENT: TableDefinition = {
  name: '_sys_messages_sent_',
  keyField: 'message',
  valueFields: ['block'],
};

/**
 * Sends a message as the contract `sender`. It is delivered when the block is final, and can be handed over by anyone.
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
  const { host, gas } = context;
  if (payload.length > MESSAGE_PAYLOAD_BYTES_MAX) return PAYLOAD_TOO_LONG;
  const source = host.chainIdentity();
  if (equalBytes(chain, source)) return MESSAGE_TO_SELF;
  if (readClient(context, chain) === undefined) return CLIENT_MISSING;
  const last = readOutbox(context, chain);
  const sequence = last + 1;
  const key = toHex(chain);
  for (const table of [OUTBOX, SENT]) host.createTable(table, UNCHECKED);
  const ids = host.select(OUTBOX.name, key).map((row) => row.id);
  const changes = new Map([['last', String(sequence)]]);
  if (ids.length > 0) host.update(OUTBOX.name, key, ids, changes, UNCHECKED);
  else host.insert(OUTBOX.name, key, new Map([[OUTBOX.keyField, key], ...changes]), UNCHECKED);
  gas.charge(ids.length > 0 ? 'update' : 'insert');
  const name = messageKey(chain, BigInt(sequence));
  const fields = new Map([
    [SENT.keyField, name],
    ['block', String(host.blockNumber)],
  ]);
  host.insert(SENT.name, name, fields, UNCHECKED);
  gas.charge('insert');
  host.emitLog(sentMessageLog(host.suite, { source, chain, sequence: BigInt(sequence), sender, receiver, payload }));
  return sequence;
}

/** @returns the number of the last message to the chain, 0 for none */
export function readOutbox({ host, gas }: TableContext, chain: Uint8Array): number {
  gas.charge('openTable');
  const [row] = host.select(OUTBOX.name, toHex(chain));
  if (row === undefined) return 0;
  gas.charge('select');
  return Number(row.fields.get('last'));
}

/** @returns the block in which the message was sent, 0 for none */
export function readSentAt({ host, gas }: TableContext, chain: Uint8Array, sequence: bigint): number {
  gas.charge('openTable');
  const [row] = host.select(SENT.name, messageKey(chain, sequence));
  if (row === undefined) return 0;
  gas.charge('select');
  return Number(row.fields.get('block'));
}

/** One message from or to a chain. */
export function messageKey(chain: Uint8Array, sequence: bigint): string {
  return `${toHex(chain)}/${sequence}`;
}
