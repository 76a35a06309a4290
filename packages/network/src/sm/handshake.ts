import { concatBytes, equalBytes, fromBigInt, fromHex, toBigInt, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import type { CertifiedNode } from '@menglian/certificates/verifyCertificateChain';
import { equalSecrets } from '@menglian/crypto/constantTime';
import { SM2_PUBLIC_KEY_BYTES, SM2_SIGNATURE_BYTES, sm2SignAs, sm2Verify } from '@menglian/crypto/sm2';
import { decodeSm2Point } from '@menglian/crypto/sm2Curve';
import type { NodeId } from '@menglian/types/address';
import { ACCEPTED, Refusal, refusalOfVerdict, verdictByte, type OwnRefusal } from '../admission.js';
import { MAX_CERTIFICATE_CHAIN_BYTES } from '../limits.js';
import {
  extractSecret,
  finishedMac,
  handshakeSecrets,
  SM_LINK_PROTOCOL,
  Transcript,
  trafficSecrets,
  type Role,
  type Secrets,
} from './keySchedule.js';
import { HEADER_BYTES, RecordOpener, RecordSealer } from './records.js';
import { TAG_BYTES } from './smLimits.js';

/*
 * The handshake of docs/links-sm.md, section 3: ephemeral SM2 keys first, then each side proves under them, the
 * responder first, that it holds the key of its certificate, and both end with the same transcript. SIGMA-I in the form
 * of TLS 1.3.
 */

const MAC_BYTES = 32;
const CHAIN_LENGTH_BYTES = 2;
const PROOF_BYTES = SM2_SIGNATURE_BYTES + MAC_BYTES;
const VERDICT_BYTES = 1;

/** Content of the longest record of a handshake: the verdict about the other side, the own chain, and its proof. */
const IDENTITY_BYTES_MAX = VERDICT_BYTES + CHAIN_LENGTH_BYTES + MAX_CERTIFICATE_CHAIN_BYTES + PROOF_BYTES;

/** The signer's identity in Z: no signature made for anything else holds here, and none made here holds elsewhere. */
const SIGNER_ID = utf8Bytes(SM_LINK_PROTOCOL);

/** What the handshake needs of a connection. */
export interface HandshakeConnection {
  send(bytes: Uint8Array): void;
  /** @throws when the connection ends before */
  read(length: number): Promise<Uint8Array>;
}

export interface HandshakeParty {
  /** 32 bytes, of the own certificate */
  readonly privateKey: Uint8Array;
  /** 64 bytes X ‖ Y */
  readonly publicKey: Uint8Array;
  /** Text of the own certificate file. */
  readonly certificateChain: string;
  /** A key that is used once, and from nothing else. */
  readonly ephemeral: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  /** 32 random bytes, mixed into the nonce of the signature; without them it is the same for the same transcript. */
  readonly entropy?: Uint8Array;
  verify(chain: string): CertifiedNode | OwnRefusal;
  refusal(nodeId: NodeId): OwnRefusal | undefined;
}

export interface Established {
  readonly node: CertifiedNode;
  /** The PEM text that was verified. */
  readonly chain: string;
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}

interface ProvedChain {
  readonly node: CertifiedNode;
  readonly chain: string;
}

/** @throws Refusal, or what the connection throws */
export async function initiate(connection: HandshakeConnection, party: HandshakeParty): Promise<Established> {
  connection.send(lengthPrefixed(party.ephemeral.publicKey));
  const exchange = new Exchange('initiator', party, await readEphemeralKey(connection));

  const content = await exchange.read(connection);
  if (content[0] !== ACCEPTED) throw new Refusal('MalformedHandshake', 'the responder judged before it knew');
  const judged = exchange.judge(content);
  if (typeof judged === 'string') {
    // Says why, and does not say who it is.
    connection.send(exchange.seal(Uint8Array.of(verdictByte(judged))));
    throw new Refusal(judged);
  }
  connection.send(exchange.seal(exchange.identity()));
  const { sealer, opener } = exchange.traffic();
  const [verdict, ...more] = await readRecord(connection, opener, VERDICT_BYTES);
  if (verdict === undefined || more.length > 0) throw new Refusal('MalformedHandshake', 'a verdict is one byte');
  const refusal = refusalOfVerdict(verdict);
  if (refusal !== undefined) throw new Refusal(refusal);
  return { ...judged, sealer, opener };
}

/** @throws Refusal, or what the connection throws */
export async function respond(connection: HandshakeConnection, party: HandshakeParty): Promise<Established> {
  const exchange = new Exchange('responder', party, await readEphemeralKey(connection));
  connection.send(concatBytes(lengthPrefixed(party.ephemeral.publicKey), exchange.seal(exchange.identity())));

  const content = await exchange.read(connection);
  if (content[0] !== ACCEPTED) {
    const refusal = content.length === VERDICT_BYTES ? refusalOfVerdict(content[0]!) : undefined;
    throw new Refusal(refusal ?? 'MalformedHandshake');
  }
  const judged = exchange.judge(content);
  const { sealer, opener } = exchange.traffic();
  connection.send(sealer.seal(Uint8Array.of(typeof judged === 'string' ? verdictByte(judged) : ACCEPTED)));
  if (typeof judged === 'string') throw new Refusal(judged);
  return { ...judged, sealer, opener };
}

/** One side from the moment on at which it knows both ephemeral keys. */
class Exchange {
  readonly #role: Role;
  readonly #party: HandshakeParty;
  readonly #transcript = new Transcript();
  readonly #secret: Uint8Array;
  readonly #secrets: Secrets;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;

  constructor(role: Role, party: HandshakeParty, remoteKey: Uint8Array) {
    const ownKey = party.ephemeral.publicKey;
    this.#role = role;
    this.#party = party;
    this.#secret = extractSecret(sharedX(party.ephemeral, remoteKey));
    this.#transcript.append(role === 'initiator' ? ownKey : remoteKey);
    this.#secrets = handshakeSecrets(this.#secret, this.#transcript.append(role === 'initiator' ? remoteKey : ownKey));
    this.#sealer = new RecordSealer(this.#secrets[role]);
    this.#opener = new RecordOpener(this.#secrets[otherOf(role)]);
  }

  seal(content: Uint8Array): Uint8Array {
    return this.#sealer.seal(content);
  }

  /** @returns at least one byte. @throws Refusal */
  read(connection: HandshakeConnection): Promise<Uint8Array> {
    return readRecord(connection, this.#opener, IDENTITY_BYTES_MAX);
  }

  /** Content of the own record: verdict about the other side, length and text of the chain, signature, mac. */
  identity(): Uint8Array {
    const { privateKey, publicKey, certificateChain, entropy } = this.#party;
    const text = utf8Bytes(certificateChain);
    const chain = lengthPrefixed(text);
    const signed = signedBytes(this.#role, this.#transcript.append(chain));
    const signature = sm2SignAs(signed, privateKey, publicKey, SIGNER_ID, entropy);
    const mac = finishedMac(this.#secrets[this.#role], this.#transcript.append(signature));
    this.#transcript.append(mac);
    return concatBytes(Uint8Array.of(ACCEPTED), chain, signature, mac);
  }

  /** Reads the other side's `identity`. @throws Refusal when it is none, or none of this handshake */
  judge(content: Uint8Array): ProvedChain | OwnRefusal {
    const chainBytes = content.length - VERDICT_BYTES - CHAIN_LENGTH_BYTES - PROOF_BYTES;
    if (chainBytes < 0) throw new Refusal('MalformedHandshake', 'a record is too short to tell who sent it');
    const chain = content.subarray(VERDICT_BYTES, VERDICT_BYTES + CHAIN_LENGTH_BYTES + chainBytes);
    const proof = content.subarray(content.length - PROOF_BYTES);
    const signature = proof.subarray(0, SM2_SIGNATURE_BYTES);
    const mac = proof.subarray(SM2_SIGNATURE_BYTES);
    const role = otherOf(this.#role);
    const signed = signedBytes(role, this.#transcript.append(chain));
    const macked = this.#transcript.append(signature);
    this.#transcript.append(mac);
    // Cheap, and whoever fails here need not be listened to.
    if (!equalSecrets(mac, finishedMac(this.#secrets[role], macked))) {
      throw new Refusal('HandshakeNotAuthentic', 'the other side has seen another handshake');
    }
    if (chain[0]! * 256 + chain[1]! !== chainBytes || chainBytes === 0) return 'BadChainLength';
    const text = utf8Text(chain.subarray(CHAIN_LENGTH_BYTES));
    const node = this.#party.verify(text);
    if (typeof node === 'string') return node;
    const key = fromHex(node.nodeId);
    if (!sm2Verify(signed, signature, key, SIGNER_ID)) return 'NotTheCertificatesKey';
    return this.#party.refusal(node.nodeId) ?? { node, chain: text };
  }

  /** When both identities are in the transcript. */
  traffic(): Pick<Established, 'sealer' | 'opener'> {
    const secrets = trafficSecrets(this.#secret, this.#transcript.hash());
    return {
      sealer: new RecordSealer(secrets[this.#role]),
      opener: new RecordOpener(secrets[otherOf(this.#role)]),
    };
  }
}

/** u16 length ‖ bytes */
function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(bytes.length >>> 8, bytes.length & 0xff), bytes);
}

function otherOf(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

/** What a side signs, so that neither can be taken for the other: role ‖ 0 ‖ hash of the transcript with its chain. */
function signedBytes(role: Role, transcriptHash: Uint8Array): Uint8Array {
  return concatBytes(utf8Bytes(role), Uint8Array.of(0), transcriptHash);
}

async function readEphemeralKey(connection: HandshakeConnection): Promise<Uint8Array> {
  const length = lengthOf(await connection.read(HEADER_BYTES));
  if (length !== SM2_PUBLIC_KEY_BYTES) {
    throw new Refusal('MalformedHandshake', `an ephemeral key has ${SM2_PUBLIC_KEY_BYTES} bytes, not ${length}`);
  }
  return (await connection.read(length)).slice();
}

async function readRecord(
  connection: HandshakeConnection,
  opener: RecordOpener,
  contentBytesMax: number,
): Promise<Uint8Array> {
  const header = (await connection.read(HEADER_BYTES)).slice();
  const length = lengthOf(header);
  if (length <= TAG_BYTES || length > contentBytesMax + TAG_BYTES) {
    throw new Refusal('MalformedHandshake', `a record of ${length} bytes has no place in the handshake`);
  }
  const content = opener.open(concatBytes(header, await connection.read(length)));
  if (content === undefined) {
    throw new Refusal('HandshakeNotAuthentic', 'a record was not sealed with the keys of this handshake');
  }
  return content;
}

function lengthOf(header: Uint8Array): number {
  return header[0]! * 256 + header[1]!;
}

/** @returns x of the product, 32 bytes; the cofactor is 1, so no point of the curve gives away anything of the key */
function sharedX(own: HandshakeParty['ephemeral'], remoteKey: Uint8Array): Uint8Array {
  if (equalBytes(remoteKey, own.publicKey)) throw new Refusal('BadEphemeralKey', 'the own key came back');
  const point = decodeSm2Point(remoteKey);
  if (point === undefined) throw new Refusal('BadEphemeralKey', 'the ephemeral key is no point of the curve');
  return fromBigInt(point.multiply(toBigInt(own.privateKey)).toAffine().x, 32);
}
