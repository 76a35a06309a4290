import { describe, expect, it } from 'vitest';
import type { PeerLink } from './peerLink.js';
import { PeerTable } from './peerTable.js';

type Direction = 'inbound' | 'outbound';

/** Stands for a link: what the table asks of it, and what the table did to it. */
function makeLink(nodeId: string, direction: Direction) {
  const done: string[] = [];
  const link = {
    peer: { nodeId, agency: 'agency', name: nodeId, remoteAddress: '10.0.0.1:1' },
    connection: { direction },
    retire: () => done.push('retired'),
    probe: () => done.push('probed'),
  };
  return { link: link as unknown as PeerLink, done };
}

function makeTable(ownNodeId: string) {
  const events: string[] = [];
  const table = new PeerTable(ownNodeId, ({ kind, peer }) => events.push(`${kind} ${peer.nodeId}`));
  return { table, events };
}

describe('PeerTable', () => {
  it('both ends keep the connection that the smaller node id dialled, whatever comes first', () => {
    for (const order of [
      ['smaller', 'larger'],
      ['larger', 'smaller'],
    ]) {
      const atA = makeTable('a');
      const atB = makeTable('b');
      for (const dialledBy of order) {
        const fromA = dialledBy === 'smaller';
        atA.table.add(makeLink('b', fromA ? 'outbound' : 'inbound').link);
        atB.table.add(makeLink('a', fromA ? 'inbound' : 'outbound').link);
      }
      expect(atA.table.get('b')?.connection.direction).toBe('outbound');
      expect(atB.table.get('a')?.connection.direction).toBe('inbound');
      expect([atA.events, atB.events]).toEqual([['up b'], ['up a']]);
    }
  });

  it('of two from the same side the younger stays', () => {
    const { table } = makeTable('a');
    const [older, younger] = [makeLink('b', 'inbound'), makeLink('b', 'inbound')];
    table.add(older.link);
    table.add(younger.link);
    expect(table.get('b')).toBe(younger.link);
    expect(older.done).toEqual(['retired']);
    expect(younger.done).toEqual([]);
  });

  it('asks the link that stays for a sign of life when another one came', () => {
    const { table } = makeTable('a');
    const [kept, loser] = [makeLink('b', 'outbound'), makeLink('b', 'inbound')];
    table.add(kept.link);
    table.add(loser.link);
    expect([kept.done, loser.done]).toEqual([['probed'], ['retired']]);
  });

  it('a peer goes down with its own link only', () => {
    const { table, events } = makeTable('a');
    const [kept, loser] = [makeLink('b', 'outbound'), makeLink('b', 'inbound')];
    table.add(kept.link);
    table.add(loser.link);
    expect(table.remove(loser.link)).toBe(false);
    expect(table.remove(kept.link)).toBe(true);
    expect(table.remove(kept.link)).toBe(false);
    expect(events).toEqual(['up b', 'down b']);
  });

  it('lists peers by node id', () => {
    const { table } = makeTable('m');
    for (const nodeId of ['z', 'b', 'x']) table.add(makeLink(nodeId, 'inbound').link);
    expect(table.peers().map(({ nodeId }) => nodeId)).toEqual(['b', 'x', 'z']);
  });
});
