import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NodeId } from '@menglian/types/address';
import { multiaddr } from '@multiformats/multiaddr';
import type { Connection, PeerId } from '@libp2p/interface';
import type { Libp2p } from 'libp2p';
import { AccessPolicy, type AccessLists } from './accessList.js';
import { formatHostPort, isOwnAddress, type HostPort } from './addresses.js';
import type { Handshake, HandshakeRefusal } from './admission.js';
import { verifyCertificateChain } from '@menglian/certificates/verifyCertificateChain';
import { Dialer } from './dialer.js';
import { createHost, formatMultiaddr, multiaddrText, startHost } from './libp2pHost.js';
import {
  CERTIFICATE_RECHECK_MS,
  HEARTBEAT_INTERVAL_MS,
  LINK_SETUP_TIMEOUT_MS,
  MAX_REFUSALS_REPORTED,
  MODULES,
} from './limits.js';
import type { NetworkEvent } from './networkEvent.js';
import type { NodeKey } from './nodeKey.js';
import { PeerLink, type LinkEnd } from './peerLink.js';
import { PeerTable } from './peerTable.js';
import type { NetworkModule, PeerEvent } from './ports.js';

const PROTOCOLS: Readonly<Record<NetworkModule, string>> = {
  consensus: '/menglian/consensus/1',
  sync: '/menglian/sync/1',
  transactions: '/menglian/transactions/1',
  amop: '/menglian/amop/1',
};

export interface LinkServiceOptions {
  readonly listen: HostPort;
  readonly peers: readonly HostPort[];
  readonly key: NodeKey;
  readonly certificatePem: string;
  readonly authorityPems: readonly string[];
  readonly access: AccessLists;
  nowMs(): number;
  onEvent(event: NetworkEvent): void;
  onPeer(event: PeerEvent): void;
  onMessage(from: NodeId, module: NetworkModule, group: number, payload: Uint8Array): void;
}

/** The links of a node from one start to the stop that follows: makes them, watches them, ends them. */
export class LinkService {
  readonly table: PeerTable;
  readonly #options: LinkServiceOptions;
  readonly #dialer: Dialer;
  /** Accepted handshakes by the object that each of them gave libp2p as the name of the peer. */
  readonly #handshakes = new WeakMap<PeerId, Handshake>();
  /** Every connection that has opened, with the chain it showed. */
  readonly #links = new Map<Connection, { readonly link: PeerLink; readonly chain: string }>();
  /** Why a connection that is being dialled was refused, by multiaddr. */
  readonly #outboundRefusals = new Map<string, HandshakeRefusal>();
  #access: AccessPolicy;
  #host: Libp2p | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #recheck: NodeJS.Timeout | undefined;
  #reportedRefusals = 0;
  #suppressedRefusals = 0;
  #address: HostPort | undefined;

