import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../e2e/cluster.js';
import { editFile } from '../e2e/nodeRuns.js';
import { ChannelChain } from './channelChain.js';
import { newSeq, type ConformanceClient } from './conformanceClient.js';
import { encodeFrame, readTopicBody, topicBody, TYPE, type Frame } from './frames.js';

/**
 * Goal: messages between applications reach subscribers of a topic on the same node and on another one, and private topics
 * only those whom the publisher has accepted. Method: a chain of two real processes, publishers at the first; what the second
 * may send to other nodes is limited.
 */

const SEQ = '0123456789abcdef0123456789abcdef';
const SEQ_HEX = Buffer.from(SEQ).toString('hex');
const REQUEST = `000000320030${SEQ_HEX}000000000670726963656869`;
const UNAVAILABLE = `0000002a0031${SEQ_HEX}00000064`;

/** Results of a response. */
const NO_SUBSCRIBER = 100;
const OVER_LIMIT = 103;
const ALL_SUBSCRIBERS_FAILED = 104;

let chain: ChannelChain;

beforeAll(async () => {
  chain = await ChannelChain.build({ agencies: ['agency', 'agency'] });
  editFile(chain.configPath(1), (text) =>
    text.replace(/^.*\boutgoing_bandwidth_limit=.*$/m, 'outgoing_bandwidth_limit=1'),
  );
  await chain.start(0, 1);
  await until(async () => ((await chain.http().call('getPeers', 1)) as object[]).length === 1, 'the nodes are linked');
});

afterAll(async () => {
  await chain?.stop();
});

const bytesOf = ({ type, seq, data, result }: Frame) => encodeFrame(type, seq, data, result).toString('hex');

async function clientAt(index: number, ...topics: readonly string[]): Promise<ConformanceClient> {
  const client = await chain.connect('java', index);
  await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
  client.send(TYPE.reportTopics, JSON.stringify(topics));
  await client.settle();
  return client;
}

async function finish(...clients: readonly ConformanceClient[]): Promise<void> {
  for (const client of clients) await client.finish();
}

/** A frame and the client that got it. */
interface Arrival {
  readonly at: ConformanceClient;
  readonly frame: Frame;
}

/** Takes the first frame with this seq at any of the clients. */
async function arrival(seq: string, clients: readonly ConformanceClient[]): Promise<Arrival> {
  const ofSeq = (frame: Frame) => frame.seq === seq;
  const seen = new Map(clients.map((client) => [client, client.received.filter(ofSeq).length]));
  const hasMore = (client: ConformanceClient) => client.received.filter(ofSeq).length > seen.get(client)!;
  for (const client of clients) {
    if (seen.get(client)! > 0) return { at: client, frame: await client.take(ofSeq, 'a frame that is here') };
  }
  await until(async () => Promise.resolve(clients.some(hasMore)), 'a message or an answer to it arrives', 10_000);
  const at = clients.find(hasMore)!;
  return { at, frame: await at.take(ofSeq, 'a frame that is here') };
}

/** Publishes until the publisher's node knows a subscriber. @returns where the message arrived; nobody has answered it */
async function reach(
  publisher: ConformanceClient,
  topic: string,
  ...listeners: readonly ConformanceClient[]
): Promise<Arrival> {
  for (;;) {
    const seq = publisher.send(TYPE.amopRequest, topicBody(topic, 'question'));
    const { at, frame } = await arrival(seq, [publisher, ...listeners]);
    if (at !== publisher) {
      expect([frame.type, frame.result]).toEqual([TYPE.amopRequest, 0]);
      expect(readTopicBody(frame.data)).toEqual({ topic, content: Buffer.from('question') });
      return { at, frame };
    }
    expect([frame.type, frame.result, frame.data.length]).toEqual([TYPE.amopResponse, NO_SUBSCRIBER, 0]);
    await sleep(50);
  }
}

async function resultOf(publisher: ConformanceClient, topic: string): Promise<number> {
  const seq = publisher.send(TYPE.amopRequest, topicBody(topic, 'question'));
  return (await publisher.take((frame) => frame.seq === seq, 'an answer')).result;
}

