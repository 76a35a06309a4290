import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Dialer } from './dialer.js';
import { FIRST_RETRY_MS, MAX_RETRY_MS } from './limits.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A dialler in a world where `answer` decides what a dial meets. */
function makeDialer(answer: (host: string, port: number) => string) {
  const dials: { readonly to: string; readonly atMs: number }[] = [];
  const failures: { readonly address: string; readonly retryMs: number }[] = [];
  const up = new Set<string>();
  const dialer = new Dialer({
    connect: async (host, port) => {
      dials.push({ to: `${host}:${port}`, atMs: Date.now() });
      return answer(host, port);
    },
    isUp: (nodeId) => up.has(nodeId),
    onFailure: (address, _, retryMs) => failures.push({ address, retryMs }),
  });
  return { dialer, dials, failures, up };
}

const refuse = (): string => {
  throw new Error('ECONNREFUSED');
};

describe('Dialer', () => {
  it('tries again after pauses that grow to a limit, with jitter', async () => {
    const { dialer, dials, failures } = makeDialer(refuse);
    dialer.start([{ host: '10.0.0.1', port: 1 }]);
    await vi.advanceTimersByTimeAsync(200_000);
    dialer.stop();
    const pauses = dials.slice(1).map(({ atMs }, i) => atMs - dials[i]!.atMs);
    expect(pauses.length).toBeGreaterThan(10);
    pauses.forEach((pause, i) => {
      const full = Math.min(FIRST_RETRY_MS * 2 ** i, MAX_RETRY_MS);
      expect(pause).toBeGreaterThanOrEqual(full / 2);
      expect(pause).toBeLessThanOrEqual(full);
    });
    expect(new Set(pauses.slice(6)).size).toBeGreaterThan(1);
    expect(failures[0]).toMatchObject({ address: '10.0.0.1:1' });
  });

  it('leaves a peer alone while it is up and dials soon when it went down', async () => {
    const { dialer, dials, up } = makeDialer(() => 'node');
    up.add('node');
    dialer.start([{ host: '10.0.0.1', port: 1 }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(dials).toHaveLength(1);
    up.delete('node');
    dialer.peerDown('node');
    await vi.advanceTimersByTimeAsync(FIRST_RETRY_MS);
    expect(dials).toHaveLength(2);
    dialer.stop();
  });

  it('treats a peer that answers and does not come up as a failure', async () => {
    const { dialer, dials } = makeDialer(() => 'node');
    dialer.start([{ host: '10.0.0.1', port: 1 }]);
    await vi.advanceTimersByTimeAsync(60_000);
    dialer.stop();
    expect(dials.length).toBeGreaterThan(5);
    expect(dials.length).toBeLessThan(16);
  });

  it('gives up on itself, and on everything when it stops', async () => {
    const { dialer, dials } = makeDialer((host) => (host === '10.0.0.1' ? 'self' : refuse()));
    dialer.start([
      { host: '10.0.0.1', port: 1 },
      { host: '10.0.0.2', port: 1 },
    ]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(dials.filter(({ to }) => to === '10.0.0.1:1')).toHaveLength(1);
    dialer.stop();
    const count = dials.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(dials).toHaveLength(count);
    expect(vi.getTimerCount()).toBe(0);
  });
});
