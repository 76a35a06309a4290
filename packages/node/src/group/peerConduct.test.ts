import { expect, it } from 'vitest';
import { PeerConduct } from './peerConduct.js';

it('ignores a forger for a minute, and nobody for a few forgeries', () => {
  const ignored: string[] = [];
  const conduct = new PeerConduct((peer) => ignored.push(peer));
  for (let i = 0; i < 15; i++) conduct.onForgery('a', i);
  conduct.onForgery('b', 15);
  expect([conduct.isIgnored('a', 16), conduct.isIgnored('b', 16)]).toEqual([false, false]);
  conduct.onForgery('a', 16);
  expect([conduct.isIgnored('a', 17), conduct.isIgnored('b', 17)]).toEqual([true, false]);
  conduct.forget('a', 18);
  expect(conduct.isIgnored('a', 60_015)).toBe(true);
  expect(conduct.isIgnored('a', 60_016)).toBe(false);
  expect(ignored).toEqual(['a']);
});

it('counts anew each minute', () => {
  const conduct = new PeerConduct(() => {});
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < 15; i++) conduct.onForgery('a', minute * 60_000 + i);
    expect(conduct.isIgnored('a', minute * 60_000 + 20)).toBe(false);
  }
});
