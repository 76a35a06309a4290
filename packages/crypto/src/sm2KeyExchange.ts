/**
 * The key exchange of SM2, GB/T 32918.3-2016: both sides prove their long-lived keys and get a key that later loss of
 * those does not reveal. The values that confirm it (S1 = SB, S2 = SA) come with the key; who needs to know that the peer
 * has the same key compares them with `equalSecrets`.
 */
import { concatBytes, fromBigInt, toBigInt } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { sm3 } from './hashes.js';
import { sm3Kdf } from './kdf.js';
import { isSm2PrivateKey, sm2PublicKey, sm2SignerDigest } from './sm2.js';
import { decodeSm2Point, encodeSm2Point, Sm2Curve, sm2Nonces } from './sm2Curve.js';

const RANDOMNESS_BYTES = 32;
/** What x̄ takes of an x coordinate: w = ⌈256 / 2⌉ − 1 bits, and the bit above them set. */
const REDUCED_TOP = 1n << 127n;
const BY_RESPONDER = 2;
const BY_INITIATOR = 3;

/** Our own side of one exchange. */
export interface Sm2OwnSide {
  /** 32 bytes, long-lived. */
  readonly privateKey: Uint8Array;
  /** 32 bytes of `sm2EphemeralKey`, for this exchange only. */
  readonly ephemeralPrivateKey: Uint8Array;
  /** `DEFAULT_SIGNER_ID` when left out. */
  readonly signerId?: Uint8Array | undefined;
}

/** What the peer sent: any bytes. */
export interface Sm2PeerSide {
  /** 64 bytes X ‖ Y, checked by the caller to be whom it means. */
  readonly publicKey: Uint8Array;
  /** 64 bytes X ‖ Y */
  readonly ephemeralPublicKey: Uint8Array;
  readonly signerId?: Uint8Array | undefined;
}

export interface Sm2SharedKey {
  readonly key: Uint8Array;
  /** S1 for the initiator, SB for the responder, who sends it. 32 bytes */
  readonly responderConfirmation: Uint8Array;
  /** SA for the initiator, who sends it; S2 for the responder. 32 bytes */
  readonly initiatorConfirmation: Uint8Array;
}

/** A key for one exchange. @param randomness 32 bytes that nobody can guess */
export function sm2EphemeralKey(randomness: Uint8Array): { privateKey: Uint8Array; publicKey: Uint8Array } {
  invariant(randomness.length === RANDOMNESS_BYTES, 'crypto/randomness-length');
  for (const nonce of sm2Nonces(randomness)) {
    const privateKey = fromBigInt(nonce, 32);
    if (isSm2PrivateKey(privateKey)) return { privateKey, publicKey: sm2PublicKey(privateKey) };
  }
  invariant(false, 'crypto/nonce-exhausted');
}

/**
 * The side that spoke first.
 * @param keyLength bytes of the key
 * @returns undefined when a key of the peer is no point of the curve, or their sum vanishes
 */
export function sm2ExchangeAsInitiator(
  own: Sm2OwnSide,
  peer: Sm2PeerSide,
  keyLength: number,
): Sm2SharedKey | undefined {
  return exchange(own, peer, keyLength, true);
}

/** The side that answered. Otherwise like `sm2ExchangeAsInitiator`. */
export function sm2ExchangeAsResponder(
  own: Sm2OwnSide,
  peer: Sm2PeerSide,
  keyLength: number,
): Sm2SharedKey | undefined {
  return exchange(own, peer, keyLength, false);
}

/** Steps A4 to A10 and B3 to B10, which mirror each other. The letters are the standard's. */
function exchange(
  own: Sm2OwnSide,
  peer: Sm2PeerSide,
  keyLength: number,
  isInitiator: boolean,
): Sm2SharedKey | undefined {
  const ownKey = sm2PublicKey(own.privateKey);
  const ownEphemeral = sm2PublicKey(own.ephemeralPrivateKey);
  const peerKey = decodeSm2Point(peer.publicKey);
  const peerEphemeral = decodeSm2Point(peer.ephemeralPublicKey);
  if (peerKey === undefined || peerEphemeral === undefined) return undefined;

  const t = Sm2Curve.Fn.create(toBigInt(own.privateKey) + reduced(ownEphemeral) * toBigInt(own.ephemeralPrivateKey));
  // The factor is public and in range, and the sum holds nothing secret yet.
  const sum = peerKey.add(peerEphemeral.multiplyUnsafe(reduced(peer.ephemeralPublicKey)));
  if (t === 0n || sum.is0()) return undefined;
  const u = encodeSm2Point(sum.multiply(t));

  const ownZ = sm2SignerDigest(ownKey, own.signerId);
  const peerZ = sm2SignerDigest(peer.publicKey, peer.signerId);
  const z = isInitiator ? concatBytes(ownZ, peerZ) : concatBytes(peerZ, ownZ);
  const ephemerals = isInitiator
    ? concatBytes(ownEphemeral, peer.ephemeralPublicKey)
    : concatBytes(peer.ephemeralPublicKey, ownEphemeral);
  const inner = sm3(concatBytes(u.subarray(0, 32), z, ephemerals));
  const confirmation = (by: number) => sm3(concatBytes(Uint8Array.of(by), u.subarray(32), inner));
  return {
    key: sm3Kdf(concatBytes(u, z), keyLength),
    responderConfirmation: confirmation(BY_RESPONDER),
    initiatorConfirmation: confirmation(BY_INITIATOR),
  };
}

/** x̄ = 2^w + (x mod 2^w) of an ephemeral public key. */
function reduced(publicKey: Uint8Array): bigint {
  return REDUCED_TOP + (toBigInt(publicKey.subarray(0, 32)) % REDUCED_TOP);
}
