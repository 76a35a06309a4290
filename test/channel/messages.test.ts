import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelChain } from './channelChain.js';
import { newSeq, rpcBody, type ConformanceClient } from './conformanceClient.js';
import { encodeFrame, PUSH_SEQ, readTopicBody, topicBody, TYPE, type Frame } from './frames.js';
import { Sender } from './sender.js';

/**
 * Goal: the messages of the SDK port, other than transactions, events and AMOP, are byte by byte what 2.x nodes answer, at
 * each version of the protocol. Method: a client that keeps every frame nobody asked for, against a real process.
 */

const SEQ = '0123456789abcdef0123456789abcdef';
const SEQ_HEX = Buffer.from(SEQ).toString('hex');
const ZEROS_HEX = Buffer.from(PUSH_SEQ).toString('hex');

/** Whole frames as they go over the wire, in hexadecimal. */
const VECTORS = {
  handshakeReply: `0000004f0014${SEQ_HEX}000000007b226e6f646556657273696f6e223a22322e392e30222c2270726f746f636f6c223a337d0a`,
  heartbeatV1: `0000002b0013${SEQ_HEX}0000000030`,
  heartbeatV1Reply: `0000002b0013${SEQ_HEX}0000000031`,
  heartbeatV3Reply: `0000003a0013${SEQ_HEX}000000007b22686561727442656174223a317d0a`,
  topicReport: `0000003d0032${SEQ_HEX}000000005b225f626c6f636b5f6e6f746966795f31225d`,
  // Of block 42.
  blockNotifyV1: `0000003e1001${ZEROS_HEX}00000000105f626c6f636b5f6e6f746966795f31312c3432`,
  blockNotifyV3:
    `000000591001${ZEROS_HEX}00000000105f626c6f636b5f6e6f746966795f31` +
    '7b22626c6f636b4e756d626572223a34322c2267726f75704944223a317d0a',
} as const;

const BLOCK_TOPICS = '["_block_notify_1"]';
const LENGTH_MAX = 104_857_600;

const sender = new Sender();
let chain: ChannelChain;

beforeAll(async () => {
  chain = await ChannelChain.build();
  await chain.start(0);
});

afterAll(async () => {
  await chain?.stop();
});

const bytesOf = ({ type, seq, data, result }: Frame) => encodeFrame(type, seq, data, result).toString('hex');
const textOf = ({ data }: Frame) => data.toString('utf8');

/** The frame that tells of a block of group 1. */
function notificationHex(protocol: 1 | 2 | 3, number: number): string {
  const content = protocol === 1 ? `1,${number}` : `{"blockNumber":${number},"groupID":1}\n`;
  return encodeFrame(TYPE.blockNotify, PUSH_SEQ, topicBody('_block_notify_1', content)).toString('hex');
}

/** A client at a version of the protocol; 1 is where every connection begins. */
async function clientAt(protocol: 1 | 2 | 3): Promise<ConformanceClient> {
  const client = await chain.connect();
  if (protocol > 1) await client.ask(TYPE.handshake, `{"minimumSupport":1,"maximumSupport":${protocol}}`);
  return client;
}

/** Whether a connection ends after these bytes, without an answer to them. */
async function endsSilently(bytes: Uint8Array): Promise<boolean> {
  const client = await chain.connect();
  client.write(bytes);
  await client.ended;
  return client.received.length === 0;
}

it('the frames of this test are those of the vectors', () => {
  const version = '{"nodeVersion":"2.9.0","protocol":3}\n';
  expect(encodeFrame(TYPE.handshake, SEQ, version).toString('hex')).toBe(VECTORS.handshakeReply);
  expect(encodeFrame(TYPE.heartbeat, SEQ, '0').toString('hex')).toBe(VECTORS.heartbeatV1);
  expect(encodeFrame(TYPE.reportTopics, SEQ, BLOCK_TOPICS).toString('hex')).toBe(VECTORS.topicReport);
  expect(notificationHex(1, 42)).toBe(VECTORS.blockNotifyV1);
  expect(notificationHex(3, 42)).toBe(VECTORS.blockNotifyV3);
});

