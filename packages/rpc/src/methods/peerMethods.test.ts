import { describe, expect, it } from 'vitest';
import type { NodeView, PeersChange } from '../ports.js';
import { changePeers } from './peerMethods.js';

function node(change: PeersChange) {
  const asked: unknown[] = [];
  const view = {
    changePeers: async (...args: unknown[]) => {
      asked.push(args);
      return change;
    },
  } as unknown as NodeView;
  return { view, asked };
}

describe('addPeers and erasePeers', () => {
  it.each([
    [undefined, 'invalid params field, not array format json'],
    [['127.0.0.1:1'], 'invalid params field, not array format json'],
    [[[]], 'failed for empty host list, expect at least one peer'],
    [[['127.0.0.1:1', 'x']], 'invalid peer at position 2'],
    [[[7]], 'invalid peer at position 1'],
    [[['127.0.0.1:0']], 'invalid peer at position 1'],
    [[['127.0.0.1:65536']], 'invalid peer at position 1'],
    [[['host:1']], 'invalid peer at position 1'],
    [[[`[${':'.repeat(100)}]:1`]], 'invalid peer at position 1'],
  ])('%j is refused', async (params, message) => {
    const { view, asked } = node({ kind: 'changed' });
    expect(await changePeers(view, 'add', params)).toEqual({ code: '0x7', message });
    expect(asked).toEqual([]);
  });

  it.each<[PeersChange, 'add' | 'erase', string, string]>([
    [{ kind: 'changed' }, 'add', '0x0', 'add peers :update config file successfully'],
    [{ kind: 'unchanged' }, 'add', '0x0', 'add peers :all the inserted peers already exist'],
    [{ kind: 'unchanged' }, 'erase', '0x0', 'erase peers :none of the erased peers exist'],
    [{ kind: 'refused', reason: 'no' }, 'erase', '0x1', 'no'],
  ])('%j of %s', async (change, kind, code, message) => {
    const { view, asked } = node(change);
    const peers = ['127.0.0.1:30300', '[::1]:30301'];
    expect(await changePeers(view, kind, [peers])).toEqual({ code, message });
    expect(asked).toEqual([[kind, peers]]);
  });
});
