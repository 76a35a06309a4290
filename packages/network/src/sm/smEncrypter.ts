import { randomBytes } from 'node:crypto';
import { fromHex } from '@menglian/base/bytes';
import { sm2EphemeralKey } from '@menglian/crypto/sm2KeyExchange';
import type {
  ConnectionEncrypter,
  MessageStream,
  SecureConnectionOptions,
  SecuredConnection,
  Upgrader,
} from '@libp2p/interface';
import {
  AdmittingEncrypter,
  closeAfterRefusal,
  judgeNode,
  Refusal,
  type AdmissionOptions,
  type Handshake,
} from '../admission.js';
import { HandshakeStream } from '../handshakeStream.js';
import { initiate, respond, type HandshakeParty } from './handshake.js';
import { SM_LINK_PROTOCOL } from './keySchedule.js';
import { SmMessageStream } from './smMessageStream.js';
import { smPeerId } from './smPeerId.js';

const RANDOMNESS_BYTES = 32;

export interface SmEncrypterOptions extends AdmissionOptions {
  /** 32 bytes, of the signing certificate */
  readonly privateKey: Uint8Array;
}

interface Components {
  readonly upgrader: Pick<Upgrader, 'getStreamMuxers'>;
}

/** Factory of the connection encrypter of SM chains for `createLibp2p`. The protocol: docs/links-sm.md. */
export function smEncrypter(options: SmEncrypterOptions): (components: Components) => ConnectionEncrypter {
  return (components) => new SmEncrypter(options, components);
}

class SmEncrypter extends AdmittingEncrypter {
  readonly protocol = SM_LINK_PROTOCOL;
  readonly #privateKey: Uint8Array;
  readonly #components: Components;

  constructor(options: SmEncrypterOptions, components: Components) {
    super(options);
    this.#privateKey = options.privateKey;
    this.#components = components;
  }

  protected async handshake(
    connection: MessageStream,
    direction: 'inbound' | 'outbound',
    { signal }: SecureConnectionOptions & { readonly signal: AbortSignal },
  ): Promise<{ secured: SecuredConnection; handshake: Handshake }> {
    const stream = new HandshakeStream(connection, signal);
    const link = {
      send: (bytes: Uint8Array) => void connection.send(bytes),
      read: (length: number) => stream.read(length),
    };
    try {
      const established = await (direction === 'outbound' ? initiate : respond)(link, this.#party());
      // Without a pause between them, so that no byte comes in between.
      stream.release();
      const secured = new SmMessageStream(connection, established.sealer, established.opener);
      const peerId = smPeerId(established.node.nodeId);
      const [streamMuxer] = this.#components.upgrader.getStreamMuxers().values();
      return {
        secured: { connection: secured, remotePeer: peerId, ...(streamMuxer !== undefined && { streamMuxer }) },
        handshake: { ...established, peerId, fault: () => secured.fault },
      };
    } catch (error) {
      stream.release();
      if (error instanceof Refusal) await closeAfterRefusal(connection);
      throw error;
    }
  }

  #party(): HandshakeParty {
    const { ownNodeId, certificateChain, verify } = this.options;
    return {
      privateKey: this.#privateKey,
      publicKey: fromHex(ownNodeId),
      certificateChain,
      ephemeral: sm2EphemeralKey(randomBytes(RANDOMNESS_BYTES)),
      entropy: randomBytes(RANDOMNESS_BYTES),
      verify: (chain) => {
        const verified = verify(chain);
        if (!verified.ok) return verified.reason;
        return verified.value.algorithm === 'sm2' ? verified.value : 'WrongKeyAlgorithm';
      },
      refusal: (nodeId) => judgeNode(this.options, nodeId),
    };
  }
}