describe('handshake', () => {
  it('answers with the version of the chain and the highest protocol of both', async () => {
    const client = await chain.connect();
    const shake = async (request: string) => client.ask(TYPE.handshake, request, SEQ);
    const { 'Supported Version': version } = await client.rpc<{ 'Supported Version': string }>('getClientVersion');
    const reply = (protocol: number) =>
      encodeFrame(TYPE.handshake, SEQ, `{"nodeVersion":"${version}","protocol":${protocol}}\n`).toString('hex');
    expect(bytesOf(await shake('{"minimumSupport":1,"maximumSupport":3,"clientType":"java-sdk"}'))).toBe(reply(3));
    expect(bytesOf(await shake('{"clientType":"x","maximumSupport":2,"minimumSupport":1}'))).toBe(reply(2));
    expect(bytesOf(await shake('{"minimumSupport":1,"maximumSupport":1}'))).toBe(reply(1));
    expect(bytesOf(await shake('{"minimumSupport":2,"maximumSupport":9}'))).toBe(reply(3));
    expect(bytesOf(await shake('{"minimumSupport":3,"maximumSupport":4,"more":[{}]}'))).toBe(reply(3));
    expect(bytesOf(await shake('{ "maximumSupport" : 3 }'))).toBe(reply(3));
    expect(bytesOf(await shake('{}'))).toBe(reply(1));
    await client.finish();
  });

  it('counts when it is the last one', async () => {
    const client = await clientAt(3);
    expect(textOf(await client.ask(TYPE.heartbeat, '0'))).toBe('{"heartBeat":1}\n');
    await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":1}');
    expect(textOf(await client.ask(TYPE.heartbeat, '0'))).toBe('1');
    await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":2}');
    expect(textOf(await client.ask(TYPE.heartbeat, '0'))).toBe('{"heartBeat":1}\n');
    await client.finish();
  });

  it.each(['{"minimumSupport":4,"maximumSupport":9}', '{"minimumSupport":0,"maximumSupport":0}'])(
    'without a common version ends the connection without a word: %s',
    async (request) => {
      expect(await endsSilently(encodeFrame(TYPE.handshake, SEQ, request))).toBe(true);
    },
  );

  it('that is no JSON gets no answer and changes nothing', async () => {
    const client = await clientAt(3);
    for (const text of ['', '{', 'nonsense', '{"minimumSupport":1,"maximumSupport":1', '\u0000']) {
      client.send(TYPE.handshake, text);
      expect(await client.settle()).toEqual([]);
    }
    client.send(TYPE.handshake, Buffer.from([0xff, 0xfe, 0x80]));
    expect(textOf(await client.ask(TYPE.heartbeat, '0'))).toBe('{"heartBeat":1}\n');
    await client.finish();
  });
});

describe('heartbeat', () => {
  it('at version 1 answers 1 to 0, and nothing to anything else', async () => {
    const client = await clientAt(1);
    client.write(Buffer.from(VECTORS.heartbeatV1, 'hex'));
    expect(bytesOf(await client.takeType(TYPE.heartbeat))).toBe(VECTORS.heartbeatV1Reply);
    for (const body of ['', '1', '00', '{"heartBeat":0}', 'x'.repeat(1000)]) client.send(TYPE.heartbeat, body);
    expect(await client.settle()).toEqual([]);
    expect(textOf(await client.ask(TYPE.heartbeat, '0'))).toBe('1');
    await client.finish();
  });

  it.each([2, 3] as const)('at version %i answers whatever it is sent', async (protocol) => {
    const client = await clientAt(protocol);
    for (const body of ['', '0', '{"heartBeat":0}', '{', 'x'.repeat(1000)]) {
      expect(bytesOf(await client.ask(TYPE.heartbeat, body, SEQ))).toBe(VECTORS.heartbeatV3Reply);
    }
    await client.finish();
  });
});

