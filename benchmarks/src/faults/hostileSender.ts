import { fromHex } from '@menglian/base/bytes';
import type { ConsensusCrypto } from '@menglian/consensus-core/ports';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { NodeFiles } from '@menglian/node/nodeFiles';
import type { NodeNetwork } from '@menglian/network/ports';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message } from '@menglian/pbft/messages';
import { heartbeatDigest, viewChangeDigest } from '@menglian/pbft/signing';

const TICK_MS = 5;
const FAR_VIEWS = 1_000_000;

interface HostileComponents {
  readonly suite: CryptoSuite;
  readonly broadcast: NodeNetwork['broadcast'];
}

/**
 * A voice with a sealer's key that asks for other views without pause, in every way in which others must look at it:
 * view changes for ever higher views, truly signed and falsely signed; requests for proofs of views; heartbeats that
 * speak of views far ahead. What it says of its head is true, so that nothing is thrown away for a cheap reason.
 */
export class HostileSender {
  readonly #broadcast: HostileComponents['broadcast'];
  readonly #crypto: ConsensusCrypto;
  readonly #group: { readonly chainId: bigint; readonly groupId: number };
  readonly #others: readonly string[];
  readonly #signer: number;
  #head: { readonly height: number; readonly hash: Uint8Array; readonly epoch: number } | undefined;
  #view = 1;
  #turn = 0;
  #sent = 0;

  constructor({ config, identity, groups }: NodeFiles, { suite, broadcast }: HostileComponents) {
    const { genesis } = groups[0]!;
    const sealers = genesis.sealers.toSorted();
    this.#broadcast = broadcast;
    this.#group = { chainId: BigInt(config.chainId), groupId: genesis.groupId };
    this.#others = sealers.filter((nodeId) => nodeId !== identity.nodeId);
    this.#signer = sealers.indexOf(identity.nodeId);
    this.#crypto = {
      hash: (data) => suite.hash(data),
      sign: (digest) => suite.sign(digest, identity.privateKey),
      verify: (nodeId, digest, signature) => suite.verify(digest, signature, fromHex(nodeId)),
    };
  }

  /** @param perSecond messages to each of the others */
  start(perSecond: number): void {
    const startedAtMs = performance.now();
    setInterval(() => {
      if (this.#head === undefined) return;
      const owed = ((performance.now() - startedAtMs) * perSecond) / 1000 - this.#sent;
      // After a pause of the process there is no catching up: that would be a burst, not a rate.
      for (let left = Math.min(owed, (perSecond * TICK_MS) / 250); left >= 1; left--) this.#send();
    }, TICK_MS);
    setInterval(() => process.stdout.write(`hostile messages: ${this.#sent}\n`), 1000);
  }

  /** Heartbeats of others tell where they are. */
  onMessage(payload: Uint8Array): void {
    const decoded = decodeMessage(payload);
    if (!decoded.ok || decoded.value.kind !== 'heartbeat') return;
    const { height, hash, epoch, view } = decoded.value;
    if (height >= (this.#head?.height ?? 0)) this.#head = { height, hash, epoch };
    this.#view = Math.max(this.#view, view);
  }

  #send(): void {
    this.#sent++;
    const channel = { group: this.#group.groupId, module: 'consensus' } as const;
    this.#broadcast(channel, encodeMessage(this.#nextMessage()), this.#others);
  }

  #nextMessage(): Message {
    switch (this.#turn++ % 8) {
      case 0:
        return { kind: 'newViewRequest', epoch: this.#head!.epoch, view: 0 };
      case 1:
        return this.#heartbeat();
      case 2:
        return this.#viewChange(false);
      default:
        return this.#viewChange(true);
    }
  }

  #viewChange(isSigned: boolean): Message {
    const { height, hash, epoch } = this.#head!;
    const view = ++this.#view;
    const content = { epoch, view, headHeight: height, headHash: hash, claims: [], signer: this.#signer };
    const digest = viewChangeDigest(this.#crypto, this.#group, content);
    const signature = isSigned ? this.#crypto.sign(digest) : new Uint8Array(65).fill(view & 0xff);
    return { kind: 'viewChange', statement: { ...content, signature }, proofs: [] };
  }

  #heartbeat(): Message {
    const view = this.#view + FAR_VIEWS;
    const content = { kind: 'heartbeat', ...this.#head!, view, toView: view } as const;
    return { ...content, signature: this.#crypto.sign(heartbeatDigest(this.#crypto, this.#group, content)) };
  }
}
