import { concatBytes, toHex } from '@menglian/base/bytes';
import { type SentMessage, sentMessageLog } from '@menglian/interchain/sentMessage';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { messageKey } from './2002-outbox.js';
import type { TableDefinition } from './ports.js';
import { readRow, removeRow, type TableContext, writeRow } from './tables/ownRows.js';

/** What was taken from each chain. */
const INBOX: TableDefinition = {
  name: '_sys_messages_inbox_',
  keyField: 'chain',
  valueFields: ['last', 'block', 'failed'],
};

/** Messages whose receiver failed, until one more try succeeds. */
const FAILED: TableDefinition = {
  name: '_sys_messages_failed_',
  keyField: 'message',
  valueFields: ['hash'],
};

export interface Inbox {
  /** Number of the last message taken. */
  readonly last: bigint;
  /** The block it was sent in, of its chain. */
  readonly block: number;
  /** Messages taken whose receiver failed. */
  readonly failed: number;
}

export function readInbox(context: TableContext, chain: Uint8Array): Inbox {
  const row = readRow(context, INBOX, toHex(chain));
  const field = (key: string): string => row?.get(key) ?? '0';
  return { last: BigInt(field('last')), block: Number(field('block')), failed: Number(field('failed')) };
}

export function writeInbox(context: TableContext, chain: Uint8Array, { last, block, failed }: Inbox): void {
  const changes = new Map([
    ['last', String(last)],
    ['block', String(block)],
    ['failed', String(failed)],
  ]);
  writeRow(context, INBOX, toHex(chain), changes);
}

/** @returns `hashOfMessage` of a message whose receiver failed, in hexadecimal */
export function readFailed(context: TableContext, chain: Uint8Array, sequence: bigint): string | undefined {
  return readRow(context, FAILED, messageKey(chain, sequence))?.get('hash');
}

export function writeFailed(context: TableContext, message: SentMessage): void {
  const hash = hashOfMessage(context.host.suite, message);
  writeRow(context, FAILED, messageKey(message.source, message.sequence), new Map([['hash', hash]]));
}

export function removeFailed(context: TableContext, chain: Uint8Array, sequence: bigint): void {
  removeRow(context, FAILED, messageKey(chain, sequence));
}

/** Everything of the message is in it. */
export function hashOfMessage(suite: CryptoSuite, message: SentMessage): string {
  const { topics, data } = sentMessageLog(suite, message);
  return toHex(suite.hash(concatBytes(...topics, data)));
}
