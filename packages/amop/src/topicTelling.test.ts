import { describe, expect, it } from 'vitest';
import { TOPICS_INTERVAL_MS, TOPICS_PER_NODE_MAX, TOPICS_PER_SESSION_MAX, TOPIC_BYTES_MAX } from './limits.js';
import { AmopNet, LINK_DELAY_MS } from './testing/amopNet.js';

describe('topics of a node', () => {
  it('are at its peers at once', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    b.session().subscribe('price', 'news');
    net.clock.run(LINK_DELAY_MS);
    expect(a.router.topicsOf(b.nodeId)).toEqual(['news', 'price']);
    const publisher = a.session();
    publisher.publish('q', 'price');
    expect(publisher.replies).toEqual([]);
  });

  it('are told when a link comes up, and forgotten when it ends', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    net.cut(a, b);
    b.session().subscribe('price');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual([]);
    net.link(a, b);
    net.clock.run(LINK_DELAY_MS);
    expect(a.router.topicsOf(b.nodeId)).toEqual(['price']);
    expect(b.router.topicsOf(a.nodeId)).toEqual([]);
    expect(a.sent).toBe(0);
    net.cut(a, b);
    expect(a.router.topicsOf(b.nodeId)).toEqual([]);
  });

  it('are told together when many change, a few times a second', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    const sessions = Array.from({ length: 50 }, (_, index) => b.session().subscribe(`topic${index}`));
    expect(b.sent).toBe(1);
    net.clock.run(TOPICS_INTERVAL_MS + LINK_DELAY_MS);
    expect(b.sent).toBe(2);
    expect(a.router.topicsOf(b.nodeId)).toHaveLength(50);
    for (const session of sessions) session.close();
    net.settle();
    expect(b.sent).toBeLessThanOrEqual(4);
    expect(a.router.topicsOf(b.nodeId)).toEqual([]);
    net.settle();
    expect(net.clock.pending).toBe(0);
  });

  it('are not told when nothing changes for peers', () => {
    const net = new AmopNet(2);
    const b = net.nodes[1]!;
    const first = b.session().subscribe('price');
    net.settle();
    first.subscribe('price');
    b.session().subscribe('price');
    first.close();
    b.session().close();
    net.settle();
    expect(b.sent).toBe(1);
  });

  it('are the union of what sessions last reported', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    const one = b.session().subscribe('x', 'y');
    const two = b.session().subscribe('y', 'z');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['x', 'y', 'z']);
    one.subscribe('w');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['w', 'y', 'z']);
    two.subscribe();
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['w']);
  });

  it('reach a peer later when it could not be sent to', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    b.full.add(a.nodeId);
    b.session().subscribe('price');
    net.cut(a, b);
    net.link(a, b);
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual([]);
    b.full.clear();
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['price']);
    net.settle();
    expect(net.clock.pending).toBe(0);
  });

  it('are told later when the queue is full as a link comes up, unless it ends', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    net.cut(a, b);
    b.session().subscribe('price');
    b.full.add(a.nodeId);
    net.settle();
    net.link(a, b);
    net.settle();
    b.full.clear();
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['price']);
    b.full.add(a.nodeId);
    b.session().subscribe('news');
    net.cut(a, b);
    net.settle();
    expect(net.clock.pending).toBe(0);
  });

  it('are forgotten when a link comes up anew without having ended', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    b.session().subscribe('price');
    const publisher = a.session();
    net.settle();
    publisher.publish('q', 'price');
    a.router.onPeerUp(b.nodeId);
    expect(a.router.topicsOf(b.nodeId)).toEqual([]);
    expect(publisher.results).toEqual(['q 100']);
  });

  it('are bounded for a session: the rest of its list counts', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    const longest = '价'.repeat(84) + 'xx';
    b.session().subscribe('', longest, `${longest}x`, 'x'.repeat(TOPIC_BYTES_MAX + 1), 'price');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toEqual(['price', longest]);
    expect(b.log).toHaveLength(1);
    b.session().subscribe(...Array.from({ length: TOPICS_PER_SESSION_MAX + 1 }, (_, index) => `topic${index}`));
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toHaveLength(2 + TOPICS_PER_SESSION_MAX);
    expect(b.log).toHaveLength(2);
  });

  it('are bounded for a node, and have room again when others go', () => {
    const net = new AmopNet(2);
    const [a, b] = [net.nodes[0]!, net.nodes[1]!];
    const names = (prefix: string) => Array.from({ length: TOPICS_PER_SESSION_MAX }, (_, index) => `${prefix}${index}`);
    const sessions = Array.from({ length: TOPICS_PER_NODE_MAX / TOPICS_PER_SESSION_MAX }, (_, index) =>
      b.session().subscribe(...names(`${index}/`)),
    );
    const late = b.session().subscribe('0/0', 'price').echo('42');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toHaveLength(TOPICS_PER_NODE_MAX);
    expect(a.router.topicsOf(b.nodeId)).not.toContain('price');
    sessions[3]!.close();
    late.subscribe('price');
    net.settle();
    expect(a.router.topicsOf(b.nodeId)).toContain('price');
    expect(a.log).toEqual([]);
  });
});