describe('JSON-RPC', () => {
  it('answers with the seq of the request and result 0, errors too', async () => {
    const client = await clientAt(1);
    const answer = async (body: string | Uint8Array) => textOf(await client.ask(TYPE.rpc, body));
    expect(await answer('{"jsonrpc":"2.0","method":"getGroupList","params":[],"id":7}')).toBe(
      '{"id":7,"jsonrpc":"2.0","result":[1]}\n',
    );
    const parseError =
      '{"error":{"code":-32700,"message":"JSON_PARSE_ERROR: The JSON-Object is not JSON-Valid"},"id":null,"jsonrpc":"2.0"}\n';
    for (const body of ['', '{', '{"jsonrpc":', 'getBlockNumber', '\u0000'])
      expect(await answer(body)).toBe(parseError);
    expect(await answer(Buffer.from([0x7b, 0xff, 0x80]))).toBe(parseError);
    const errorOf = async (method: string, ...params: unknown[]) =>
      (JSON.parse(await answer(rpcBody(method, ...params))) as { error: { code: number } }).error.code;
    expect(await errorOf('noSuchMethod')).toBe(-32601);
    expect(await errorOf('getBlockNumber', 7)).toBe(-40001);
    expect(await errorOf('getBlockNumber')).toBe(-32602);
    expect(await errorOf('getBlockByNumber', 1, '999', true)).toBe(-40004);
    await client.finish();
  });

  it('takes the seq for bytes, and tells connections apart that use the same', async () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37) & 0xff)).toString('latin1');
    const clients = [await clientAt(1), await clientAt(3)];
    for (const seq of [bytes, PUSH_SEQ, '\u0000'.repeat(32), '\u00ff'.repeat(32), SEQ]) {
      const methods = ['getGroupList', 'getBlockNumber'];
      const asked = clients.map(async (client, index) => client.ask(TYPE.rpc, rpcBody(methods[index]!, 1), seq));
      const answers = await Promise.all(asked);
      expect(answers.map(({ seq: answered }) => answered)).toEqual([seq, seq]);
    }
    for (const client of clients) await client.finish();
  });
});

describe('dear requests', () => {
  const COUNT = 60;

  it('of one connection do not hold up another one', async () => {
    const [greedy, other] = [await clientAt(1), await clientAt(1)];
    const { raw, hash } = sender.save({ data: new Uint8Array(250_000).fill(1) });
    await greedy.transact(raw);
    const body = rpcBody('getTransactionByHash', 1, hash);
    const seqs = Array.from({ length: COUNT }, () => newSeq());
    greedy.write(Buffer.concat(seqs.map((seq) => encodeFrame(TYPE.rpc, seq, body))));
    await greedy.take(({ seq }) => seq === seqs[0], 'the first answer');
    await other.rpc('getBlockNumber', 1);
    const answered = greedy.received.length;
    for (const seq of seqs.slice(1)) await greedy.take((frame) => frame.seq === seq, 'an answer');
    expect(answered).toBeLessThan(COUNT / 2);
    // First come, first served.
    expect(greedy.received.slice(-COUNT).map(({ seq }) => seq)).toEqual(seqs);
    await greedy.finish();
    await other.finish();
  });
});

