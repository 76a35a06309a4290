import './promiseWithResolvers.js';
import type { Result } from '@menglian/base/result';
import type { CertificateReason } from '@menglian/certificates/certificateReason';
import type { CertifiedNode } from '@menglian/certificates/verifyCertificateChain';
import type { NodeId } from '@menglian/types/address';
import type {
  ConnectionEncrypter,
  MessageStream,
  MultiaddrConnection,
  PeerId,
  SecureConnectionOptions,
  SecuredConnection,
} from '@libp2p/interface';
import type { AccessRefusal } from './accessList.js';
import type { HandshakeGuard } from './handshakeGuard.js';
import { HANDSHAKE_TIMEOUT_MS } from './limits.js';
import type { LinkFault } from './sm/smMessageStream.js';

/*
 * What both kinds of links have in common: who is let in, what the two sides tell each other about it, and what is
 * counted, timed and reported while they find out. Decision: docs/adr/0005-node-links.md.
 */

/** Why this node refuses the other one. */
export type OwnRefusal =
  | CertificateReason
  | AccessRefusal
  /** The certificate belongs to another key than the one that the other side holds. */
  | 'NotTheCertificatesKey'
  /** The certificate's key is none of the algorithm that links of this chain are made with. */
  | 'WrongKeyAlgorithm'
  | 'BadChainLength'
  /** The own address, by another name. */
  | 'SelfConnection';

/** What is wrong with the bytes of a handshake themselves; there is nobody to tell. */
export type HandshakeFault =
  /** A length or a first byte that the handshake does not have at this place. */
  | 'MalformedHandshake'
  /** No point of the curve, or the own one sent back. */
  | 'BadEphemeralKey'
  /** Changed on the way, replayed, or made by someone who does not know the keys of this handshake. */
  | 'HandshakeNotAuthentic';

/** `RefusedByPeer…`: the other side's verdict. `HandshakeFailed`: closed, too slow, or not our protocol. */
export type HandshakeRefusal =
  | OwnRefusal
  | HandshakeFault
  | 'RefusedByPeerCertificate'
  | 'RefusedByPeerDenyList'
  | 'RefusedByPeerAllowList'
  | 'RefusedByPeer'
  | 'HandshakeFailed';

/** A verdict is one byte on the wire: its place in this list. */
const VERDICTS = ['accepted', 'certificate', 'deny-list', 'allow-list', 'self'] as const;
type Verdict = (typeof VERDICTS)[number];

export const ACCEPTED = VERDICTS.indexOf('accepted');

const REFUSAL_BY_VERDICT: Readonly<Record<Exclude<Verdict, 'accepted'>, HandshakeRefusal>> = {
  certificate: 'RefusedByPeerCertificate',
  'deny-list': 'RefusedByPeerDenyList',
  'allow-list': 'RefusedByPeerAllowList',
  self: 'SelfConnection',
};

/** @returns what tells the other side why, as far as that helps its operator */
export function verdictByte(reason: OwnRefusal): number {
  switch (reason) {
    case 'OnDenyList':
      return VERDICTS.indexOf('deny-list');
    case 'NotOnAllowList':
      return VERDICTS.indexOf('allow-list');
    case 'SelfConnection':
      return VERDICTS.indexOf('self');
    default:
      return VERDICTS.indexOf('certificate');
  }
}

/** @returns undefined when the other side has accepted */
export function refusalOfVerdict(byte: number): HandshakeRefusal | undefined {
  const verdict = VERDICTS[byte];
  if (verdict === 'accepted') return undefined;
  return verdict === undefined ? 'RefusedByPeer' : REFUSAL_BY_VERDICT[verdict];
}

/** Ends a handshake. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly reason: HandshakeRefusal,
    detail = `refused: ${reason}`,
  ) {
    super(detail);
  }
}

export interface Handshake {
  readonly peerId: PeerId;
  readonly node: CertifiedNode;
  /** The PEM text that was verified, to verify again while the connection lasts. */
  readonly chain: string;
  /** What was wrong with the connection when it ended, where its encryption can tell. */
  fault?(): LinkFault | undefined;
}

export interface AdmissionOptions {
  readonly ownNodeId: NodeId;
  /** Text of the node's certificate file. */
  readonly certificateChain: string;
  readonly guard: HandshakeGuard;
  verify(chain: string): Result<CertifiedNode, CertificateReason>;
  refusal(nodeId: NodeId): AccessRefusal | undefined;
  onAccepted(handshake: Handshake): void;
  /** @param remoteAddress multiaddr in text */
  onRefused(remoteAddress: string, direction: 'inbound' | 'outbound', reason: HandshakeRefusal, detail: string): void;
}

/** The last question, when the key is proved. */
export function judgeNode(options: AdmissionOptions, nodeId: NodeId): OwnRefusal | undefined {
  return nodeId === options.ownNodeId ? 'SelfConnection' : options.refusal(nodeId);
}

/** A connection encrypter that times, counts and reports its handshakes. */
export abstract class AdmittingEncrypter implements ConnectionEncrypter {
  abstract readonly protocol: string;
  protected readonly options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.options = options;
  }

  /** @throws Refusal, or any error when the connection fails. @returns what libp2p gets, and who it is */
  protected abstract handshake(
    connection: MessageStream,
    direction: 'inbound' | 'outbound',
    options: SecureConnectionOptions & { readonly signal: AbortSignal },
  ): Promise<{ readonly secured: SecuredConnection; readonly handshake: Handshake }>;

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
    const { guard, onAccepted, onRefused } = this.options;
    guard.handshakeBegins(connection);
    try {
      const { secured, handshake } = await this.handshake(connection, direction, { ...options, signal });
      onAccepted(handshake);
      guard.accepted(connection);
      return secured;
    } catch (error) {
      const reason = error instanceof Refusal ? error.reason : 'HandshakeFailed';
      const detail = error instanceof Error ? error.message : String(error);
      onRefused(remoteAddressOf(connection), direction, reason, detail);
      throw error;
    }
  }
}

/** Closes after what was sent has left: so the other side reads why. */
export async function closeAfterRefusal(connection: MessageStream): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(1_000) });
  } catch {
    // It closed first: nobody is left to tell.
  }
}

/** libp2p hands encrypters the connection of the transport, whose type it does not promise. */
function remoteAddressOf(connection: MessageStream): string {
  return (connection as Partial<MultiaddrConnection>).remoteAddr?.toString() ?? '';
}
