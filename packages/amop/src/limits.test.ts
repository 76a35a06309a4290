import { describe, expect, it } from 'vitest';
import { Bandwidth } from './bandwidth.js';
import {
  BODY_BYTES_MAX,
  SESSION_TIMEOUT_MS,
  UNDER_WAY_BYTES_PER_OWNER_MAX,
  UNDER_WAY_MAX,
  UNDER_WAY_PER_OWNER_MAX,
} from './limits.js';
import { AmopNet, bodyOf, LINK_DELAY_MS, seqOf } from './testing/amopNet.js';
import { UnderWay } from './underWay.js';

const count = (results: readonly string[], result: string) =>
  results.filter((text) => text.split(' ')[1] === result).length;

describe('what is under way', () => {
  it('has a share for each session, which is given back', () => {
    const net = new AmopNet(2);
    net.nodes[1]!.session().subscribe('price');
    const [greedy, other] = [net.nodes[0]!.session(), net.nodes[0]!.session()];
    net.settle();
    net.filter = () => false;
    for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX + 5; i++) greedy.publish(`q${i}`, 'price');
    other.publish('q', 'price');
    expect(count(greedy.results, '103')).toBe(5);
    expect(other.results).toEqual([]);
    net.cut(net.nodes[0]!, net.nodes[1]!);
    expect(count(greedy.results, '100')).toBe(UNDER_WAY_PER_OWNER_MAX);
    net.link(net.nodes[0]!, net.nodes[1]!);
    net.filter = () => true;
    net.settle();
    for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX; i++) greedy.publish(`q${i}`, 'price');
    expect(count(greedy.results, '103')).toBe(5);
    greedy.close();
    net.settle();
    // Only the other node waits for its sessions.
    expect(net.clock.pending).toBe(UNDER_WAY_PER_OWNER_MAX);
  });

  it('is bounded in bytes', () => {
    const net = new AmopNet(2);
    net.nodes[1]!.session().subscribe('price');
    const publisher = net.nodes[0]!.session();
    net.settle();
    net.filter = () => false;
    const body = new Uint8Array(BODY_BYTES_MAX);
    body.set(bodyOf('price'));
    for (let i = 0; i < 6; i++) net.nodes[0]!.router.publish(publisher.number, seqOf(`q${i}`), body);
    expect(publisher.results).toEqual(['q4 103', 'q5 103']);
  });

  it('of one peer is bounded, and too much of it goes to another node', () => {
    const net = new AmopNet(3);
    const silent = net.nodes[1]!.session().subscribe('price');
    const publishers = [1, 2].map(() => net.nodes[0]!.session());
    net.settle();
    for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX; i++) publishers[0]!.publish(`q${i}`, 'price');
    net.settle();
    expect(silent.unicasts).toHaveLength(UNDER_WAY_PER_OWNER_MAX);
    publishers[1]!.publish('busy', 'price');
    net.clock.run(2 * LINK_DELAY_MS);
    expect(publishers[1]!.results).toEqual(['busy 100']);
    net.nodes[2]!.session().subscribe('price').echo('42');
    net.settle();
    for (let i = 0; i < 20; i++) publishers[1]!.publish(`other${i}`, 'price');
    net.settle();
    expect(count(publishers[1]!.results, '0')).toBe(20);
    // Those that failed make room.
    net.clock.run(SESSION_TIMEOUT_MS);
    expect(count(publishers[0]!.results, '104')).toBe(UNDER_WAY_PER_OWNER_MAX);
    for (let i = 0; i < 20; i++) publishers[1]!.publish(`more${i}`, 'price');
    net.settle();
    expect(silent.unicasts.length).toBeGreaterThan(UNDER_WAY_PER_OWNER_MAX);
  });

  it('of one peer is given back when its link ends', () => {
    const net = new AmopNet(2);
    const [here, there] = net.nodes;
    const subscriber = there!.session().subscribe('price');
    const publisher = here!.session();
    net.settle();
    for (const attempts of [1, 2]) {
      for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX; i++) publisher.publish(`q${i}`, 'price');
      net.settle();
      expect(subscriber.unicasts).toHaveLength(attempts * UNDER_WAY_PER_OWNER_MAX);
      net.cut(here!, there!);
      expect(net.clock.pending).toBe(0);
      net.link(here!, there!);
      net.settle();
    }
  });

  it('is bounded for all owners together', () => {
    const underWay = new UnderWay<number>();
    const owners = UNDER_WAY_MAX / UNDER_WAY_PER_OWNER_MAX;
    for (let owner = 0; owner < owners; owner++)
      for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX; i++) expect(underWay.take(owner, 1)).toBe(true);
    expect(underWay.take(owners, 1)).toBe(false);
    underWay.release(0, 1);
    expect(underWay.take(owners, 1)).toBe(true);
    expect(underWay.take(owners, 1)).toBe(false);
  });

  it('is bounded in bytes for all owners together', () => {
    const underWay = new UnderWay<number>();
    for (let owner = 0; owner < 4; owner++) {
      expect(underWay.take(owner, UNDER_WAY_BYTES_PER_OWNER_MAX)).toBe(true);
      expect(underWay.take(owner, 1)).toBe(false);
    }
    expect(underWay.take(4, 1)).toBe(false);
    underWay.release(0, UNDER_WAY_BYTES_PER_OWNER_MAX);
    expect(underWay.take(4, UNDER_WAY_BYTES_PER_OWNER_MAX)).toBe(true);
  });
});

