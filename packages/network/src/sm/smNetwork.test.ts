import { afterEach, describe, expect, it } from 'vitest';
import { MODULES } from '../limits.js';
import {
  addressOf,
  makeConsortium,
  makeIdentity,
  makeNetwork,
  waitUntil,
  type TestIdentity,
  type TestNetwork,
} from '../testNetworks.js';

const consortium = makeConsortium('sm');

const started: TestNetwork[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map(({ network }) => network.stop()));
});

async function start(identity: TestIdentity, peers: string[] = []): Promise<TestNetwork> {
  const test = makeNetwork(identity, peers);
  started.push(test);
  await test.network.start();
  return test;
}

describe('networks of SM chains', () => {
  it('link and exchange messages of all modules', async () => {
    const a = await start(makeIdentity(consortium, 'node0'));
    const b = await start(makeIdentity(consortium, 'node1'), [addressOf(a)]);
    await waitUntil('up', () => a.network.peers().length === 1 && b.network.peers().length === 1);
    expect(a.network.peers()[0]).toMatchObject({ nodeId: b.identity.nodeId, name: 'node1', agency: 'agency-gm' });
    for (const module of MODULES) {
      const channel = { group: 1, module };
      expect(a.network.send(b.identity.nodeId, channel, new Uint8Array(200_000).fill(1))).toBe(true);
      expect(b.network.send(a.identity.nodeId, channel, Uint8Array.of(2))).toBe(true);
    }
    await waitUntil('all came', () => a.messages.length === 4 && b.messages.length === 4);
    expect(b.messages.every(({ payload }) => payload.length === 200_000 && payload.every((byte) => byte === 1))).toBe(
      true,
    );
    await a.network.stop();
    await waitUntil('down', () => b.network.peers().length === 0);
    expect(b.log.filter((line) => line.includes('link ended'))).toEqual([
      expect.stringContaining('reason=ClosedByPeer'),
    ]);
  });
});