describe('block notifications', () => {
  const blockOf = async (client: ConformanceClient) => {
    const { receipt } = await client.transact(sender.save().raw);
    return Number((JSON.parse(textOf(receipt)) as { blockNumber: string }).blockNumber);
  };

  it.each([1, 2, 3] as const)('in the form of version %i', async (protocol) => {
    const client = await clientAt(protocol);
    client.write(Buffer.from(VECTORS.topicReport, 'hex'));
    const number = await blockOf(client);
    expect(bytesOf(await client.takeType(TYPE.blockNotify))).toBe(notificationHex(protocol, number));
    await client.finish();
  });

  it('follow the version of the last handshake', async () => {
    const client = await clientAt(1);
    client.send(TYPE.reportTopics, BLOCK_TOPICS);
    await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
    const number = await blockOf(client);
    const { content } = readTopicBody((await client.takeType(TYPE.blockNotify)).data);
    expect(content.toString()).toBe(`{"blockNumber":${number},"groupID":1}\n`);
    await client.finish();
  });

  it('come to those who subscribed last, each block once and in order, and to nobody else', async () => {
    const [client, other, left, never] = [await clientAt(3), await clientAt(1), await clientAt(3), await clientAt(3)];
    client.send(TYPE.reportTopics, '["a","_block_notify_1","b","_block_notify_1"]');
    client.send(TYPE.reportTopics, '["_block_notify_1","_block_notify_2"]');
    other.send(TYPE.reportTopics, BLOCK_TOPICS);
    left.send(TYPE.reportTopics, BLOCK_TOPICS);
    left.send(TYPE.reportTopics, '[]');
    never.send(TYPE.reportTopics, '["_block_notify_","_block_notify_11","block_notify_1"]');
    for (const one of [client, other, left, never]) expect(await one.settle()).toEqual([]);
    const numbers: number[] = [];
    for (let count = 0; count < 3; count++) numbers.push(await blockOf(client));
    for (const number of numbers) {
      const mine = readTopicBody((await client.takeType(TYPE.blockNotify)).data);
      expect(mine.content.toString()).toBe(`{"blockNumber":${number},"groupID":1}\n`);
      expect(readTopicBody((await other.takeType(TYPE.blockNotify)).data).content.toString()).toBe(`1,${number}`);
    }
    for (const one of [client, other, left, never]) await one.finish();
  });

  it('survive a report of topics that cannot be read', async () => {
    const client = await clientAt(3);
    client.send(TYPE.reportTopics, BLOCK_TOPICS);
    for (const text of ['', '[', 'x', '["_block_notify_1"']) client.send(TYPE.reportTopics, text);
    expect(await client.settle()).toEqual([]);
    await blockOf(client);
    await client.takeType(TYPE.blockNotify);
    await client.finish();
  });
});

