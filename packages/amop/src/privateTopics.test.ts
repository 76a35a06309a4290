import { describe, expect, it } from 'vitest';
import {
  PRIVATE_TOPICS_PER_PEER_MAX,
  TOPICS_PER_SESSION_MAX,
  VERIFICATIONS_PER_PEER_MAX,
  VERIFICATION_INTERVAL_MS,
} from './limits.js';
import { AmopNet, type TestNode, type TestSession } from './testing/amopNet.js';

const TOPIC = '#!$TopicNeedVerify_price';
const channelOf = (topic: string, digit = '1') => `#!$VerifyChannel_${topic}_${digit.repeat(32)}`;
const CHANNEL = channelOf(TOPIC);
const PUSH = `#!$PushChannel_${TOPIC}`;

/** A publisher on node 0, a subscriber on node 1. */
function start(): { net: AmopNet; here: TestNode; there: TestNode; publisher: TestSession; subscriber: TestSession } {
  const net = new AmopNet(2);
  const [here, there] = [net.nodes[0]!, net.nodes[1]!];
  const publisher = here.session().subscribe(PUSH);
  const subscriber = there.session().subscribe(TOPIC, CHANNEL).echo('signature');
  net.settle();
  return { net, here, there, publisher, subscriber };
}

const status = (node: TestNode, checkResult: number) => ({ nodeId: node.nodeId, topic: TOPIC, checkResult });

