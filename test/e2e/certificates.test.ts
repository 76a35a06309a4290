import { randomBytes } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, until } from './cluster.js';
import { configuredPort, editFile } from './nodeRuns.js';
import { clientOf, DAG_TRANSFER } from './sdkClient.js';
import { SUITE } from './suite.js';

/**
 * Goal: whoever has no certificate of the consortium never gets in, and does not disturb those who have. Method: a chain of
 * four nodes; a node that knows their addresses, their genesis and all names in their certificates, but whose certificate
 * comes from another authority; then raw connections to the ports of the nodes.
 */

const NODES = 4;

const suite = await loadSuite(SUITE);
const account = await randomAccount(SUITE);
let chain: Cluster;
let stranger: Cluster;

beforeAll(async () => {
  [chain, stranger] = await Promise.all([Cluster.build(NODES), Cluster.build(1)]);
  chain.startAll();
  await chain.linked(NODES - 1);
});

afterAll(async () => {
  await Promise.all([chain?.stop(), stranger?.stop()]);
});

async function commit(): Promise<number> {
  const data = encodeCall(suite, functionOf('userSave(string,uint256)'), [`user${Math.random()}`, 1n]);
  return (await clientOf(chain.clients[0]!, account).execute({ to: DAG_TRANSFER, data })).blockNumber;
}

async function peerIds(cluster: Cluster, index: number): Promise<string[]> {
  const peers = (await cluster.clients[index]!.call('getPeers', 1)) as { NodeID: string }[];
  return peers.map(({ NodeID }) => NodeID).toSorted();
}

function logText(cluster: Cluster, index: number): string {
  const folder = join(dirname(cluster.configPath(index)), 'log');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

const p2pPorts = () =>
  Array.from({ length: NODES }, (_, index) => configuredPort(dirname(chain.configPath(index)), 'listen_port'));

it('a node with a certificate of another authority never gets in', async () => {
  const folder = dirname(stranger.configPath(0));
  copyFileSync(join(dirname(chain.configPath(0)), 'conf', 'group.1.genesis'), join(folder, 'conf', 'group.1.genesis'));
  const peers = p2pPorts().map((port, index) => `node.${index}=127.0.0.1:${port}`);
  editFile(join(folder, 'config.ini'), (text) =>
    text.replace(/^ *node\.0=.*$/m, peers.join('\n')).replace('[rpc]', '[rpc]\nact_as_group_member=true'),
  );
  const before = await Promise.all(chain.clients.map(async (_, index) => peerIds(chain, index)));
  stranger.start(0);
  await until(
    async () => stranger.clients[0]!.call('getNodeInfo').then(Boolean, () => false),
    'the stranger answers its own clients',
  );
  const { NodeID: strangerId } = (await stranger.clients[0]!.call('getNodeInfo')) as { NodeID: string };
  // Whoever dials is the first to judge, in one suite or the other: both dial.
  const strangerPort = configuredPort(folder, 'listen_port');
  await chain.clients[0]!.call('addPeers', [`127.0.0.1:${strangerPort}`]);
  await until(async () => Promise.resolve(/UnknownAuthority/.test(logText(chain, 0))), 'the stranger was refused');

  const untilMs = performance.now() + 3000;
  let blocks = 0;
  while (performance.now() < untilMs) {
    blocks = await commit();
    expect(await peerIds(stranger, 0)).toEqual([]);
    for (const index of chain.clients.keys()) {
      const ids = await peerIds(chain, index);
      expect(ids).not.toContain(strangerId);
      expect(ids).toEqual(before[index]);
    }
    await sleep(100);
  }
  expect(blocks).toBeGreaterThan(3);
  expect(await stranger.blockNumber(0)).toBe(0);
  await stranger.nodes[0]!.stop();
});

/** Sends bytes to a port of nodes and waits until the other side hangs up, or some time. */
async function throwAt(port: number, bytes: Uint8Array | string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

/** A TLS client, which 2.x nodes would speak with. */
async function speakTls(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(true));
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}

it('connections that speak something else disturb nobody', async () => {
  const before = await Promise.all(chain.clients.map(async (_, index) => peerIds(chain, index)));
  const http = 'POST / HTTP/1.1\r\nHost: node\r\nContent-Length: 2\r\n\r\n{}';
  const protocol = Buffer.concat([Buffer.from([0x13]), Buffer.from('/multistream/1.0.0\n')]);
  const silent = Array.from({ length: 40 }, () => connectTcp(p2pPorts()[0]!, '127.0.0.1'));
  for (const socket of silent) socket.on('error', () => {});
  const garbage = p2pPorts().flatMap((port) => [
    throwAt(port, randomBytes(100_000)),
    throwAt(port, Buffer.alloc(1_000_000)),
    throwAt(port, http),
    throwAt(port, protocol),
    throwAt(port, Buffer.concat([protocol, randomBytes(5000)])),
    ...Array.from({ length: 10 }, async () => throwAt(port, randomBytes(1000))),
  ]);
  const spoken = p2pPorts().map(speakTls);
  await commit();
  await Promise.all(garbage);
  expect(await Promise.all(spoken)).toEqual([false, false, false, false]);
  for (const index of chain.clients.keys()) expect(await peerIds(chain, index)).toEqual(before[index]);
  for (const socket of silent) socket.destroy();
  const number = await commit();
  await until(async () => (await chain.agreed()).number >= number, 'all nodes have the last block');
});
