import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@menglian/base/seededRandom';
import { PEER_TIMEOUT_MS } from './limits.js';
import { type AmopMessage, encodeMessage } from './messages.js';
import { AmopNet, bodyOf, nodeIdOf, seqOf } from './testing/amopNet.js';

const ROUNDS = 800;

describe('a hostile peer', () => {
  it('cannot answer for another one', () => {
    const net = new AmopNet(3);
    const [here, asked, liar] = net.nodes;
    const subscriber = asked!.session().subscribe('price');
    const publisher = here!.session();
    net.settle();
    publisher.publish('q', 'price');
    net.settle();
    for (let number = 0; number < 10; number++) {
      const lies: AmopMessage[] = [
        { kind: 'response', number, result: 0, body: bodyOf('price', 'lie') },
        { kind: 'failure', number, reason: 'noSession' },
        { kind: 'failure', number, reason: 'busy' },
      ];
      for (const lie of lies) here!.router.onPeerMessage(liar!.nodeId, encodeMessage(lie));
      for (const lie of lies) here!.router.onPeerMessage(nodeIdOf(9), encodeMessage(lie));
    }
    expect(publisher.results).toEqual([]);
    subscriber.reply(subscriber.unicasts[0]!.delivery, 0, bodyOf('price', '42'));
    net.settle();
    expect(publisher.results).toEqual(['q 0 price:42']);
  });

  it('has one delivery for one number at a time', () => {
    const net = new AmopNet(2);
    const [here, peer] = net.nodes;
    const subscriber = here!.session().subscribe('price');
    net.settle();
    const request = encodeMessage({ kind: 'request', number: 1, seq: seqOf('q'), body: bodyOf('price') });
    for (let i = 0; i < 10; i++) here!.router.onPeerMessage(peer!.nodeId, request);
    expect(subscriber.unicasts).toHaveLength(1);
    subscriber.reply(subscriber.unicasts[0]!.delivery, 0, bodyOf('price'));
    here!.router.onPeerMessage(peer!.nodeId, request);
    expect(subscriber.unicasts).toHaveLength(2);
  });

  it('has an answer for a request without a topic, and nothing else for what is no message', () => {
    const net = new AmopNet(2);
    const [here, peer] = net.nodes;
    here!.session().subscribe('price');
    net.settle();
    const sent = here!.sent;
    for (const body of [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(9, 1)]) {
      here!.router.onPeerMessage(peer!.nodeId, encodeMessage({ kind: 'multicast', seq: seqOf('m'), body }));
      here!.router.onPeerMessage(peer!.nodeId, encodeMessage({ kind: 'request', number: 1, seq: seqOf('q'), body }));
    }
    expect(here!.sent).toBe(sent + 3);
    for (let i = 0; i < 10; i++) here!.router.onPeerMessage(peer!.nodeId, Uint8Array.of(1, 99, i));
    expect(here!.sent).toBe(sent + 3);
    expect(here!.log).toHaveLength(1);
  });

  it('is not heard before its link is up and after it is down', () => {
    const net = new AmopNet(2);
    const [here, peer] = net.nodes;
    const subscriber = here!.session().subscribe('price');
    net.cut(here!, peer!);
    const request = encodeMessage({ kind: 'request', number: 1, seq: seqOf('q'), body: bodyOf('price') });
    here!.router.onPeerMessage(peer!.nodeId, request);
    here!.router.onPeerMessage(peer!.nodeId, encodeMessage({ kind: 'topics', topics: ['price'] }));
    expect(subscriber.unicasts).toEqual([]);
    expect(here!.router.topicsOf(peer!.nodeId)).toEqual([]);
  });

  it('changes messages on their way 20,000 times, and every request has one reply in the end', () => {
    const net = new AmopNet(3, { seed: 7 });
    const random = new SeededRandom(20);
    const topics = ['price', 'news', '#!$TopicNeedVerify_x', `#!$VerifyChannel_#!$TopicNeedVerify_x_${'1'.repeat(32)}`];
    const subscribers = net.nodes.flatMap((node) =>
      [1, 2].map(() =>
        node
          .session()
          .subscribe(...topics)
          .echo('42'),
      ),
    );
    const publishers = net.nodes.map((node) => node.session().subscribe('#!$PushChannel_#!$TopicNeedVerify_x'));
    net.settle();
    let mutated = 0;
    net.filter = (from, to, payload) => {
      const target = net.nodes.find(({ nodeId }) => nodeId === to)!;
      for (let i = 0; i < 10; i++, mutated++) target.router.onPeerMessage(from, mutate(payload, random));
      return random.chance(50);
    };
    let published = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const publisher = random.pick(publishers);
      publisher.publish(`q${published++}`, random.pick(topics), 'hi');
      publisher.multicast(`m${published++}`, random.pick(topics), 'hi');
      random.pick(subscribers).subscribe(...topics, `extra${random.below(5)}`);
      net.clock.run(random.below(50));
    }
    expect(mutated).toBeGreaterThan(20_000);
    net.filter = () => true;
    net.clock.run(3 * PEER_TIMEOUT_MS);
    const replies = publishers.flatMap(({ replies }) => replies.map(({ seq }) => seq));
    expect(replies).toHaveLength(published);
    expect(new Set(replies).size).toBe(published);
    for (const publisher of publishers) {
      publisher.replies.splice(0);
      publisher.publish('after', 'price');
    }
    net.settle();
    for (const publisher of publishers) expect(publisher.results).toEqual(['after 0 price:42']);
  });
});

/** Flips bits, cuts, lengthens or doubles parts of a message; sometimes a length becomes very large. */
function mutate(payload: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = Uint8Array.of(...payload, ...random.bytes(random.below(4)));
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(bytes.length);
    switch (random.below(4)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.pick([0, 1, 2, 3, 4, 254, 255]);
        break;
      case 2:
        bytes.copyWithin(at, random.below(bytes.length));
        break;
      default:
        return bytes.subarray(0, at);
    }
  }
  return bytes;
}
