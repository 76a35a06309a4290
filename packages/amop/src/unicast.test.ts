import { describe, expect, it } from 'vitest';
import { concatBytes } from '@menglian/base/bytes';
import { PEER_TIMEOUT_MS, SESSION_TIMEOUT_MS, SILENT_SESSIONS_MAX } from './limits.js';
import { KINDS } from './messages.js';
import { AmopNet, bodyOf, LINK_DELAY_MS, seqOf } from './testing/amopNet.js';

describe('a unicast', () => {
  it('goes to the subscriber of another node and brings its answer back unchanged', () => {
    const net = new AmopNet(3);
    const subscriber = net.nodes[2]!.session().subscribe('price').echo('42', -7);
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price', 'how much?');
    net.settle();
    expect(subscriber.unicasts).toMatchObject([{ seq: 'q', text: 'price:how much?' }]);
    expect(publisher.results).toEqual(['q -7 price:42']);
    expect(net.clock.pending).toBe(0);
  });

  it('passes on an answer that is no topic body', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('price');
    subscriber.answer = () => ({ result: 0, body: new Uint8Array() });
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.settle();
    expect(publisher.results).toEqual(['q 0']);
  });

  it('is refused with 100 and nothing when nobody has the topic', () => {
    const net = new AmopNet(2);
    const publisher = net.nodes[0]!.session();
    publisher.publish('q', 'price', 'hi');
    expect(publisher.results).toEqual(['q 100']);
  });

  it('has no answer without a topic in its body, and 100 for an empty one', () => {
    const net = new AmopNet(2);
    const publisher = net.nodes[0]!.session();
    for (const body of [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(0, 1, 2), Uint8Array.of(4, 97, 98)]) {
      net.nodes[0]!.router.publish(publisher.number, seqOf('q'), body);
      net.nodes[0]!.router.multicast(publisher.number, seqOf('q'), body);
    }
    expect(publisher.results).toEqual([]);
    net.nodes[0]!.router.publish(publisher.number, seqOf('q'), Uint8Array.of(1, 97));
    expect(publisher.results).toEqual(['q 100']);
  });

  it('reaches a session of the same node, but never the one that sent it', () => {
    const net = new AmopNet(1);
    const publisher = net.nodes[0]!.session().subscribe('price').echo('mine');
    publisher.publish('alone', 'price');
    expect(publisher.results).toEqual(['alone 100']);
    net.nodes[0]!.session().subscribe('price').echo('42');
    for (let i = 0; i < 20; i++) publisher.publish(`q${i}`, 'price');
    net.settle();
    expect(publisher.unicasts).toEqual([]);
    expect(publisher.results.slice(1)).toEqual(Array.from({ length: 20 }, (_, i) => `q${i} 0 price:42`));
  });

  it('takes every candidate in its turn: nodes with the topic, this one too, and their sessions', () => {
    const net = new AmopNet(4);
    const subscribers = [0, 1, 2, 2].map((index) => net.nodes[index]!.session().subscribe('price').echo('42'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    for (let i = 0; i < 300; i++) publisher.publish(`q${i}`, 'price');
    net.settle();
    expect(publisher.replies).toHaveLength(300);
    for (const { unicasts } of subscribers) expect(unicasts.length).toBeGreaterThan(30);
    // Two of them share a node, and so its part.
    expect(subscribers[0]!.unicasts.length).toBeGreaterThan(subscribers[2]!.unicasts.length);
  });

  it('reads topics as bytes, whatever they are', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('\uFEFF价格', '价格').echo('42');
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', '价格');
    net.nodes[0]!.router.publish(publisher.number, seqOf('bad'), Uint8Array.of(3, 0xff, 0xfe, 1));
    net.settle();
    expect(subscriber.unicasts).toHaveLength(1);
    expect(publisher.results).toEqual(['bad 100', 'q 0 价格:42']);
  });

  it('is never pushed under the name of block notices', () => {
    const net = new AmopNet(2);
    const subscribers = net.nodes.map((node) => node.session().subscribe('_block_notify_1'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', '_block_notify_1');
    publisher.multicast('m', '_block_notify_1');
    net.settle();
    expect(publisher.results).toEqual(['q 100', 'm 0 _block_notify_1:']);
    for (const { unicasts, multicasts } of subscribers) expect([...unicasts, ...multicasts]).toEqual([]);
    expect(net.nodes[0]!.router.topicsOf(net.nodes[1]!.nodeId)).toEqual(['_block_notify_1']);
  });
});

describe('a unicast whose way is blocked', () => {
  it('goes to the next node when one stays silent for 30 s, and ends with 100 when none is left', () => {
    const net = new AmopNet(3);
    const subscribers = [1, 2].map((index) => net.nodes[index]!.session().subscribe('price').echo('42'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    net.filter = (_, to) => to !== net.nodes[0]!.nodeId;
    const startMs = net.clock.nowMs;
    publisher.publish('q', 'price');
    net.clock.run(PEER_TIMEOUT_MS - 1);
    expect(subscribers.map(({ unicasts }) => unicasts.length).toSorted()).toEqual([0, 1]);
    net.clock.run(PEER_TIMEOUT_MS);
    expect(subscribers.map(({ unicasts }) => unicasts.length)).toEqual([1, 1]);
    expect(publisher.results).toEqual([]);
    net.clock.run(1);
    expect(publisher.replies).toEqual([{ seq: 'q', result: 100, text: '', atMs: startMs + 2 * PEER_TIMEOUT_MS }]);
    expect(net.clock.pending).toBe(0);
  });

  it.each([1, 2, 3, 4])('goes to the next node at once when the link ends (seed %i)', (seed) => {
    const net = new AmopNet(3, { seed });
    const [one, two] = [1, 2].map((index) => net.nodes[index]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.settle();
    const [first, second] = one!.unicasts.length > 0 ? [one!, two!] : [two!, one!];
    second.echo('42');
    net.cut(net.nodes[0]!, first.node);
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
    // The node that was cut off waits for nothing any more.
    expect(net.clock.pending).toBe(0);
    first.reply(first.unicasts[0]!.delivery, 0, bodyOf('price', 'late'));
    expect(publisher.results).toHaveLength(1);
  });

  it('goes to the next node at once when one cannot be sent to', () => {
    const net = new AmopNet(4);
    for (const index of [1, 2, 3]) net.nodes[index]!.session().subscribe('price').echo(`${index}`);
    const publisher = net.nodes[0]!.session();
    net.settle();
    net.nodes[0]!.full.add(net.nodes[1]!.nodeId).add(net.nodes[3]!.nodeId);
    for (let i = 0; i < 10; i++) publisher.publish('q', 'price');
    net.settle();
    expect(publisher.results).toEqual(Array.from({ length: 10 }, () => 'q 0 price:2'));
    net.nodes[0]!.full.add(net.nodes[2]!.nodeId);
    publisher.publish('none', 'price');
    expect(publisher.results.at(-1)).toBe('none 100');
  });

  it('skips a node that has lost the topic meanwhile', () => {
    const net = new AmopNet(3);
    const subscribers = [1, 2].map((index) => net.nodes[index]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    net.filter = (_, to, payload) => to !== net.nodes[0]!.nodeId || payload[1] === KINDS.topics;
    const startMs = net.clock.nowMs;
    publisher.publish('q', 'price');
    net.settle();
    const untried = subscribers.find(({ unicasts }) => unicasts.length === 0)!;
    untried.subscribe();
    net.clock.run(2 * PEER_TIMEOUT_MS);
    expect(untried.unicasts).toEqual([]);
    expect(publisher.replies).toEqual([{ seq: 'q', result: 100, text: '', atMs: startMs + PEER_TIMEOUT_MS }]);
  });

  it('has one answer: later ones, and those of another node, are ignored', () => {
    const net = new AmopNet(3);
    const subscribers = [1, 2].map((index) => net.nodes[index]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    let lost: { from: string; payload: Uint8Array } | undefined;
    net.filter = (from, to, payload) => {
      if (to !== net.nodes[0]!.nodeId || lost !== undefined) return true;
      lost = { from, payload };
      return false;
    };
    for (const subscriber of subscribers) subscriber.echo('42');
    publisher.publish('q', 'price');
    net.clock.run(PEER_TIMEOUT_MS);
    const { from, payload } = lost!;
    const other = net.nodes.find(({ nodeId }) => nodeId !== from && nodeId !== net.nodes[0]!.nodeId)!;
    net.nodes[0]!.router.onPeerMessage(from, payload);
    net.nodes[0]!.router.onPeerMessage(other.nodeId, payload);
    expect(publisher.results).toEqual([]);
    net.settle();
    net.nodes[0]!.router.onPeerMessage(from, payload);
    expect(publisher.results).toEqual(['q 0 price:42']);
  });

  it('is forgotten with the session that sent it', () => {
    const net = new AmopNet(2);
    const subscribers = net.nodes.map((node) => node.session().subscribe('price'));
    const [publisher, other] = [net.nodes[0]!.session(), net.nodes[0]!.session()];
    net.settle();
    for (let i = 0; i < 10; i++) publisher.publish(`q${i}`, 'price');
    other.publish('q', 'price');
    net.settle();
    publisher.close();
    for (const subscriber of subscribers)
      for (const { delivery } of subscriber.unicasts) subscriber.reply(delivery, 0, bodyOf('price', 'late'));
    net.settle();
    expect(net.nodes[0]!.repliesToNobody).toBe(0);
    expect(other.results).toEqual(['q 0 price:late']);
    expect(net.clock.pending).toBe(0);
  });
});

describe('the node of the subscribers', () => {
  it('asks one session after the other, 5 s each, then gives the body back with 104', () => {
    const net = new AmopNet(2);
    const subscribers = [1, 2, 3].map(() => net.nodes[1]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price', 'hi');
    net.clock.run(LINK_DELAY_MS);
    const asked = () => subscribers.reduce((sum, { unicasts }) => sum + unicasts.length, 0);
    for (const count of [1, 2, 3]) {
      expect(asked()).toBe(count);
      net.clock.run(SESSION_TIMEOUT_MS);
    }
    expect(subscribers.map(({ unicasts }) => unicasts.length)).toEqual([1, 1, 1]);
    net.settle();
    expect(publisher.results).toEqual(['q 104 price:hi']);
  });

  it('is final: no other node is asked after it', () => {
    const net = new AmopNet(3);
    const silent = net.nodes[1]!.session().subscribe('price');
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price', 'hi');
    net.settle();
    net.nodes[2]!.session().subscribe('price').echo('42');
    net.clock.run(SESSION_TIMEOUT_MS + LINK_DELAY_MS);
    expect(silent.unicasts).toHaveLength(1);
    expect(publisher.results).toEqual(['q 104 price:hi']);
  });

  it('gives 104 at once when its last subscriber has just left', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('price');
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price', 'hi');
    subscriber.close();
    net.settle();
    expect(publisher.results).toEqual(['q 104 price:hi']);
  });

  it('turns to another session at once when one closes or is too slow', () => {
    const net = new AmopNet(2);
    const subscribers = [1, 2, 3].map(() => net.nodes[1]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.settle();
    const first = subscribers.find(({ unicasts }) => unicasts.length > 0)!;
    const [slow, last] = subscribers.filter((one) => one !== first);
    slow!.isSlow = true;
    last!.echo('42');
    first.close();
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
    expect(net.clock.pending).toBe(0);
  });

  it('leaves alone what other sessions have when one closes', () => {
    const net = new AmopNet(2);
    const [one, two] = ['price', 'news'].map((topic) => net.nodes[1]!.session().subscribe(topic));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('p', 'price');
    publisher.publish('n', 'news');
    net.settle();
    one!.close();
    two!.reply(two!.unicasts[0]!.delivery, 0, bodyOf('news', '42'));
    net.settle();
    expect(publisher.results).toEqual(['p 104 price:', 'n 0 news:42']);
  });

  it('asks no session that has ended its subscription meanwhile', () => {
    const net = new AmopNet(2);
    const subscribers = [1, 2].map(() => net.nodes[1]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price', 'hi');
    net.settle();
    const untried = subscribers.find(({ unicasts }) => unicasts.length === 0)!;
    untried.subscribe('other');
    net.clock.run(SESSION_TIMEOUT_MS);
    expect(untried.unicasts).toEqual([]);
    expect(publisher.results).toEqual(['q 104 price:hi']);
  });

  it('ignores what a session answers too late or twice', () => {
    const net = new AmopNet(2);
    const subscribers = [1, 2].map(() => net.nodes[1]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.clock.run(SESSION_TIMEOUT_MS + LINK_DELAY_MS);
    const [first, second] = subscribers.map(({ unicasts }) => unicasts[0]!.delivery).toSorted((a, b) => a - b);
    subscribers[0]!.reply(first!, 0, bodyOf('price', 'late'));
    subscribers[0]!.reply(second!, 0, bodyOf('price', '42'));
    subscribers[0]!.reply(second!, 0, bodyOf('price', 'twice'));
    subscribers[0]!.reply(999, 0, bodyOf('price', 'unknown'));
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
  });

  it('gives up after five silent sessions, while the node of the publisher still waits', () => {
    const net = new AmopNet(2);
    const subscribers = Array.from({ length: 8 }, () => net.nodes[1]!.session().subscribe('price'));
    const publisher = net.nodes[0]!.session();
    net.settle();
    const startMs = net.clock.nowMs;
    publisher.publish('q', 'price', 'hi');
    net.clock.run(PEER_TIMEOUT_MS);
    expect(subscribers.filter(({ unicasts }) => unicasts.length > 0)).toHaveLength(SILENT_SESSIONS_MAX);
    const atMs = startMs + SILENT_SESSIONS_MAX * SESSION_TIMEOUT_MS + 2 * LINK_DELAY_MS;
    expect(publisher.replies).toEqual([{ seq: 'q', result: 104, text: 'price:hi', atMs }]);
  });

  it('gives 104 for its own sessions, too', () => {
    const net = new AmopNet(1);
    net.nodes[0]!.session().subscribe('price');
    const publisher = net.nodes[0]!.session();
    publisher.publish('q', 'price', 'hi');
    net.clock.run(SESSION_TIMEOUT_MS);
    expect(publisher.results).toEqual(['q 104 price:hi']);
  });
});

describe('a multicast', () => {
  it('goes to every session of every node but the one that sent it, which is answered at once', () => {
    const net = new AmopNet(3);
    const subscribers = [0, 0, 1, 1, 2].map((index) => net.nodes[index]!.session().subscribe('news'));
    const bystander = net.nodes[1]!.session().subscribe('other');
    const publisher = net.nodes[0]!.session().subscribe('news');
    net.settle();
    publisher.multicast('m', 'news', 'extra');
    expect(publisher.results).toEqual(['m 0 news:extra']);
    net.settle();
    for (const { multicasts } of subscribers) expect(multicasts).toEqual(['m news:extra']);
    expect([...publisher.multicasts, ...bystander.multicasts]).toEqual([]);
    expect(net.clock.pending).toBe(0);
  });

  it('is acknowledged when nobody has the topic', () => {
    const net = new AmopNet(2);
    const publisher = net.nodes[0]!.session();
    publisher.multicast('m', 'news');
    expect(publisher.results).toEqual(['m 0 news:']);
    expect(net.nodes[0]!.sent).toBe(0);
  });

  it('keeps an empty content and any bytes', () => {
    const net = new AmopNet(2);
    const subscriber = net.nodes[1]!.session().subscribe('news');
    const publisher = net.nodes[0]!.session();
    net.settle();
    const body = concatBytes(bodyOf('news'), Uint8Array.of(0, 1, 65));
    net.nodes[0]!.router.multicast(publisher.number, seqOf('m'), body);
    net.settle();
    expect(subscriber.multicasts).toEqual(['m news:\u0000\u0001A']);
  });
});