describe('a message to one subscriber', () => {
  it('fails with 100 where nobody subscribed', async () => {
    const client = await clientAt(0);
    client.write(Buffer.from(REQUEST, 'hex'));
    expect(bytesOf(await client.takeType(TYPE.amopResponse))).toBe(UNAVAILABLE);
    await client.finish();
  });

  it.each([0, 1])('reaches one at node %i, whose answer comes back', async (index) => {
    const topic = `news of ${index} 消息`;
    const [publisher, listener] = [await clientAt(0), await clientAt(index, 'other', topic)];
    const { seq } = (await reach(publisher, topic, listener)).frame;
    // What the answer says is the affair of the two.
    const answer = encodeFrame(TYPE.amopResponse, seq, topicBody(topic, 'answer'), 7);
    listener.write(answer);
    expect(bytesOf(await publisher.takeType(TYPE.amopResponse))).toBe(answer.toString('hex'));

    // Any bytes, longer than a record of TLS.
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7) & 0xff));
    publisher.send(TYPE.amopRequest, topicBody(topic, content), SEQ);
    const pushed = await listener.takeType(TYPE.amopRequest);
    expect([pushed.seq, readTopicBody(pushed.data).content.equals(content)]).toEqual([SEQ, true]);
    listener.send(TYPE.amopResponse, pushed.data, SEQ);
    const echo = await publisher.takeType(TYPE.amopResponse);
    expect([echo.seq, echo.result, echo.data.equals(pushed.data)]).toEqual([SEQ, 0, true]);
    await finish(publisher, listener);
  });

  it('is answered by any frame with its seq, whatever the type', async () => {
    const topic = 'careless';
    const [publisher, listener] = [await clientAt(0), await clientAt(0, topic)];
    for (const type of [TYPE.rpc, TYPE.amopRequest, TYPE.handshake, 0x39]) {
      const { seq } = (await reach(publisher, topic, listener)).frame;
      listener.send(type, topicBody(topic, `answer ${type}`), seq);
      const answer = await publisher.take((frame) => frame.seq === seq, 'the answer');
      expect(readTopicBody(answer.data).content.toString()).toBe(`answer ${type}`);
    }
    await finish(publisher, listener);
  });

  it('is never sent back to its sender', async () => {
    const alone = await clientAt(0, 'mirror');
    alone.send(TYPE.amopRequest, topicBody('mirror', 'me'), SEQ);
    const answer = await alone.takeType(TYPE.amopResponse);
    expect([answer.seq, answer.result]).toEqual([SEQ, NO_SUBSCRIBER]);
    await alone.finish();
  });

  it('goes to another one when the first leaves, and comes back with 104 when all of them leave', async () => {
    const topic = 'short-lived';
    const publisher = await clientAt(0);
    const listeners = [await clientAt(1, topic), await clientAt(1, topic)];
    const asked = await reach(publisher, topic, ...listeners);
    await asked.at.destroy();
    const other = listeners.find((listener) => listener !== asked.at)!;
    const again = await other.takeType(TYPE.amopRequest);
    expect(bytesOf(again)).toBe(bytesOf(asked.frame));
    await other.destroy();
    const answer = await publisher.takeType(TYPE.amopResponse);
    expect([answer.seq, answer.result]).toEqual([again.seq, ALL_SUBSCRIBERS_FAILED]);
    expect(answer.data.equals(again.data)).toBe(true);
    await publisher.finish();
  });

  it('no longer reaches one who unsubscribed', async () => {
    const topic = 'for a while';
    const [publisher, listener] = [await clientAt(0), await clientAt(0, topic)];
    const { seq } = (await reach(publisher, topic, listener)).frame;
    listener.send(TYPE.amopResponse, topicBody(topic, ''), seq);
    await publisher.takeType(TYPE.amopResponse);
    listener.send(TYPE.reportTopics, '["another"]');
    await listener.settle();
    expect(await resultOf(publisher, topic)).toBe(NO_SUBSCRIBER);
    await finish(publisher, listener);
  });
});

describe('a message to all subscribers', () => {
  it('is acknowledged with what was sent, whoever hears it', async () => {
    const client = await clientAt(0);
    const echo = encodeFrame(TYPE.amopResponse, SEQ, topicBody('nobody is here', 'hi'));
    client.send(TYPE.amopMulticast, topicBody('nobody is here', 'hi'), SEQ);
    expect(bytesOf(await client.takeType(TYPE.amopResponse))).toBe(echo.toString('hex'));
    await client.finish();
  });

  it('reaches those at both nodes, each once, and not its sender', async () => {
    const topic = 'to all';
    const [publisher, near] = [await clientAt(0, topic), await clientAt(0, topic)];
    const [further, stranger] = [await clientAt(1, topic), await clientAt(1, 'to some')];
    const far = await clientAt(1, topic, 'lighthouse');
    // Both topics travel together.
    far.send(TYPE.amopResponse, '', (await reach(publisher, 'lighthouse', far)).frame.seq);
    await publisher.takeType(TYPE.amopResponse);
    const seq = newSeq();
    const body = topicBody(topic, '你好');
    publisher.send(TYPE.amopMulticast, body, seq);
    expect((await publisher.takeType(TYPE.amopResponse)).data.equals(body)).toBe(true);
    for (const listener of [near, far, further]) {
      const pushed = await listener.takeType(TYPE.amopMulticast);
      expect(bytesOf(pushed)).toBe(encodeFrame(TYPE.amopMulticast, seq, body).toString('hex'));
      // As go does; nobody waits for it.
      listener.send(TYPE.amopResponse, body, seq);
    }
    await finish(publisher, near, far, further, stranger);
  });
});

