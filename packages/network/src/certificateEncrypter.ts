import './promiseWithResolvers.js';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import type { CertifiedNode } from '@menglian/certificates/verifyCertificateChain';
import { noise } from '@libp2p/noise';
import type {
  ConnectionEncrypter,
  MessageStream,
  PeerId,
  SecureConnectionOptions,
  SecuredConnection,
} from '@libp2p/interface';
import {
  ACCEPTED,
  AdmittingEncrypter,
  closeAfterRefusal,
  judgeNode,
  Refusal,
  refusalOfVerdict,
  verdictByte,
  type AdmissionOptions,
  type Handshake,
  type OwnRefusal,
} from './admission.js';
import { HandshakeStream } from './handshakeStream.js';
import { MAX_CERTIFICATE_CHAIN_BYTES } from './limits.js';
import { nodeIdOfPeer } from './nodeKey.js';

/*
 * Noise, then certificates, before anything else runs on the connection. Each side sends, encrypted,
 *
 *   length  u16 big-endian   1 to 16,384
 *   chain   PEM text         own certificate first
 *
 * and after reading the other's one byte with its verdict (`admission.ts`). A connection is handed out only when both
 * verdicts are `accepted`. The certificate's key must be the key that noise has proved: a copied certificate is worth
 * nothing. Decision: docs/adr/0005-node-links.md.
 */

export const ENCRYPTION_PROTOCOL = '/menglian/noise-certificates/1';

type NoiseComponents = Parameters<ReturnType<typeof noise>>[0];

/** Factory of the connection encrypter for `createLibp2p`. */
export function certificateEncrypter(options: AdmissionOptions): (components: NoiseComponents) => ConnectionEncrypter {
  const createNoise = noise();
  return (components) => new CertificateEncrypter(createNoise(components), options);
}

class CertificateEncrypter extends AdmittingEncrypter {
  readonly protocol = ENCRYPTION_PROTOCOL;
  readonly #noise: ConnectionEncrypter;

  constructor(inner: ConnectionEncrypter, options: AdmissionOptions) {
    super(options);
    this.#noise = inner;
  }

  protected async handshake(
    connection: MessageStream,
    direction: 'inbound' | 'outbound',
    options: SecureConnectionOptions & { readonly signal: AbortSignal },
  ): Promise<{ secured: SecuredConnection; handshake: Handshake }> {
    const secured = await (direction === 'outbound'
      ? this.#noise.secureOutbound(connection, options)
      : this.#noise.secureInbound(connection, options));
    const handshake = await this.#exchange(secured.connection, secured.remotePeer, options.signal);
    return { secured, handshake };
  }

  async #exchange(connection: MessageStream, peerId: PeerId, signal: AbortSignal): Promise<Handshake> {
    const stream = new HandshakeStream(connection, signal);
    try {
      const own = utf8Bytes(this.options.certificateChain);
      connection.send(new Uint8Array([own.length >>> 8, own.length & 0xff, ...own]));
      const [high, low] = await stream.read(2);
      const length = high! * 256 + low!;
      if (length === 0 || length > MAX_CERTIFICATE_CHAIN_BYTES) throw await refuse(connection, 'BadChainLength');
      const chain = utf8Text(await stream.read(length));
      const judged = this.#judge(chain, peerId);
      if (typeof judged === 'string') throw await refuse(connection, judged);
      connection.send(Uint8Array.of(ACCEPTED));
      const [answer] = await stream.read(1);
      const refusal = refusalOfVerdict(answer!);
      if (refusal !== undefined) throw new Refusal(refusal);
      return { peerId, node: judged, chain };
    } finally {
      stream.release();
    }
  }

  #judge(chain: string, peerId: PeerId): CertifiedNode | OwnRefusal {
    const verified = this.options.verify(chain);
    if (!verified.ok) return verified.reason;
    const { algorithm, nodeId } = verified.value;
    if (algorithm !== 'secp256k1') return 'WrongKeyAlgorithm';
    if (nodeId !== nodeIdOfPeer(peerId)) return 'NotTheCertificatesKey';
    return judgeNode(this.options, nodeId) ?? verified.value;
  }
}

/** Tells the other side why, and waits until the byte has left. */
async function refuse(connection: MessageStream, reason: OwnRefusal): Promise<Refusal> {
  try {
    connection.send(Uint8Array.of(verdictByte(reason)));
  } catch {
    // It closed first.
  }
  await closeAfterRefusal(connection);
  return new Refusal(reason);
}