  constructor(options: LinkServiceOptions) {
    this.#options = options;
    this.#access = new AccessPolicy(options.access);
    this.table = new PeerTable(options.key.nodeId, options.onPeer);
    this.#dialer = new Dialer({
      connect: (host, port) => this.#connect(host, port),
      isUp: (nodeId) => this.table.has(nodeId),
      onFailure: (address, reason, retryMs) => options.onEvent({ kind: 'dialFailed', address, reason, retryMs }),
    });
  }

  /** Listens and begins to dial. @returns where it listens. @throws NetworkError */
  async start(): Promise<HostPort> {
    const { listen, key, peers } = this.#options;
    const host = await createHost({
      listen,
      key,
      protocols: MODULES.map((module) => PROTOCOLS[module]),
      admission: {
        ownNodeId: key.nodeId,
        certificateChain: this.#options.certificatePem,
        verify: (chain) => this.#verify(chain),
        refusal: (nodeId) => this.#access.refusal(nodeId),
        onAccepted: (handshake) => this.#handshakes.set(handshake.peerId, handshake),
        onRefused: (address, direction, reason, detail) => this.#onRefused(address, direction, reason, detail),
      },
    });
    host.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail));
    for (const module of MODULES) {
      await host.handle(
        PROTOCOLS[module],
        (stream, connection) => {
          const entry = this.#links.get(connection);
          if (entry === undefined) stream.abort(new Error('the connection has no link'));
          else entry.link.attach(module, stream);
        },
        { maxInboundStreams: 1, maxOutboundStreams: 1 },
      );
    }
    this.#host = host;
    const address = await startHost(host, listen);
    this.#options.onEvent({ kind: 'listening', address: formatHostPort(address) });
    this.#heartbeat = setInterval(() => this.#tick(), HEARTBEAT_INTERVAL_MS);
    this.#recheck = setInterval(() => void this.#recheckPeersInTurns(), CERTIFICATE_RECHECK_MS);
    this.#address = address;
    this.#dialer.start(peers.filter((peer) => !isOwnAddress(peer, address)));
    return address;
  }

  async stop(): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    clearInterval(this.#heartbeat);
    clearInterval(this.#recheck);
    this.#dialer.stop();
    for (const { link } of this.#links.values()) link.end('Stopped');
    await host?.stop();
  }

  /** Replaces whom to dial. Links that are up stay. */
  setPeers(peers: readonly HostPort[]): void {
    const address = this.#address;
    if (address !== undefined) this.#dialer.set(peers.filter((peer) => !isOwnAddress(peer, address)));
  }

  /** Replaces deny and allow list and closes the links that they now refuse. */
  setAccess(lists: AccessLists): void {
    this.#access = new AccessPolicy(lists);
    this.#recheckPeers();
  }

  async #connect(host: string, port: number): Promise<NodeId | 'self'> {
    const target = multiaddr(multiaddrText({ host, port }));
    const address = target.toString();
    try {
      // Forced: which of two connections stays is PeerTable's to say.
      const connection = await this.#host!.dial(target, { force: true });
      return this.#handshakes.get(connection.remotePeer)!.node.nodeId;
    } catch (error) {
      const refusal = this.#outboundRefusals.get(address);
      if (refusal === 'SelfConnection') return 'self';
      // `HandshakeFailed` says less than the error that it stands for.
      if (refusal !== undefined && refusal !== 'HandshakeFailed') throw new Error(refusal, { cause: error });
      throw isOtherProtocol(error) ? new Error('OtherLinkProtocol', { cause: error }) : error;
    } finally {
      this.#outboundRefusals.delete(address);
    }
  }

  #onOpen(connection: Connection): void {
    const handshake = this.#handshakes.get(connection.remotePeer);
    if (handshake === undefined || this.#host === undefined) {
      connection.abort(new Error('the node stops'));
      return;
    }
    const link = new PeerLink(connection, handshake.node, formatMultiaddr(connection.remoteAddr), {
      onReady: (ready) => {
        clearTimeout(setup);
        this.table.add(ready);
      },
      onMessage: ({ peer }, module, group, payload) => this.#options.onMessage(peer.nodeId, module, group, payload),
      onEnd: (ended, reason) => {
        clearTimeout(setup);
        this.#onEnd(ended, reason);
      },
      fault: () => handshake.fault?.(),
    });
    const setup = setTimeout(() => link.end('NotSetUpInTime'), LINK_SETUP_TIMEOUT_MS);
    this.#links.set(connection, { link, chain: handshake.chain });
    // The dialling side opens the streams, so that each module has exactly one.
    if (connection.direction === 'outbound') void openStreams(connection, link);
  }

  #onEnd(link: PeerLink, reason: LinkEnd): void {
    const { nodeId } = link.peer;
    this.#links.delete(link.connection);
    this.#options.onEvent({ kind: 'linkEnded', peer: link.peer, reason });
    if (this.table.remove(link)) this.#dialer.peerDown(nodeId);
  }

  #onRefused(address: string, direction: 'inbound' | 'outbound', reason: HandshakeRefusal, detail: string): void {
    if (direction === 'outbound') {
      this.#outboundRefusals.set(address, reason);
      return;
    }
    // The other end of the own dial, which the dialler knows how to take.
    if (reason === 'SelfConnection') return;
    if (this.#reportedRefusals >= MAX_REFUSALS_REPORTED) {
      this.#suppressedRefusals++;
      return;
    }
    this.#reportedRefusals++;
    const suppressed = this.#suppressedRefusals;
    this.#suppressedRefusals = 0;
    this.#options.onEvent({ kind: 'refused', address: formatMultiaddr(address), reason, detail, suppressed });
  }

  #tick(): void {
    this.#reportedRefusals = 0;
    for (const link of this.table.links()) link.tick();
  }

  #recheckPeers(): void {
    for (const { link, chain } of this.#links.values()) this.#recheckPeer(link, chain);
  }

  /** The chain of an SM node takes milliseconds: a hundred of them in one turn would hold up votes. */
  async #recheckPeersInTurns(): Promise<void> {
    for (const { link, chain } of this.#links.values()) {
      await nextTurn();
      if (this.#host === undefined) return;
      this.#recheckPeer(link, chain);
    }
  }

  #recheckPeer(link: PeerLink, chain: string): void {
    if (this.#access.refusal(link.peer.nodeId) !== undefined) link.end('AccessWithdrawn');
    else if (!this.#verify(chain).ok) link.end('CertificateExpired');
  }

  #verify(chain: string): ReturnType<typeof verifyCertificateChain> {
    return verifyCertificateChain(chain, this.#options.authorityPems, this.#options.nowMs());
  }
}

/** A standard and an SM node, or nodes of two versions; libp2p tells it by the text alone. */
function isOtherProtocol(error: unknown): boolean {
  return error instanceof Error && error.message.includes('could not negotiate');
}

async function openStreams(connection: Connection, link: PeerLink): Promise<void> {
  try {
    for (const module of MODULES) link.attach(module, await connection.newStream(PROTOCOLS[module]));
  } catch {
    link.end('NotSetUpInTime');
  }
}
