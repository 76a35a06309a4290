import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HANDSHAKE_TIMEOUT_MS, HEARTBEAT_INTERVAL_MS, SILENT_INTERVALS } from './limits.js';
import { negotiate } from './sm/testing/secondPeer.js';
import { addressOf, makeConsortium, makeIdentity, makeNetwork, waitUntil } from './testNetworks.js';

/* What only the clock ends. The cases run beside each other, because each waits for about ten seconds. */

const consortium = makeConsortium();

function rawConnection(address: string): Promise<Socket> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => {});
  socket.resume();
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => resolve(socket));
  });
}

function isClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

describe.concurrent('silence', () => {
  it('many connections that say nothing, or little, do not keep others out and are cut off', async () => {
    const victim = makeNetwork(makeIdentity(consortium, 'victim'), []);
    await victim.network.start();
    const start = Date.now();
    const sockets: Socket[] = [];
    for (let i = 0; i < 60; i++) sockets.push(await rawConnection(addressOf(victim)));
    const drips = sockets.slice(0, 5).map((socket) => setInterval(() => socket.write(Uint8Array.of(0x13)), 300));
    const member = makeNetwork(makeIdentity(consortium, 'member'), [addressOf(victim)]);
    await member.network.start();
    await waitUntil('a member comes in', () => member.network.peers().length === 1, 8000);
    expect(sockets.some((socket) => !socket.destroyed)).toBe(true);
    await Promise.all(sockets.map(isClosed));
    for (const drip of drips) clearInterval(drip);
    expect(Date.now() - start).toBeLessThan(HANDSHAKE_TIMEOUT_MS + 8000);
    expect(member.network.peers()).toHaveLength(1);
    await Promise.all([victim.network.stop(), member.network.stop()]);
  });

  it('a handshake of an SM chain that comes drop by drop is given up', async () => {
    const smConsortium = makeConsortium('sm');
    const victim = makeNetwork(makeIdentity(smConsortium, 'victim'), []);
    await victim.network.start();
    const { socket } = await negotiate(addressOf(victim));
    // Its length, and a byte of the key now and then.
    socket.write(Uint8Array.of(0, 64));
    const drip = setInterval(() => socket.write(Uint8Array.of(1)), 300);
    await isClosed(socket);
    clearInterval(drip);
    expect(victim.log.filter((line) => line.includes('connection refused'))).toEqual([
      expect.stringContaining('reason=HandshakeFailed,detail=the handshake took too long'),
    ]);
    await victim.network.stop();
  });

  it('a peer whose bytes stop coming is down after some heartbeats, and an idle one is not', async () => {
    const a = makeNetwork(makeIdentity(consortium, 'a'), []);
    await a.network.start();
    const relay = await startRelay(addressOf(a));
    const b = makeNetwork(makeIdentity(consortium, 'b'), [relay.address]);
    const idle = makeNetwork(makeIdentity(consortium, 'idle'), [addressOf(a)]);
    await b.network.start();
    await idle.network.start();
    await waitUntil('up', () => a.network.peers().length === 2 && b.network.peers().length === 1);
    relay.swallow();
    const start = Date.now();
    const limitMs = (SILENT_INTERVALS + 1) * HEARTBEAT_INTERVAL_MS + 3000;
    await waitUntil(
      'both ends notice',
      () => a.network.peers().length === 1 && b.network.peers().length === 0,
      limitMs,
    );
    expect(Date.now() - start).toBeGreaterThan((SILENT_INTERVALS - 1) * HEARTBEAT_INTERVAL_MS);
    expect(a.log.find((line) => line.includes('link ended'))).toContain('reason=Silent');
    expect(idle.peerEvents.map(({ kind }) => kind)).toEqual(['up']);
    await Promise.all([a, b, idle].map(({ network }) => network.stop()));
    relay.close();
  });
});

/** A relay that can go on to accept bytes and pass none on: a peer whose machine is gone. */
async function startRelay(target: string): Promise<{ address: string; swallow(): void; close(): void }> {
  const [host, port] = target.split(':');
  const sockets: Socket[] = [];
  let swallows = false;
  const server = createServer((inner) => {
    const outer = connect(Number(port), host);
    sockets.push(inner, outer);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      from.on('data', (bytes) => {
        if (!swallows) to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        if (!swallows) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow: () => {
      swallows = true;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