describe('frames', () => {
  it('of an unknown type, or of one that only nodes send, get no answer', async () => {
    const client = await clientAt(3);
    const types = [0, 1, 0x11, 0x17, 0x33, 0x34, 0x36, 0x39, 0x0fff, 0x1003, 0xffff];
    const ofNodes = [TYPE.receipt, TYPE.blockNotify, TYPE.eventPush, TYPE.amopResponse, TYPE.requestCertification];
    for (const type of [...types, ...ofNodes]) {
      client.send(type, '');
      client.send(type, '{"jsonrpc":"2.0","method":"getGroupList","params":[],"id":1}');
      client.send(type, topicBody('price', 'hi'));
    }
    for (const text of ['', '{', '{"nodeId":"zz","topic":1}']) client.send(TYPE.updateTopicStatus, text);
    const status = { checkResult: 0, nodeId: 'ab'.repeat(64), topic: '#!$TopicNeedVerify_price' };
    client.send(TYPE.updateTopicStatus, JSON.stringify(status));
    // An AMOP message has at least the byte of its topic's length.
    client.send(TYPE.amopRequest, '');
    expect(await client.settle()).toEqual([]);
    await client.finish();
  });

  it.each([0, 1, 41, LENGTH_MAX + 1, 0x7fffffff, 0x80000000, 0xffffffff])(
    'of length %i end the connection',
    async (length) => {
      const frame = encodeFrame(TYPE.rpc, SEQ, rpcBody('getGroupList'));
      frame.writeUInt32BE(length, 0);
      expect(await endsSilently(frame)).toBe(true);
    },
  );

  it('before a bad length are answered or dropped, those after it never', async () => {
    const client = await clientAt(1);
    const bad = Buffer.alloc(42);
    const frames = [1, 2, 3].map((id) => encodeFrame(TYPE.heartbeat, `${id}`.repeat(32), '0'));
    client.write(Buffer.concat([frames[0]!, frames[1]!, bad, frames[2]!]));
    await client.ended;
    expect(client.received.filter(({ seq }) => seq.startsWith('3'))).toEqual([]);
    expect(client.violations).toEqual([]);
  });

  it('of the greatest length are waited for', async () => {
    const client = await clientAt(1);
    const header = encodeFrame(TYPE.rpc, SEQ);
    header.writeUInt32BE(LENGTH_MAX, 0);
    const other = await clientAt(1);
    client.write(header);
    client.write(Buffer.alloc(1_000_000, 0x20));
    for (let count = 0; count < 20; count++) await other.settle();
    expect(client.isOpen).toBe(true);
    await client.destroy();
    await other.finish();
  });

  it('may be large', async () => {
    const client = await clientAt(1);
    const padded = `${' '.repeat(3_000_000)}${rpcBody('getGroupList')}`;
    expect(await client.rpcText(padded)).toBe('{"id":1,"jsonrpc":"2.0","result":[1]}\n');
    await client.finish();
  });

  it('may come byte by byte, each in a record of its own', async () => {
    const client = await clientAt(1);
    const text = Buffer.concat([
      encodeFrame(TYPE.rpc, SEQ, rpcBody('getGroupList')),
      encodeFrame(TYPE.heartbeat, SEQ, '0'),
    ]);
    for (const byte of text) {
      client.write(Buffer.of(byte));
      // The next write waits, so that no two of them join in one record.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(textOf(await client.takeType(TYPE.rpc))).toBe('{"id":1,"jsonrpc":"2.0","result":[1]}\n');
    expect(textOf(await client.takeType(TYPE.heartbeat))).toBe('1');
    await client.finish();
  });

  it('may come many in one write, split anywhere', async () => {
    const client = await clientAt(1);
    const seqs = Array.from({ length: 300 }, () => newSeq());
    const all = Buffer.concat(
      seqs.map((seq, index) =>
        index % 3 === 0
          ? encodeFrame(TYPE.heartbeat, seq, '0')
          : encodeFrame(TYPE.rpc, seq, `{"jsonrpc":"2.0","method":"getGroupList","params":[],"id":${index}}`),
      ),
    );
    for (let start = 0; start < all.length; start += 16_001) client.write(all.subarray(start, start + 16_001));
    for (const [index, seq] of seqs.entries()) {
      const answer = await client.take((frame) => frame.seq === seq, `answer ${index}`);
      const text = index % 3 === 0 ? '1' : `{"id":${index},"jsonrpc":"2.0","result":[1]}\n`;
      expect(textOf(answer)).toBe(text);
    }
    await client.finish();
  });

  it('are sent one a record, whether small or longer than a record', async () => {
    const client = await clientAt(3);
    const { raw, hash } = sender.save({ data: Uint8Array.from({ length: 60_000 }, (_, index) => index & 0xff) });
    await client.transact(raw);
    const seqs = Array.from({ length: 60 }, () => newSeq());
    client.write(
      Buffer.concat(
        seqs.flatMap((seq, index) => [
          encodeFrame(TYPE.rpc, seq, rpcBody(index % 2 === 0 ? 'getTransactionByHash' : 'getGroupList', 1, hash)),
          encodeFrame(TYPE.heartbeat, seq, ''),
        ]),
      ),
    );
    for (const [index, seq] of seqs.entries()) {
      const matches = (type: number) => (frame: Frame) => frame.type === type && frame.seq === seq;
      const answer = await client.take(matches(TYPE.rpc), `answer ${index}`);
      if (index % 2 === 0) expect(textOf(answer)).toContain(hash);
      await client.take(matches(TYPE.heartbeat), `heartbeat ${index}`);
    }
    await client.finish();
  });
});

it.runIf(process.env['MENGLIAN_LONG'] === '1')(
  'a connection on which nothing happens for a minute is closed, one with heartbeats is not',
  async () => {
    const [silent, beating] = [await clientAt(1), await clientAt(1)];
    const startedAtMs = performance.now();
    const timer = setInterval(() => beating.send(TYPE.heartbeat, '0'), 10_000);
    await silent.ended;
    clearInterval(timer);
    expect(performance.now() - startedAtMs).toBeGreaterThan(55_000);
    expect([silent.received, beating.isOpen]).toEqual([[], true]);
    beating.dropUntaken();
    await beating.finish();
  },
  300_000,
);
