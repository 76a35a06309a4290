import { MAX_PROPOSAL_TRANSACTIONS } from '@menglian/consensus-core/limits';
import { quorumSize } from '@menglian/consensus-core/quorum';
import { MAX_SNAPSHOT_CHUNKS, SNAPSHOT_CHUNK_BYTES } from '@menglian/ledger/limits';
import { MAX_PAYLOAD_BYTES } from '@menglian/network/limits';
import { MAX_MESSAGE_BYTES } from '@menglian/pbft/limits';
import {
  BLOCK_RESPONSE_BYTES_MAX,
  CHUNK_BYTES_MAX,
  MANIFEST_BYTES_MAX,
  SNAPSHOT_CHUNKS_MAX,
} from '@menglian/sync/limits';
import { MAX_TRANSACTION_BYTES } from '@menglian/types/limits';
import { expect, it } from 'vitest';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';

/** Header, table and signatures of the largest block: 1,000 sealers of 64 bytes and as many signatures, and some room. */
const BLOCK_OVERHEAD_BYTES = 1024 * 1024;

it('lets every proposal, and a new-view of a group of 20, leave in one message', () => {
  const proposal = MAX_PROPOSAL_TRANSACTIONS * 32;
  expect(MAX_MESSAGE_BYTES).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES.consensus);
  expect(quorumSize(20) * proposal).toBeLessThan(MAX_MESSAGE_BYTES);
});

it('lets every block that the protocol allows be fetched in one message', () => {
  expect(BLOCK_TRANSACTION_BYTES_MAX).toBeGreaterThanOrEqual(MAX_TRANSACTION_BYTES);
  const largestBlock = BLOCK_TRANSACTION_BYTES_MAX + BLOCK_OVERHEAD_BYTES;
  expect(Math.max(largestBlock, BLOCK_RESPONSE_BYTES_MAX)).toBeLessThan(MAX_PAYLOAD_BYTES.sync);
});

it('lets every chunk and manifest of a snapshot be fetched in one message', () => {
  expect(SNAPSHOT_CHUNK_BYTES).toBe(CHUNK_BYTES_MAX);
  expect(MAX_SNAPSHOT_CHUNKS).toBe(SNAPSHOT_CHUNKS_MAX);
  expect(Math.max(CHUNK_BYTES_MAX, MANIFEST_BYTES_MAX)).toBeLessThan(MAX_PAYLOAD_BYTES.sync);
});