describe('a message above the bandwidth limit', () => {
  /** Of which the node counts a quarter: three seconds' worth. */
  const LARGE = Buffer.alloc(2 * 1024 * 1024);

  it('is refused with 103 until what is owed is paid', async () => {
    const topic = 'heavy';
    const [publisher, far] = [await clientAt(1), await clientAt(0, topic)];
    const { seq } = (await reach(publisher, topic, far)).frame;
    far.send(TYPE.amopResponse, '', seq);
    await publisher.takeType(TYPE.amopResponse);

    const [large, refused, multicast] = [newSeq(), newSeq(), newSeq()];
    const frames = [
      encodeFrame(TYPE.amopRequest, large, topicBody(topic, LARGE)),
      encodeFrame(TYPE.amopRequest, refused, topicBody(topic, 'hi')),
      encodeFrame(TYPE.amopMulticast, multicast, topicBody(topic, 'hi')),
    ];
    publisher.write(Buffer.concat(frames));
    for (const expected of [refused, multicast]) {
      const answer = await publisher.takeType(TYPE.amopResponse);
      expect([answer.seq, answer.result, answer.data.length]).toEqual([expected, OVER_LIMIT, 0]);
    }
    const pushed = await far.takeType(TYPE.amopRequest);
    expect([pushed.seq, readTopicBody(pushed.data).content.equals(LARGE)]).toEqual([large, true]);
    far.send(TYPE.amopResponse, '', large);
    await publisher.takeType(TYPE.amopResponse);

    // What leaves the node for nobody costs nothing.
    publisher.send(TYPE.amopMulticast, topicBody('light', 'hi'));
    expect((await publisher.takeType(TYPE.amopResponse)).result).toBe(0);

    await until(async () => {
      const sent = publisher.send(TYPE.amopRequest, topicBody(topic, 'again'));
      const { at } = await arrival(sent, [publisher, far]);
      if (at === far) far.send(TYPE.amopResponse, '', sent);
      return at === far;
    }, 'a message passes again');
    await publisher.takeType(TYPE.amopResponse);
    await finish(publisher, far);
  });
});

describe('a private topic', () => {
  const name = (topic: string) => `#!$TopicNeedVerify_${topic}`;
  const nodeIdOf = async (index: number) =>
    ((await chain.http(index).call('getNodeInfo')) as { NodeID: string }).NodeID;

  /** A subscriber at the second node and a publisher at the first, up to the publisher's verdict. */
  async function verify(topic: string, checkResult: 0 | 1) {
    const certificationTopic = `#!$VerifyChannel_${name(topic)}_${newSeq()}`;
    const publisher = await clientAt(0, `#!$PushChannel_${name(topic)}`);
    const subscriber = await clientAt(1, name(topic), certificationTopic);

    const request = await publisher.takeType(TYPE.requestCertification);
    const text = request.data.toString('utf8');
    const nodeId = await nodeIdOf(1);
    expect(text).toBe(`${JSON.stringify({ nodeId, topic: name(topic), topicForCert: certificationTopic })}\n`);
    expect(request.seq).toMatch(/^[0-9]{32}$/);
    publisher.send(TYPE.requestCertification, '', request.seq);
    expect(await resultOf(publisher, name(topic))).toBe(NO_SUBSCRIBER);

    // The challenge travels like any message; what is signed is no affair of nodes.
    publisher.send(TYPE.amopRequest, topicBody(certificationTopic, 'random'), SEQ);
    const challenge = await subscriber.takeType(TYPE.amopRequest);
    subscriber.send(TYPE.amopResponse, topicBody(certificationTopic, 'signed'), challenge.seq);
    const signed = await publisher.takeType(TYPE.amopResponse);
    expect(readTopicBody(signed.data).content.toString()).toBe('signed');
    publisher.send(TYPE.updateTopicStatus, JSON.stringify({ checkResult, nodeId, topic: name(topic) }));
    expect(await publisher.settle()).toEqual([]);
    return { publisher, subscriber };
  }

  it('reaches a subscriber whom its publisher accepted', async () => {
    const { publisher, subscriber } = await verify('accepted', 0);
    const { seq } = (await reach(publisher, name('accepted'), subscriber)).frame;
    subscriber.send(TYPE.amopResponse, topicBody(name('accepted'), 'answer'), seq);
    expect((await publisher.takeType(TYPE.amopResponse)).result).toBe(0);
    // The first verdict stands.
    const refusal = { checkResult: 1, nodeId: await nodeIdOf(1), topic: name('accepted') };
    publisher.send(TYPE.updateTopicStatus, JSON.stringify(refusal));
    const again = (await reach(publisher, name('accepted'), subscriber)).frame;
    subscriber.send(TYPE.amopResponse, topicBody(name('accepted'), ''), again.seq);
    await publisher.takeType(TYPE.amopResponse);
    await finish(publisher, subscriber);
  });

  it('does not reach one whom it refused', async () => {
    const { publisher, subscriber } = await verify('refused', 1);
    expect(await resultOf(publisher, name('refused'))).toBe(NO_SUBSCRIBER);
    await finish(publisher, subscriber);
  });
});
