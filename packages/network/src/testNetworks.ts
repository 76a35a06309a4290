/** Networks of one process for tests: members of a test consortium on free ports of 127.0.0.1. Not used outside tests. */
import { createServer, type AddressInfo } from 'node:net';
import {
  keyPem,
  makeSmTestChain,
  makeTestCertificate,
  makeTestChain,
  type TestCertificate,
  type TestCertificateRecipe,
} from '@menglian/certificates/testing/testCertificates';
import { createNodeNetwork, type Libp2pNetwork, type NodeNetworkOptions } from './libp2pNetwork.js';
import { readNodeKey } from './nodeKey.js';
import type { Channel, PeerEvent } from './ports.js';

export interface TestIdentity {
  readonly nodeId: string;
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly authorityPems: readonly string[];
}

export interface TestConsortium {
  readonly chain: TestCertificate;
  readonly agency: TestCertificate;
}

export function makeConsortium(family: 'standard' | 'sm' = 'standard'): TestConsortium {
  const { chain, agency } = family === 'sm' ? makeSmTestChain() : makeTestChain();
  return { chain, agency };
}

/** A node of the consortium, or what `recipe` makes of it; its key is of the agency's family. */
export function makeIdentity(
  { chain, agency }: TestConsortium,
  commonName: string,
  recipe: TestCertificateRecipe = {},
): TestIdentity {
  const leaf = makeTestCertificate({ commonName, authority: false, keyUsage: 0xc0, issuer: agency, ...recipe });
  const privateKeyPem = keyPem(leaf.privateKey);
  const key = readNodeKey(privateKeyPem);
  if (!key.ok) throw new Error(key.reason);
  return {
    nodeId: key.value.nodeId,
    privateKeyPem,
    certificatePem: leaf.pem + agency.pem + chain.pem,
    authorityPems: [chain.pem],
  };
}

export interface ReceivedMessage {
  readonly from: string;
  readonly channel: Channel;
  readonly payload: Uint8Array;
}

/** A network with everything that it told. */
export interface TestNetwork {
  readonly identity: TestIdentity;
  readonly network: Libp2pNetwork;
  readonly messages: ReceivedMessage[];
  readonly peerEvents: PeerEvent[];
  readonly log: string[];
}

/** Not yet started. */
export function makeNetwork(
  identity: TestIdentity,
  peers: readonly string[],
  overrides: Partial<NodeNetworkOptions> = {},
): TestNetwork {
  const test = { identity, messages: [] as ReceivedMessage[], peerEvents: [] as PeerEvent[], log: [] as string[] };
  const network = createNodeNetwork({
    listenAddress: '127.0.0.1',
    listenPort: 0,
    peers,
    privateKeyPem: identity.privateKeyPem,
    certificatePem: identity.certificatePem,
    authorityPems: identity.authorityPems,
    denyList: [],
    allowList: [],
    log: (level, text) => test.log.push(`${level} ${text}`),
    ...overrides,
  });
  network.onMessage((from, channel, payload) => test.messages.push({ from, channel, payload }));
  network.onPeer((event) => test.peerEvents.push(event));
  return { ...test, network };
}

/** `ip:port` of a started network. */
export function addressOf({ network }: TestNetwork): string {
  return `127.0.0.1:${network.listening?.port ?? 0}`;
}

export async function waitUntil(what: string, condition: () => boolean, timeoutMs = 45_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
