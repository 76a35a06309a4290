/** How both sides come to the same secret (GB/T 38636-2020, 6.4.5.4 and 6.4.5.8). */
import { EMPTY_BYTES } from '@menglian/base/bytes';
import { sm2Decrypt } from '@menglian/crypto/sm2Encryption';
import { sm2EphemeralKey, sm2ExchangeAsInitiator, sm2ExchangeAsResponder } from '@menglian/crypto/sm2KeyExchange';
import { Alert, type Fault } from '../alert.js';
import { Version } from '../cipherSuites.js';
import type { TlcpIdentity, VerifiedClient } from '../identity.js';
import { MASTER_SECRET_BYTES } from '../keySchedule.js';
import { certificateVector, encodeExchangePoint, parseEncryptedSecret, parseExchangePoint } from './messages.js';

/** The server's half of one exchange. */
export interface KeyExchangeHalf {
  /** of ServerKeyExchange, before the signature */
  readonly parameters: Uint8Array;
  /** what the signature covers after the random values of both hellos */
  readonly signed: Uint8Array;
  /** @param body of ClientKeyExchange. @returns 48 bytes */
  readSecret(body: Uint8Array, client: VerifiedClient | undefined): Uint8Array | Fault;
}

/** SM2's curve, by the numbers of RFC 8998, TASSL 1.1.1 and TASSL 1.0.2. Others mean X25519 by the last, which so is last. */
const Group = { standard: 41, tassl111: 249, tassl102: 29 } as const;

/**
 * The client encrypts the secret to the server's second certificate.
 *
 * Whatever is wrong with it, another secret takes its place, and the handshake ends where Finished does not fit: an answer
 * that told what was wrong would help to decrypt secrets of others (Bleichenbacher).
 * @param clientVersion of the hello, which the secret repeats
 */
export function encryptedExchange(
  { encryptionKey, encryptionCertificate }: TlcpIdentity,
  clientVersion: number,
  random: (length: number) => Uint8Array,
): KeyExchangeHalf {
  return {
    parameters: EMPTY_BYTES,
    signed: certificateVector(encryptionCertificate),
    readSecret: (body) => {
      const encrypted = parseEncryptedSecret(body);
      if (encrypted === undefined) return MALFORMED;
      const another = random(MASTER_SECRET_BYTES);
      const secret = sm2Decrypt(encrypted, encryptionKey, 'asn1');
      if (secret?.length !== MASTER_SECRET_BYTES) return another;
      const version = (secret[0]! << 8) | secret[1]!;
      return version === clientVersion ? secret : another;
    },
  };
}

/**
 * The key exchange of SM2 between the encryption keys of both sides. Its initiator is the server, who speaks first; but
 * with TASSL 1.0.2, which is known by its number of the curve, the client.
 * @param groups curves that the client names
 */
export function agreedExchange(
  { encryptionKey }: TlcpIdentity,
  version: Version,
  groups: readonly number[],
  random: (length: number) => Uint8Array,
): KeyExchangeHalf {
  const fallback = version === Version.tlcp ? Group.standard : Group.tassl102;
  const group = Object.values(Group).find((one) => groups.includes(one)) ?? fallback;
  const ephemeral = sm2EphemeralKey(random(32));
  const parameters = encodeExchangePoint(group, ephemeral.publicKey);
  const exchange = group === Group.tassl102 ? sm2ExchangeAsResponder : sm2ExchangeAsInitiator;
  return {
    parameters,
    signed: parameters,
    readSecret: (body, client) => {
      const point = parseExchangePoint(body);
      if (point === undefined || client?.encryptionKey === undefined) return MALFORMED;
      const own = { privateKey: encryptionKey, ephemeralPrivateKey: ephemeral.privateKey };
      const peer = { publicKey: client.encryptionKey, ephemeralPublicKey: point };
      return exchange(own, peer, MASTER_SECRET_BYTES)?.key ?? NOT_ON_CURVE;
    },
  };
}

const MALFORMED: Fault = { alert: Alert.decodeError, reason: 'malformed ClientKeyExchange' };
const NOT_ON_CURVE: Fault = {
  alert: Alert.illegalParameter,
  reason: 'the client sent a point that is not on the curve',
};