describe('a body', () => {
  it('that is too large is refused with 103', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('price').echo('42');
    const publisher = net.nodes[0]!.session();
    net.settle();
    const body = new Uint8Array(BODY_BYTES_MAX + 1);
    body.set(bodyOf('price'));
    net.nodes[0]!.router.publish(publisher.number, seqOf('q'), body);
    net.nodes[0]!.router.multicast(publisher.number, seqOf('m'), body);
    expect(publisher.results).toEqual(['q 103', 'm 103']);
    net.nodes[0]!.router.publish(publisher.number, seqOf('fits'), body.subarray(0, BODY_BYTES_MAX));
    net.settle();
    expect(subscriber.unicasts).toHaveLength(1);
    expect(publisher.results.at(-1)).toBe('fits 0 price:42');
  });

  it('of an answer that is too large becomes 103', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('price');
    subscriber.answer = () => ({ result: 0, body: new Uint8Array(BODY_BYTES_MAX + 1) });
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.settle();
    expect(publisher.results).toEqual(['q 103']);
    expect(subscriber.unicasts).toHaveLength(1);
  });
});

describe('the bandwidth limit', () => {
  it('refuses with 103 what is above it, and grows back', () => {
    const net = new AmopNet(3, { bandwidthMbits: 1 });
    for (const index of [1, 2]) net.nodes[index]!.session().subscribe('price').echo('42');
    const publisher = net.nodes[0]!.session();
    net.settle();
    const content = 'x'.repeat(100_000);
    // A second of 1 Mb/s pays for 500,000 bytes.
    for (let i = 0; i < 8; i++) publisher.publish(`q${i}`, 'price', content);
    expect(publisher.results).toEqual(['q5 103', 'q6 103', 'q7 103']);
    net.clock.run(1000);
    // Two copies each.
    for (let i = 0; i < 5; i++) publisher.multicast(`m${i}`, 'price', content);
    expect(publisher.results.slice(-2)).toEqual(['m3 103', 'm4 103']);
    expect(count(publisher.results, '0')).toBe(5 + 3);
    // What goes to nobody costs nothing.
    publisher.multicast('none', 'other');
    expect(publisher.results.at(-1)).toBe('none 0 other:');
  });

  it('lets a message pass that is larger than a second pays for, and makes those behind it wait', () => {
    const bandwidth = new Bandwidth(1, 0);
    expect(bandwidth.take(2_000_000, 0)).toBe(true);
    expect(bandwidth.take(1, 2999)).toBe(false);
    expect(bandwidth.take(1, 3001)).toBe(true);
    expect(bandwidth.take(500_000, 1_000_000)).toBe(true);
    expect(bandwidth.take(1, 1_000_000)).toBe(false);
  });

  it('is none without a setting', () => {
    const bandwidth = new Bandwidth(undefined, 0);
    for (let i = 0; i < 100; i++) expect(bandwidth.take(1e12, 0)).toBe(true);
  });
});
