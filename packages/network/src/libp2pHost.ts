import './promiseWithResolvers.js';
import { isIP } from 'node:net';
import { tcp } from '@libp2p/tcp';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { AdmissionOptions } from './admission.js';
import { formatHostPort, type HostPort } from './addresses.js';
import { boundedYamux } from './boundedYamux.js';
import { certificateEncrypter } from './certificateEncrypter.js';
import { HandshakeGuard } from './handshakeGuard.js';
import {
  HANDSHAKE_TIMEOUT_MS,
  MAX_CONNECTIONS_PER_SECOND,
  MAX_PENDING_HANDSHAKES,
  MAX_STATIC_PEERS,
} from './limits.js';
import { NetworkError } from './networkError.js';
import type { NodeKey } from './nodeKey.js';
import { smEncrypter } from './sm/smEncrypter.js';

export interface Libp2pHostOptions {
  readonly listen: HostPort;
  /** Its algorithm decides how links are encrypted; there is no negotiation about it. */
  readonly key: NodeKey;
  readonly admission: Omit<AdmissionOptions, 'guard'>;
  /** Of the streams of a connection, in the order in which the dialling side opens them. */
  readonly protocols: readonly string[];
}

/** libp2p with what nodes of a consortium need and nothing else: no discovery, no routing, no relays. Not yet started. */
export function createHost({ listen, key, admission, protocols }: Libp2pHostOptions): Promise<Libp2p> {
  // Dual stack for `::`, as the sockets of 2.x; the option exists in Node but not in the transport's types.
  const listenOpts = { noDelay: true, ipv6Only: false };
  const guard = new HandshakeGuard();
  return createLibp2p({
    start: false,
    // libp2p has no SM2 keys. Without one it makes a key of its own, which nothing here ever shows to anyone.
    ...(key.algorithm === 'secp256k1' && { privateKey: key.privateKey }),
    addresses: { listen: [multiaddrText(listen)] },
    transports: [tcp({ listenOpts, dialOpts: { noDelay: true } })],
    connectionProtector: () => guard,
    connectionEncrypters: [
      key.algorithm === 'sm2'
        ? smEncrypter({ ...admission, guard, privateKey: key.privateKey })
        : certificateEncrypter({ ...admission, guard }),
    ],
    streamMuxers: [boundedYamux(protocols)],
    // Our heartbeats do this, without a protocol of its own.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: 4 * MAX_STATIC_PEERS,
      maxIncomingPendingConnections: MAX_PENDING_HANDSHAKES,
      inboundConnectionThreshold: MAX_CONNECTIONS_PER_SECOND,
      inboundUpgradeTimeout: HANDSHAKE_TIMEOUT_MS,
      dialTimeout: HANDSHAKE_TIMEOUT_MS,
      addressDialTimeout: HANDSHAKE_TIMEOUT_MS,
    },
  });
}

/** Starts and listens. @returns the address with the real port. @throws NetworkError */
export async function startHost(host: Libp2p, listen: HostPort): Promise<HostPort> {
  try {
    await host.start();
  } catch (error) {
    throw listenError(listen, error);
  }
  const port = host.getMultiaddrs()[0]?.getComponents()[1]?.value;
  return { host: listen.host, port: port === undefined ? listen.port : Number(port) };
}

/** libp2p wraps the system's error into a text of its own. */
function listenError(listen: HostPort, cause: unknown): NetworkError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const where = formatHostPort(listen);
  if (text.includes('EADDRINUSE')) {
    const sentence = `The port for other nodes, ${where}, is in use by another process; stop it or change p2p.listen_port.`;
    return new NetworkError('network/port-in-use', sentence, { cause });
  }
  if (text.includes('EADDRNOTAVAIL')) {
    const sentence = `Cannot listen for other nodes at ${where}: this machine has no such address; set p2p.listen_ip to one it has.`;
    return new NetworkError('network/listen-failed', sentence, { cause });
  }
  const why = /\bE[A-Z]{4,}\b/.exec(text)?.[0] ?? text;
  return new NetworkError('network/listen-failed', `Cannot listen for other nodes at ${where}: ${why}.`, { cause });
}

/** @param address with an IP address, no host name */
export function multiaddrText({ host, port }: HostPort): string {
  return `/${isIP(host) === 6 ? 'ip6' : 'ip4'}/${host}/tcp/${port}`;
}

/** `ip:port` of a TCP address. An IPv4 peer of a dual-stack port is shown as what it is. */
export function formatMultiaddr(address: Multiaddr | string): string {
  const [ip, transport] = multiaddr(address).getComponents();
  const port = Number(transport?.value ?? 0);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ip?.value ?? '');
  if (mapped === null) return formatHostPort({ host: ip?.value ?? '', port });
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
  return formatHostPort({ host: [high >> 8, high & 255, low >> 8, low & 255].join('.'), port });
}
