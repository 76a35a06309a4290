import { isIP } from 'node:net';
import type { NodeId } from '@menglian/types/address';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import type { AccessLists } from './accessList.js';
import { parseHostPort, type HostPort } from './addresses.js';
import { judgeCertificateChain } from '@menglian/certificates/verifyCertificateChain';
import { MAX_CERTIFICATE_CHAIN_BYTES, MAX_PAYLOAD_BYTES, MAX_STATIC_PEERS } from './limits.js';
import { LinkService } from './linkService.js';
import { NetworkError } from './networkError.js';
import { describeEvent, type NetworkLogLevel } from './networkEvent.js';
import { readNodeKey, type NodeKey } from './nodeKey.js';
import type { Channel, MessageHandler, NetworkModule, NodeNetwork, PeerHandler, PeerInfo } from './ports.js';

export interface NodeNetworkOptions {
  /** `p2p.listen_ip`. */
  readonly listenAddress: string;
  /** `p2p.listen_port`; 0 takes a free one. */
  readonly listenPort: number;
  /** `p2p.node.N`: `ip:port`, `host:port` or `[ipv6]:port`. The own address may be among them. */
  readonly peers: readonly string[];
  /** Text of `node.key`. */
  readonly privateKeyPem: string;
  /** Text of `node.crt`: node, agency, chain. */
  readonly certificatePem: string;
  /** Texts of `ca.crt` and of what `ca_path` holds. */
  readonly authorityPems: readonly string[];
  /** `certificate_blacklist.crl.N`: these nodes are refused. */
  readonly denyList: readonly NodeId[];
  /** `certificate_whitelist.cal.N`: if there are any, all others are refused. */
  readonly allowList: readonly NodeId[];
  log(level: NetworkLogLevel, text: string): void;
  /** The clock that certificates are held against. Default: the system's. */
  nowMs?(): number;
}

/** The links of one node to the other nodes of its consortium, over libp2p. Decisions: docs/adr/0005-node-links.md. */
export function createNodeNetwork(options: NodeNetworkOptions): Libp2pNetwork {
  return new Libp2pNetwork(options);
}

export class Libp2pNetwork implements NodeNetwork {
  readonly #options: NodeNetworkOptions;
  readonly #messageHandlers: MessageHandler[] = [];
  readonly #peerHandlers: PeerHandler[] = [];
  #access: AccessLists;
  #peers: readonly string[];
  #service: LinkService | undefined;
  #listening: HostPort | undefined;

  constructor(options: NodeNetworkOptions) {
    this.#options = options;
    this.#peers = options.peers;
    this.#access = { denied: options.denyList, allowed: options.allowList };
  }

  /** Where the network listens, with its real port; undefined when it does not. */
  get listening(): HostPort | undefined {
    return this.#listening;
  }

  async start(): Promise<void> {
    const { listenAddress, listenPort, certificatePem, authorityPems, log } = this.#options;
    if (isIP(listenAddress) === 0) {
      throw new NetworkError('network/bad-address', `p2p.listen_ip must be an IP address, found "${listenAddress}".`);
    }
    const service = new LinkService({
      listen: { host: listenAddress, port: listenPort },
      peers: readPeers(this.#peers),
      key: this.#readIdentity(),
      certificatePem,
      authorityPems,
      access: this.#access,
      nowMs: () => this.#nowMs(),
      onEvent: (event) => {
        const { level, text } = describeEvent(event);
        log(level, text);
      },
      onPeer: (event) => {
        for (const handler of this.#peerHandlers) handler(event);
      },
      onMessage: (from, module, group, payload) => {
        const channel = { group, module };
        for (const handler of this.#messageHandlers) handler(from, channel, payload);
      },
    });
    this.#service = service;
    try {
      this.#listening = await service.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    this.#listening = undefined;
    await service?.stop();
  }

  peers(): PeerInfo[] {
    return this.#service?.table.peers() ?? [];
  }

  send(to: NodeId, { group, module }: Channel, payload: Uint8Array): boolean {
    if (!isSendable(group, module, payload)) return false;
    return this.#service?.table.get(to)?.send(module, { group, payload }) ?? false;
  }

  broadcast({ group, module }: Channel, payload: Uint8Array, to?: readonly NodeId[]): void {
    const table = this.#service?.table;
    if (table === undefined || !isSendable(group, module, payload)) return;
    const message = { group, payload };
    if (to === undefined) for (const link of table.links()) link.send(module, message);
    else for (const nodeId of to) table.get(nodeId)?.send(module, message);
  }

  onMessage(handler: MessageHandler): void {
    this.#messageHandlers.push(handler);
  }

  onPeer(handler: PeerHandler): void {
    this.#peerHandlers.push(handler);
  }

  setPeers(peers: readonly string[]): void {
    this.#peers = peers;
    this.#service?.setPeers(readPeers(peers));
  }

  setAccess(lists: AccessLists): void {
    this.#access = lists;
    this.#service?.setAccess(lists);
  }

  /** The own certificate is judged as the others will judge it, so that a wrong one is noticed here and not there. */
  #readIdentity(): NodeKey {
    const { privateKeyPem, certificatePem, authorityPems } = this.#options;
    const key = readNodeKey(privateKeyPem);
    if (!key.ok) throw new NetworkError('network/bad-key', `The file of the node's private key ${key.reason}.`);
    const own = judgeCertificateChain(certificatePem, authorityPems, this.#nowMs());
    if (!own.ok) throw badCertificate(`${own.reason.sentence} (${own.reason.reason})`);
    if (own.value.algorithm !== key.value.algorithm) {
      const [certificate, configured] = [own, key].map(({ value }) => ALGORITHM_NAMES[value.algorithm]);
      throw badCertificate(
        `it is for a key of ${certificate} and the configured key is one of ${configured}; both must be of one kind, ` +
          'gmnode.crt with gmnode.key or node.crt with node.key',
      );
    }
    if (own.value.nodeId !== key.value.nodeId)
      throw badCertificate('it belongs to another key than the configured one');
    if (Buffer.byteLength(certificatePem) > MAX_CERTIFICATE_CHAIN_BYTES) {
      throw badCertificate(`the file is longer than ${MAX_CERTIFICATE_CHAIN_BYTES} bytes`);
    }
    return key.value;
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? Date.now();
  }
}

const ALGORITHM_NAMES = { secp256k1: 'secp256k1', sm2: 'SM2' } as const;

function isSendable(group: number, module: NetworkModule, payload: Uint8Array): boolean {
  return group > 0 && group <= MAX_GROUP_ID && payload.length <= MAX_PAYLOAD_BYTES[module];
}

function readPeers(texts: readonly string[]): HostPort[] {
  if (texts.length > MAX_STATIC_PEERS) {
    const sentence = `${texts.length} peers are configured in [p2p], at most ${MAX_STATIC_PEERS} are allowed.`;
    throw new NetworkError('network/too-many-peers', sentence);
  }
  return texts.map((text) => {
    const parsed = parseHostPort(text);
    if (parsed.ok) return parsed.value;
    throw new NetworkError('network/bad-address', `The peer address "${text}" cannot be used: ${parsed.reason}.`);
  });
}

function badCertificate(what: string): NetworkError {
  return new NetworkError('network/bad-certificate', `The node's certificate cannot be used: ${what}.`);
}