describe('a private topic', () => {
  it('receives after its publisher has verified the subscriber', () => {
    const { net, here, there, publisher, subscriber } = start();
    expect(publisher.certifications).toEqual([{ nodeId: there.nodeId, topic: TOPIC, topicForCert: CHANNEL }]);
    publisher.publish('early', TOPIC);
    publisher.publish('challenge', CHANNEL, 'random');
    net.settle();
    expect(publisher.results).toEqual(['early 100', `challenge 0 ${CHANNEL}:signature`]);
    expect(here.router.topicsOf(there.nodeId)).toEqual([CHANNEL]);

    here.router.onTopicStatus(status(there, 0));
    publisher.publish('q', TOPIC, 'hi');
    publisher.multicast('m', TOPIC, 'all');
    net.settle();
    expect(publisher.results.slice(2)).toEqual([`m 0 ${TOPIC}:all`, `q 0 ${TOPIC}:signature`]);
    expect(subscriber.multicasts).toEqual([`m ${TOPIC}:all`]);
    expect(here.router.topicsOf(there.nodeId)).toEqual([TOPIC, CHANNEL]);
    net.clock.run(2 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toHaveLength(1);
    expect(net.clock.pending).toBe(0);
  });

  it('never receives when the publisher refuses, whatever is said later', () => {
    const { net, here, there, publisher, subscriber } = start();
    here.router.onTopicStatus(status(there, 1));
    here.router.onTopicStatus(status(there, 0));
    publisher.publish('q', TOPIC);
    publisher.multicast('m', TOPIC);
    net.clock.run(3 * VERIFICATION_INTERVAL_MS);
    expect(publisher.results).toEqual(['q 100', `m 0 ${TOPIC}:`]);
    expect([...subscriber.unicasts, ...subscriber.multicasts]).toEqual([]);
    expect(publisher.certifications).toHaveLength(1);
    expect(net.clock.pending).toBe(0);
  });

  it('is asked about every 5 s while its status is unknown, whatever the publisher answers to that', () => {
    const { net, here, there, publisher } = start();
    for (let delivery = 0; delivery < 10; delivery++) here.router.onAnswer(delivery, 0, new Uint8Array());
    net.clock.run(2 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toHaveLength(3);
    publisher.publish('q', TOPIC);
    expect(publisher.results).toEqual(['q 100']);
    here.router.onTopicStatus(status(there, 0));
    net.clock.run(2 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toHaveLength(3);
  });

  it('waits for a publisher', () => {
    const net = new AmopNet(2);
    const [here, there] = [net.nodes[0]!, net.nodes[1]!];
    there.session().subscribe(TOPIC, CHANNEL);
    net.clock.run(3 * VERIFICATION_INTERVAL_MS);
    const publisher = here.session().subscribe(PUSH);
    expect(publisher.certifications).toHaveLength(1);
  });

  it('takes another publisher when one is too slow', () => {
    const { net, here, publisher } = start();
    publisher.isSlow = true;
    const other = here.session().subscribe(PUSH);
    net.clock.run(4 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toHaveLength(1);
    expect(other.certifications).toHaveLength(4);
  });

  it('keeps its status while it is told, and is asked about again at once with a new channel', () => {
    const { net, here, there, publisher, subscriber } = start();
    subscriber.subscribe(TOPIC, channelOf(TOPIC, '2'), 'other');
    net.settle();
    expect(publisher.certifications.map(({ topicForCert }) => topicForCert)).toEqual([CHANNEL, channelOf(TOPIC, '2')]);
    here.router.onTopicStatus(status(there, 0));
    subscriber.subscribe(TOPIC, channelOf(TOPIC, '3'));
    net.settle();
    publisher.publish('kept', TOPIC);
    net.settle();
    subscriber.subscribe();
    net.settle();
    subscriber.subscribe(TOPIC, CHANNEL);
    net.settle();
    publisher.publish('again', TOPIC);
    expect(publisher.results).toEqual(['again 100', `kept 0 ${TOPIC}:signature`].toReversed());
    expect(publisher.certifications).toHaveLength(3);
  });

  it('is not asked about twice when other topics change, and about its first channel when it has several', () => {
    const { net, publisher, subscriber } = start();
    subscriber.subscribe(TOPIC, channelOf(TOPIC, '2'), CHANNEL, 'other');
    net.settle();
    subscriber.subscribe(TOPIC, CHANNEL);
    net.settle();
    expect(publisher.certifications.map(({ topicForCert }) => topicForCert)).toEqual([CHANNEL]);
  });

  it('loses its status with the link', () => {
    const { net, here, there, publisher } = start();
    here.router.onTopicStatus(status(there, 0));
    net.cut(here, there);
    net.link(here, there);
    net.settle();
    publisher.publish('q', TOPIC);
    expect(publisher.results).toEqual(['q 100']);
    expect(publisher.certifications).toHaveLength(2);
  });

  it('needs no verification on the node of its publisher', () => {
    const { net, here, publisher } = start();
    here.session().subscribe(TOPIC, channelOf(TOPIC, '4')).echo('42');
    publisher.publish('q', TOPIC);
    net.settle();
    expect(publisher.results).toEqual([`q 0 ${TOPIC}:42`]);
  });

  it('is not asked about without a channel of its own', () => {
    const net = new AmopNet(2);
    const publisher = net.nodes[0]!.session().subscribe(PUSH);
    net.nodes[1]!.session().subscribe(TOPIC, channelOf(`${TOPIC}_2`), `#!$VerifyChannel_${TOPIC}`, '#!$VerifyChannel_');
    net.clock.run(2 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toEqual([]);
    expect(net.clock.pending).toBe(0);
  });

  it('has a status only for peers and topics that there are', () => {
    const { net, here, there, publisher } = start();
    here.router.onTopicStatus({ ...status(there, 0), nodeId: 'x' });
    here.router.onTopicStatus({ ...status(there, 0), topic: '' });
    here.router.onTopicStatus({ ...status(there, 0), topic: 'x'.repeat(1000) });
    here.router.onTopicStatus({ ...status(there, 0), topic: `${TOPIC}2` });
    publisher.publish('q', TOPIC);
    net.settle();
    expect(publisher.results).toEqual(['q 100']);
  });
});

describe('a peer with many private topics', () => {
  it('costs a few requests in 5 s, and all of them have their turn', () => {
    const net = new AmopNet(2);
    const names = Array.from({ length: 2 * VERIFICATIONS_PER_PEER_MAX }, (_, index) => `${TOPIC}${index}`);
    const publisher = net.nodes[0]!.session().subscribe(...names.map((topic) => `#!$PushChannel_${topic}`));
    const subscriber = net.nodes[1]!.session().subscribe(...names, ...names.map((topic) => channelOf(topic)));
    net.settle();
    subscriber.subscribe(...names, ...names.map((topic) => channelOf(topic, '2')));
    net.settle();
    expect(publisher.certifications).toHaveLength(VERIFICATIONS_PER_PEER_MAX);
    net.clock.run(2 * VERIFICATION_INTERVAL_MS);
    expect(publisher.certifications).toHaveLength(3 * VERIFICATIONS_PER_PEER_MAX);
    expect(new Set(publisher.certifications.map(({ topic }) => topic))).toEqual(new Set(names));
  });

  it('has only so many of them', () => {
    const net = new AmopNet(2);
    const [here, there] = [net.nodes[0]!, net.nodes[1]!];
    for (const prefix of ['a', 'b'])
      there
        .session()
        .subscribe(...Array.from({ length: TOPICS_PER_SESSION_MAX }, (_, index) => `${TOPIC}${prefix}${index}`));
    net.settle();
    for (const prefix of ['a', 'b'])
      for (let index = 0; index < TOPICS_PER_SESSION_MAX; index++)
        here.router.onTopicStatus({ ...status(there, 0), topic: `${TOPIC}${prefix}${index}` });
    expect(here.router.topicsOf(there.nodeId)).toHaveLength(PRIVATE_TOPICS_PER_PEER_MAX);
  });
});
