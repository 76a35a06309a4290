import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { OFFERS_MAX, SNAPSHOT_CHUNKS_MAX } from './limits.js';
import {
  decodeSyncMessage,
  decodeTransactionMessage,
  encodeSyncMessage,
  encodeTransactionMessage,
  type SyncMessage,
  type TransactionMessage,
} from './messages.js';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const number = fc.maxSafeNat();
const bytes = fc.uint8Array({ maxLength: 100 });
const attestation = fc.record({
  signer: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toHex),
  signature: bytes,
});
const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
const syncMessages: fc.Arbitrary<SyncMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    number,
    hash,
    genesisHash: hash,
    lowest: number,
    snapshot: number,
  }),
  fc.record({ kind: fc.constant('blockRequest' as const), first: number, count: fc.integer({ min: 1, max: 32 }) }),
  fc.record({ kind: fc.constant('blockResponse' as const), first: number, blocks: bodies }),
  fc.record({ kind: fc.constant('headerRequest' as const), above: number, number }),
  fc.record({
    kind: fc.constant('headerResponse' as const),
    above: number,
    number,
    certificate: fc.option(
      fc.record({
        header: bytes,
        signatures: fc.array(fc.record({ index: fc.nat(0xffff), signature: bytes }), { maxLength: 5 }),
      }),
      { nil: undefined },
    ),
  }),
  fc.constant({ kind: 'offerRequest' as const }),
  fc.record({
    kind: fc.constant('offers' as const),
    offers: fc.array(
      fc.record({ height: number, manifestHash: hash, attestations: fc.array(attestation, { maxLength: 4 }) }),
      { maxLength: OFFERS_MAX },
    ),
  }),
  fc.record({ kind: fc.constant('manifestRequest' as const), height: number }),
  fc.record({ kind: fc.constant('manifest' as const), height: number, manifest: bytes }),
  fc.record({ kind: fc.constant('chunkRequest' as const), height: number, index: fc.nat(SNAPSHOT_CHUNKS_MAX - 1) }),
  fc.record({
    kind: fc.constant('chunk' as const),
    height: number,
    index: fc.nat(SNAPSHOT_CHUNKS_MAX - 1),
    chunk: bytes,
  }),
  fc.record({ kind: fc.constant('attestation' as const), height: number, manifestHash: hash, attestation }),
);
const sender = fc.option(fc.constantFrom('11'.repeat(20), '22'.repeat(20), '00'.repeat(20)), { nil: undefined });
const parity = fc.constantFrom(0 as const, 1 as const, undefined);
const transactionMessages: fc.Arbitrary<TransactionMessage> = fc.oneof(
  fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), sender, parity), { maxLength: 20 }).map((sent) => ({
    kind: 'bodies' as const,
    transactions: sent.map(([raw]) => raw),
    senders: sent.map(([, from]) => from),
    parities: sent.map(([, , one]) => one),
  })),
  fc.record({ kind: fc.constant('announcement' as const), hashes: fc.array(hash, { maxLength: 20 }) }),
  fc.record({ kind: fc.constant('request' as const), hashes: fc.array(hash, { maxLength: 20 }) }),
);

describe('messages of sync', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(syncMessages, transactionMessages, (sync, transactions) => {
        expect(decodeSyncMessage(encodeSyncMessage(sync))).toEqual({ ok: true, value: sync });
        expect(decodeTransactionMessage(encodeTransactionMessage(transactions))).toEqual({
          ok: true,
          value: transactions,
        });
      }),
    );
  });

  it('are refused with a reason when cut short, lengthened or of another version', () => {
    fc.assert(
      fc.property(syncMessages, transactionMessages, fc.nat(1000), (sync, transactions, cut) => {
        for (const [bytes, decode] of [
          [encodeSyncMessage(sync), decodeSyncMessage],
          [encodeTransactionMessage(transactions), decodeTransactionMessage],
        ] as const) {
          expect(decode(bytes.subarray(0, cut % bytes.length)).ok).toBe(false);
          expect(decode(Uint8Array.of(...bytes, 0)).ok).toBe(false);
          expect(decode(Uint8Array.of(9, ...bytes.subarray(1))).ok).toBe(false);
        }
      }),
    );
  });

  it('only ever give reasons for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        decodeSyncMessage(bytes);
        decodeTransactionMessage(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
