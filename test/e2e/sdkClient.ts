import { loadSuite } from '@menglian/crypto/loadSuite';
import type { Account } from '@menglian/sdk/account/account';
import { Client } from '@menglian/sdk/client';
import type { Address } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { SUITE } from './suite.js';

/** How long a node may take to answer while others are killed beside it. */
const ANSWER_TIMEOUT_MS = 60_000;

/** How often a receipt is asked for. */
const POLL_MS = 50;

const suite = await loadSuite(SUITE);

export const DAG_TRANSFER: Address = `0x${'5002'.padStart(40, '0')}`;
export const CONSENSUS_CONTRACT: Address = `0x${'1003'.padStart(40, '0')}`;

/** A client of one node, of group 1 of chain 1. */
export function clientOf({ url }: { readonly url: string }, account: Account): Client {
  const transport = httpTransport(url, { timeoutMs: ANSWER_TIMEOUT_MS });
  return new Client(suite, { transport, account, chainId: 1, groupId: 1, pollMs: POLL_MS });
}
