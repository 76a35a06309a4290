import './promiseWithResolvers.js';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import type { Result } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import { noise } from '@libp2p/noise';
import type {
  ConnectionEncrypter,
  MessageStream,
  MultiaddrConnection,
  PeerId,
  SecureConnectionOptions,
  SecuredConnection,
} from '@libp2p/interface';
import type { AccessRefusal } from './accessList.js';
import type { CertificateReason, CertifiedNode } from '@menglian/certificates/verifyCertificateChain';
import type { HandshakeGuard } from './handshakeGuard.js';
import { HandshakeStream } from './handshakeStream.js';
import { HANDSHAKE_TIMEOUT_MS, MAX_CERTIFICATE_CHAIN_BYTES } from './limits.js';
import { nodeIdOfPeer } from './nodeKey.js';

/*
 * Noise, then certificates, before anything else runs on the connection. Each side sends, encrypted,
 *
 *   length  u16 big-endian   1 to 16,384
 *   chain   PEM text         own certificate first
 *
 * and after reading the other's one byte with its verdict (`VERDICTS`). A connection is handed out only when both verdicts
 * are `accepted`. The certificate's key must be the key that noise has proved: a copied certificate is worth nothing.
 * Decision: docs/adr/0005-node-links.md.
 */

export const ENCRYPTION_PROTOCOL = '/menglian/noise-certificates/1';

/** Why this node refuses the other one. */
export type OwnRefusal =
  | CertificateReason
  | AccessRefusal
  /** The certificate belongs to another key than the one that the other side holds. */
  | 'NotTheCertificatesKey'
  | 'BadChainLength'
  /** The own address, by another name. */
  | 'SelfConnection';

/** `RefusedByPeer…`: the other side's verdict. `HandshakeFailed`: closed, too slow, or not our protocol. */
export type HandshakeRefusal =
  | OwnRefusal
  | 'RefusedByPeerCertificate'
  | 'RefusedByPeerDenyList'
  | 'RefusedByPeerAllowList'
  | 'RefusedByPeer'
  | 'HandshakeFailed';

const VERDICTS = ['accepted', 'certificate', 'deny-list', 'allow-list'] as const;
type Verdict = (typeof VERDICTS)[number];

const REFUSAL_BY_VERDICT: Readonly<Record<Exclude<Verdict, 'accepted'>, HandshakeRefusal>> = {
  certificate: 'RefusedByPeerCertificate',
  'deny-list': 'RefusedByPeerDenyList',
  'allow-list': 'RefusedByPeerAllowList',
};

export interface Handshake {
  readonly peerId: PeerId;
  readonly node: CertifiedNode;
  /** The PEM text that was verified, to verify again while the connection lasts. */
  readonly chain: string;
}

export interface CertificateEncrypterOptions {
  readonly ownNodeId: NodeId;
  /** Text of `node.crt`. */
  readonly certificateChain: string;
  readonly guard: HandshakeGuard;
  verify(chain: string): Result<CertifiedNode, CertificateReason>;
  refusal(nodeId: NodeId): AccessRefusal | undefined;
  onAccepted(handshake: Handshake): void;
  /** @param remoteAddress multiaddr in text */
  onRefused(remoteAddress: string, direction: 'inbound' | 'outbound', reason: HandshakeRefusal, detail: string): void;
}

class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly reason: HandshakeRefusal) {
    super(`refused: ${reason}`);
  }
}

type NoiseComponents = Parameters<ReturnType<typeof noise>>[0];

/** Factory of the connection encrypter for `createLibp2p`. */
export function certificateEncrypter(
  options: CertificateEncrypterOptions,
): (components: NoiseComponents) => ConnectionEncrypter {
  const createNoise = noise();
  return (components) => new CertificateEncrypter(createNoise(components), options);
}

class CertificateEncrypter implements ConnectionEncrypter {
  readonly protocol = ENCRYPTION_PROTOCOL;
  readonly #noise: ConnectionEncrypter;
  readonly #options: CertificateEncrypterOptions;

  constructor(inner: ConnectionEncrypter, options: CertificateEncrypterOptions) {
    this.#noise = inner;
    this.#options = options;
  }

  secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#secure(connection, 'outbound', options);
  }

  secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#secure(connection, 'inbound', options);
  }

  async #secure(
    connection: MessageStream,
    direction: 'inbound' | 'outbound',
    options: SecureConnectionOptions,
  ): Promise<SecuredConnection> {
    const timeout = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    this.#options.guard.handshakeBegins(connection);
    try {
      const bounded = { ...options, signal };
      const secured = await (direction === 'outbound'
        ? this.#noise.secureOutbound(connection, bounded)
        : this.#noise.secureInbound(connection, bounded));
      this.#options.onAccepted(await this.#exchange(secured.connection, secured.remotePeer, signal));
      this.#options.guard.accepted(connection);
      return secured;
    } catch (error) {
      const reason = error instanceof Refusal ? error.reason : 'HandshakeFailed';
      const detail = error instanceof Error ? error.message : String(error);
      this.#options.onRefused(remoteAddressOf(connection), direction, reason, detail);
      throw error;
    }
  }

  async #exchange(connection: MessageStream, peerId: PeerId, signal: AbortSignal): Promise<Handshake> {
    const stream = new HandshakeStream(connection, signal);
    try {
      const own = utf8Bytes(this.#options.certificateChain);
      connection.send(new Uint8Array([own.length >>> 8, own.length & 0xff, ...own]));
      const [high, low] = await stream.read(2);
      const length = high! * 256 + low!;
      if (length === 0 || length > MAX_CERTIFICATE_CHAIN_BYTES) throw await this.#refuse(connection, 'BadChainLength');
      const chain = utf8Text(await stream.read(length));
      const judged = this.#judge(chain, peerId);
      if (typeof judged === 'string') throw await this.#refuse(connection, judged);
      connection.send(verdictByte('accepted'));
      const [answer] = await stream.read(1);
      const verdict = VERDICTS[answer!];
      if (verdict !== 'accepted') {
        throw new Refusal(verdict === undefined ? 'RefusedByPeer' : REFUSAL_BY_VERDICT[verdict]);
      }
      return { peerId, node: judged, chain };
    } finally {
      stream.release();
    }
  }

  #judge(chain: string, peerId: PeerId): CertifiedNode | OwnRefusal {
    const verified = this.#options.verify(chain);
    if (!verified.ok) return verified.reason;
    const { nodeId } = verified.value;
    if (nodeId !== nodeIdOfPeer(peerId)) return 'NotTheCertificatesKey';
    if (nodeId === this.#options.ownNodeId) return 'SelfConnection';
    return this.#options.refusal(nodeId) ?? verified.value;
  }

  /** Tells the other side why, as far as that helps its operator, and waits until the byte has left. */
  async #refuse(connection: MessageStream, reason: OwnRefusal): Promise<Refusal> {
    const verdict = reason === 'OnDenyList' ? 'deny-list' : reason === 'NotOnAllowList' ? 'allow-list' : 'certificate';
    try {
      connection.send(verdictByte(verdict));
      await connection.close({ signal: AbortSignal.timeout(1_000) });
    } catch {
      // It closed first: nobody is left to tell.
    }
    return new Refusal(reason);
  }
}

function verdictByte(verdict: Verdict): Uint8Array {
  return new Uint8Array([VERDICTS.indexOf(verdict)]);
}

/** libp2p hands encrypters the connection of the transport, whose type it does not promise. */
function remoteAddressOf(connection: MessageStream): string {
  return (connection as Partial<MultiaddrConnection>).remoteAddr?.toString() ?? '';
}
