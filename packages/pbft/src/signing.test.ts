import { describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import type { NewView, ViewChangeStatement } from './messages.js';
import { type Envelope, envelopeDigest, heartbeatDigest, newViewDigest, viewChangeDigest } from './signing.js';

/** The bytes themselves stand for their hash, so equal digests mean equal preimages. */
const crypto = { hash: (data: Uint8Array) => data };
const GROUP = { chainId: 1n, groupId: 1 };
const HASH = new Uint8Array(32).fill(1);
const OTHER_HASH = new Uint8Array(32).fill(2);
const SIGNATURE = new Uint8Array(65);

/** Every one of these must change what is signed: FISCO-BCOS issue 2448, and weak point 7 of 2.x. */
function allDifferent(digests: readonly Uint8Array[]): void {
  expect(new Set(digests.map(toHex)).size).toBe(digests.length);
}

describe('signed bytes', () => {
  it('of a vote bind chain, group, kind, epoch, height, view, signer and digest', () => {
    const envelope: Envelope = { kind: 'prepare', epoch: 5, height: 1, view: 2, signer: 3, digest: HASH };
    allDifferent([
      envelopeDigest(crypto, GROUP, envelope),
      envelopeDigest(crypto, { ...GROUP, chainId: 2n }, envelope),
      envelopeDigest(crypto, { ...GROUP, groupId: 2 }, envelope),
      envelopeDigest(crypto, GROUP, { ...envelope, kind: 'commit' }),
      envelopeDigest(crypto, GROUP, { ...envelope, kind: 'prePrepare' }),
      envelopeDigest(crypto, GROUP, { ...envelope, epoch: 4 }),
      envelopeDigest(crypto, GROUP, { ...envelope, height: 2 }),
      envelopeDigest(crypto, GROUP, { ...envelope, view: 1 }),
      envelopeDigest(crypto, GROUP, { ...envelope, signer: 2 }),
      envelopeDigest(crypto, GROUP, { ...envelope, digest: OTHER_HASH }),
    ]);
  });

  const claim = { height: 8, view: 2, digest: HASH, parentDigest: HASH };
  const statement: ViewChangeStatement = {
    epoch: 5,
    view: 3,
    headHeight: 7,
    headHash: HASH,
    claims: [claim],
    signer: 1,
    signature: SIGNATURE,
  };

  it('of a view change bind every field', () => {
    const variants: ViewChangeStatement[] = [
      statement,
      { ...statement, epoch: 6 },
      { ...statement, view: 4 },
      { ...statement, headHeight: 8 },
      { ...statement, headHash: OTHER_HASH },
      { ...statement, claims: [] },
      { ...statement, claims: [claim, claim] },
      { ...statement, claims: [{ ...claim, height: 9 }] },
      { ...statement, claims: [{ ...claim, view: 1 }] },
      { ...statement, claims: [{ ...claim, digest: OTHER_HASH }] },
      { ...statement, claims: [{ ...claim, parentDigest: OTHER_HASH }] },
      { ...statement, signer: 2 },
    ];
    allDifferent(variants.map((variant) => viewChangeDigest(crypto, GROUP, variant)));
  });

  it('of a new view bind every field and every part of its proof', () => {
    const message: NewView = {
      kind: 'newView',
      epoch: 5,
      view: 3,
      statements: [statement],
      proofs: [],
      signer: 1,
      signature: SIGNATURE,
    };
    const proposal = {
      height: 8,
      parentDigest: HASH,
      epoch: 0,
      timestampMs: 1,
      sealer: 0,
      sealers: [],
      transactionHashes: [HASH],
    };
    const vote = { signer: 1, signature: SIGNATURE };
    const proof = { votes: [vote], proposal };
    const variants: NewView[] = [
      message,
      { ...message, epoch: 6 },
      { ...message, view: 4 },
      { ...message, statements: [] },
      { ...message, statements: [statement, statement] },
      { ...message, statements: [{ ...statement, claims: [] }] },
      { ...message, statements: [{ ...statement, signature: new Uint8Array(64) }] },
      { ...message, proofs: [{ votes: [vote], proposal }] },
      { ...message, proofs: [{ votes: [vote, vote], proposal }] },
      { ...message, proofs: [proof, proof] },
      { ...message, proofs: [{ votes: [vote], proposal: { ...proposal, timestampMs: 2 } }] },
      { ...message, signer: 2 },
    ];
    const digests = variants.map((variant) => newViewDigest(crypto, GROUP, 8, variant));
    allDifferent([...digests, newViewDigest(crypto, GROUP, 9, message)]);
  });

  it('of a heartbeat bind every field', () => {
    const heartbeat = { kind: 'heartbeat', height: 1, hash: HASH, epoch: 0, view: 2, toView: 3 } as const;
    const variants = [
      heartbeat,
      { ...heartbeat, height: 2 },
      { ...heartbeat, hash: OTHER_HASH },
      { ...heartbeat, epoch: 1 },
      { ...heartbeat, view: 1 },
      { ...heartbeat, toView: 4 },
    ];
    allDifferent(variants.map((variant) => heartbeatDigest(crypto, GROUP, variant)));
  });
});
