import { describe, expect, it } from 'vitest';
import { UNDER_WAY_PER_OWNER_MAX } from './limits.js';
import { AmopNet } from './testing/amopNet.js';

/** Whoever writes to a socket may find it closed, and say so before the write returns. */
describe('a port that calls back before it returns', () => {
  it('may say that the session it pushes to is closed', () => {
    const net = new AmopNet(1);
    const node = net.nodes[0]!;
    const [one, two] = [1, 2].map(() => node.session().subscribe('price').echo('42'));
    const publisher = node.session();
    node.onPort = () => {
      node.onPort = undefined;
      one!.close();
    };
    publisher.publish('q', 'price');
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
    expect(two!.unicasts).toHaveLength(1);
    expect(net.clock.pending).toBe(0);
  });

  it.each(['send', 'push'] as const)('may say that the publisher is gone (%s)', (port) => {
    const net = new AmopNet(2);
    const [here, there] = net.nodes;
    (port === 'push' ? here! : there!).session().subscribe('price');
    net.settle();
    const publisher = here!.session();
    here!.onPort = (called) => {
      if (called !== port) return;
      here!.onPort = undefined;
      publisher.close();
    };
    publisher.publish('q', 'price');
    net.clock.run(60_000);
    expect(here!.repliesToNobody).toBe(0);
    expect(net.clock.pending).toBe(0);
  });

  it('may say that the link is down', () => {
    const net = new AmopNet(3);
    const [here, one, two] = net.nodes;
    for (const node of [one!, two!]) node.session().subscribe('price').echo('42');
    const publisher = here!.session();
    net.settle();
    here!.onPort = () => {
      here!.onPort = undefined;
      net.cut(here!, one!);
    };
    publisher.publish('q', 'price');
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
    expect(net.clock.pending).toBe(0);
  });

  it('may say that the link over which a unicast came is down', () => {
    const net = new AmopNet(2);
    const [here, there] = net.nodes;
    const subscriber = there!.session().subscribe('price').echo('42');
    const publisher = here!.session();
    net.settle();
    there!.onPort = (port) => {
      if (port === 'push') net.cut(here!, there!);
    };
    for (let i = 0; i < UNDER_WAY_PER_OWNER_MAX + 10; i++) {
      publisher.publish(`q${i}`, 'price');
      net.settle();
      net.link(here!, there!);
      net.settle();
    }
    expect(subscriber.unicasts).toHaveLength(UNDER_WAY_PER_OWNER_MAX + 10);
    expect(new Set(publisher.replies.map(({ result }) => result))).toEqual(new Set([100]));
    there!.onPort = undefined;
    publisher.publish('after', 'price');
    net.settle();
    expect(publisher.results.at(-1)).toBe('after 0 price:42');
  });
});
