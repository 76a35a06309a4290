import { expect, it, vi } from 'vitest';
import { CERTIFICATE_RECHECK_MS } from './limits.js';
import { addressOf, makeConsortium, makeIdentity, makeNetwork, waitUntil } from './testNetworks.js';

it.each(['standard', 'sm'] as const)(
  'links of %s chains end when a certificate expires while they last',
  async (family) => {
    const consortium = makeConsortium(family);
    let nowMs = Date.now();
    const intervals = vi.spyOn(globalThis, 'setInterval');
    const judging = makeNetwork(makeIdentity(consortium, 'judge'), [], { nowMs: () => nowMs });
    await judging.network.start();
    const [recheck] = intervals.mock.calls.find(([, ms]) => ms === CERTIFICATE_RECHECK_MS)!;
    intervals.mockRestore();
    const names = { brief: '20900101000000Z', long: '21000101000000Z' };
    const diallers = Object.entries(names).map(([name, notAfter]) =>
      makeNetwork(makeIdentity(consortium, name, { notAfter }), [addressOf(judging)]),
    );
    for (const { network } of diallers) await network.start();
    await waitUntil('both are up', () => judging.network.peers().length === 2);
    nowMs = Date.UTC(2091, 0);
    recheck();
    await waitUntil('one is down', () => judging.network.peers().length === 1);
    expect(judging.network.peers()[0]?.name).toBe('long');
    expect(judging.log.some((line) => line.includes('reason=CertificateExpired'))).toBe(true);
    await Promise.all([judging, ...diallers].map(({ network }) => network.stop()));
  },
);
