import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NOT_READY, overLimit } from '@menglian/rpc/errors';
import { Dispatcher } from '@menglian/rpc/dispatcher';
import { BATCH_REQUESTS_MAX, BODY_BYTES_MAX } from '@menglian/rpc/limits';
import type { GroupRequest, NodeView } from '@menglian/rpc/ports';
import { Turns } from '@menglian/rpc/turns';
import type { EventRequest } from './events/eventRequest.js';
import { JSON_VALUES_MAX } from '@menglian/rpc/limits';
import { JSON_BYTES_MAX, TOPICS_MAX } from './limits.js';
import type { Frame } from './frame.js';
import { FrameReader } from './frameReader.js';
import { MessageHandler } from './messageHandler.js';
import { MessageType } from './messageTypes.js';
import type { ChannelBackend } from './ports.js';
import { ReceiptPushes } from './receiptPushes.js';
import { ChannelSession, SharedBytes, type EndReason } from './session.js';

const KEY = 'ab'.repeat(64);
const SEQUENCE = Buffer.from('0123456789abcdef0123456789abcdef');

/** A session and a backend that notes what reaches it. */
function open({ publicKey = KEY, allowed = true, requests = Number.POSITIVE_INFINITY } = {}) {
  const reader = new FrameReader();
  const sent: Frame[] = [];
  const ends: EndReason[] = [];
  const calls: unknown[][] = [];
  const asked: GroupRequest[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const dispatcher = new Dispatcher({
    node: { groupList: () => [1] } as unknown as NodeView,
    turns: new Turns(),
    groups: {
      request: (groupId, group) => {
        if (groupId !== 1) return undefined;
        asked.push(...group);
        return Promise.resolve(
          group.map(({ method }) =>
            method === 'getCode' ? { ok: false, error: NOT_READY } : { ok: true, json: '"0x2a"' },
          ),
        );
      },
    },
  });
  let left = requests;
  const backend: ChannelBackend = {
    answer: async (number, body, caller) => {
      expect(number).toBe(9);
      return dispatcher.answer(body, caller);
    },
    nodeVersion: '2.11.0',
    isAllowed: () => allowed,
    takeRequest: () => left-- > 0,
    groups: {
      has: (groupId) => groupId === 1,
      registerEvents: async (session: number, request: EventRequest) => {
        calls.push(['registerEvents', session, request.filterId]);
        return 0;
      },
      unregisterEvents: async (...args) => {
        calls.push(['unregisterEvents', ...args]);
        return 0;
      },
      onEventsSent: () => {},
      onSessionClosed: () => {},
    },
    amop: {
      onTopics: note('topics'),
      onSessionClosed: () => {},
      publish: note('publish'),
      multicast: note('multicast'),
      onAnswer: () => {},
      onTopicStatus: note('status'),
    },
  };
  const receipts = new ReceiptPushes();
  const session = new ChannelSession(9, publicKey, {
    socket: {
      write: (bytes, done) => {
        sent.push(...(reader.push(Buffer.from(bytes)) as Frame[]));
        done();
      },
      destroy: () => {},
    },
    outgoing: new SharedBytes(1e9),
    onEnd: (reason) => ends.push(reason),
  });
  const handler = new MessageHandler(backend, receipts);
  const say = async (type: number, data: string | Uint8Array): Promise<string[]> => {
    const before = sent.length;
    await handler.handle(session, { type, sequence: SEQUENCE, result: 0, data: Buffer.from(data) });
    return sent.slice(before).map((frame) => {
      expect(Buffer.from(frame.sequence).equals(SEQUENCE)).toBe(true);
      expect(frame.result).toBe(0);
      return `${frame.type.toString(16)} ${Buffer.from(frame.data).toString()}`;
    });
  };
  const rpc = async (method: string, ...params: unknown[]) =>
    say(MessageType.Rpc, JSON.stringify({ jsonrpc: '2.0', method, params, id: 7 }));
  return { session, sent, ends, calls, asked, receipts, handler, say, rpc };
}

const EVENTS = JSON.stringify({ filterID: 'f', groupID: '1', addresses: [], topics: [] });

afterEach(() => void vi.useRealTimers());

describe('messages of the channel', () => {
  it.each([
    ['{"minimumSupport":1,"maximumSupport":3}', 3],
    ['{"minimumSupport":1,"maximumSupport":2}', 2],
    ['{"maximumSupport":9,"minimumSupport":3}', 3],
    ['{}', 1],
  ])('a handshake %s gives version %d', async (text, protocol) => {
    const { say, session } = open();
    expect(await say(MessageType.Handshake, text)).toEqual([`14 {"nodeVersion":"2.11.0","protocol":${protocol}}\n`]);
    expect(session.protocol).toBe(protocol);
  });

  it('a handshake without a common version ends the session, and one that is none is ignored', async () => {
    for (const text of ['{"minimumSupport":4,"maximumSupport":9}', '{"minimumSupport":0,"maximumSupport":0}']) {
      const { say, ends } = open();
      expect(await say(MessageType.Handshake, text)).toEqual([]);
      expect(ends).toEqual(['no common version']);
    }
    const { say, ends } = open();
    for (const text of ['', '7', 'null', '{"maximumSupport":"3"}'])
      expect(await say(MessageType.Handshake, text)).toEqual([]);
    expect(ends).toEqual([]);
  });

  it('a heartbeat is answered as the version wants it', async () => {
    const { say, session } = open();
    expect(await say(MessageType.Heartbeat, '0')).toEqual(['13 1']);
    expect(await say(MessageType.Heartbeat, '')).toEqual([]);
    expect(await say(MessageType.Heartbeat, '{"heartBeat":0}')).toEqual([]);
    session.protocol = 2;
    expect(await say(MessageType.Heartbeat, '')).toEqual(['13 {"heartBeat":1}\n']);
  });

  it('a request is answered, its errors too', async () => {
    const { rpc, say } = open();
    expect(await rpc('getBlockNumber', 1)).toEqual(['12 {"id":7,"jsonrpc":"2.0","result":"0x2a"}\n']);
    expect(await rpc('getBlockNumber', 2)).toEqual([
      '12 {"error":{"code":-40001,"data":null,"message":"GroupID does not exist"},"id":7,"jsonrpc":"2.0"}\n',
    ]);
    expect((await say(MessageType.Rpc, '{'))[0]).toContain('-32700');
  });

  it('a request whose JSON would hold up all others is refused without a look at it', async () => {
    const { say, asked } = open();
    const refusal =
      /^12 \{"error":\{"code":-32600,"message":"INVALID_JSON_REQUEST: .*"\},"id":null,"jsonrpc":"2.0"\}\n$/;
    for (const unit of ['[],', '1,', '"",']) {
      const [answer] = await say(MessageType.Rpc, unit.repeat(JSON_VALUES_MAX + 1));
      expect(answer).toMatch(refusal);
      expect(answer).toContain('more than 10000 values in one request');
    }
    for (const unit of ['[', '{"a":']) {
      expect((await say(MessageType.Rpc, unit.repeat(JSON_VALUES_MAX)))[0]).toContain('{"error":{"code":-32700,');
    }
    const blank = Buffer.alloc(BODY_BYTES_MAX + 1, ' ');
    expect((await say(MessageType.Rpc, blank))[0]).toMatch(refusal);
    expect(asked).toEqual([]);
    const call = { jsonrpc: '2.0', method: 'call', params: [1, { from: '', to: '', data: '', value: '' }], id: 1 };
    await say(MessageType.Rpc, JSON.stringify(Array.from({ length: BATCH_REQUESTS_MAX }, () => call)));
    expect(asked).toHaveLength(BATCH_REQUESTS_MAX);
  });

  it('other JSON is ignored where it is longer than any that has a meaning', async () => {
    const { say, calls } = open();
    const topics = Array.from({ length: TOPICS_MAX }, (_, index) => String(index).padStart(254, '消'.repeat(80)));
    await say(MessageType.Topics, ' '.repeat(JSON_BYTES_MAX - 2) + '[]');
    await say(MessageType.Topics, ' '.repeat(JSON_BYTES_MAX - 1) + '[]');
    await say(MessageType.Topics, JSON.stringify(topics.map((topic) => topic.slice(-80))));
    expect(calls.map(([name, , list]) => [name, (list as string[]).length])).toEqual([
      ['topics', 0],
      ['topics', TOPICS_MAX],
    ]);
    const events = Buffer.concat([Buffer.of(1), Buffer.from(EVENTS.padEnd(JSON_BYTES_MAX + 1))]);
    expect(await say(MessageType.RegisterEvents, events)).toEqual(['15 \u0001{"result":-41001}\n']);
  });

  it('a request of version 1 is not answered before its SDK can listen; later versions are not held up', async () => {
    vi.useFakeTimers();
    const { rpc, session, sent } = open();
    const answer = rpc('getBlockNumber', 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toHaveLength(1);
    session.protocol = 2;
    expect(await rpc('getBlockNumber', 1)).toHaveLength(1);
  });

  it('who is not on the list of a group may not ask it, but may ask the node', async () => {
    const { rpc, say, calls } = open({ allowed: false });
    expect(await rpc('getBlockNumber', '1')).toEqual([
      '12 {"error":{"code":-40012,"data":null,"message":"getBlockNumber The SDK is not allowed to access this group"},"id":null,"jsonrpc":"2.0"}\n',
    ]);
    expect((await rpc('stopGroup', 1))[0]).toContain('-40012');
    expect(await rpc('getGroupList')).toEqual(['12 {"id":7,"jsonrpc":"2.0","result":[1]}\n']);
    expect(await say(MessageType.RegisterEvents, `\x01${EVENTS}`)).toEqual(['15 \x01{"result":-41006}\n']);
    expect(calls).toEqual([]);
  });

  it('too many requests are refused with their id', async () => {
    const { rpc } = open({ requests: 1 });
    await rpc('getBlockNumber', 1);
    expect((await rpc('getBlockNumber', 1))[0]).toContain(
      `{"error":{"code":-40011,"data":null,"message":"${overLimit('getBlockNumber').message}"},"id":7`,
    );
  });

  it('a sent transaction has a watch, in version 3 an asynchronous one; the receipt follows the answer', async () => {
    const { rpc, asked, session, receipts, sent } = open();
    await rpc('sendRawTransaction', 1, '0x12');
    session.protocol = 3;
    await rpc('sendRawTransactionAndGetProof', 1, '0x12');
    expect(asked.map(({ watch }) => watch?.isAsync)).toEqual([false, true]);
    expect(receipts.size).toBe(2);
    receipts.push(asked[1]!.watch!.number, 'receipt');
    expect(sent.map(({ type }) => type)).toEqual([0x12, 0x12, 0x1000]);
    expect(receipts.size).toBe(1);
  });

  it('a receipt that comes before the answer waits for it', async () => {
    const { handler, session, receipts, sent, asked } = open();
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'sendRawTransaction', params: [1, '0x'], id: 1 });
    const done = handler.handle(session, { type: 0x12, sequence: SEQUENCE, result: 0, data: Buffer.from(body) });
    await vi.waitUntil(() => asked.length > 0, { interval: 0 });
    receipts.push(asked[0]!.watch!.number, 'early');
    expect(sent).toEqual([]);
    await done;
    expect(sent.map(({ type }) => type)).toEqual([0x12, 0x1000]);
  });

  it('nothing is awaited of what sends nothing, is refused, or is a batch', async () => {
    const { rpc, say, receipts, asked } = open();
    await rpc('getBlockNumber', 1);
    await rpc('sendRawTransaction', 2, '0x12');
    await rpc('sendRawTransaction', 1);
    const send = { jsonrpc: '2.0', method: 'sendRawTransaction', params: [1, '0x'], id: 1 };
    await say(MessageType.Rpc, JSON.stringify([send, send]));
    expect(receipts.size).toBe(0);
    expect(asked.slice(-2).map(({ watch }) => watch)).toEqual([undefined, undefined]);
  });

  it('topics replace those before; what is no list of names is ignored', async () => {
    const { say, session, calls } = open();
    expect(await say(MessageType.Topics, '["_block_notify_1","价格"]')).toEqual([]);
    expect([...session.topics]).toEqual(['_block_notify_1', '价格']);
    for (const text of ['', '{}', '[1]', JSON.stringify(['x'.repeat(255)]), JSON.stringify(Array(1025).fill('x'))]) {
      await say(MessageType.Topics, text);
    }
    expect(calls).toEqual([['topics', 9, ['_block_notify_1', '价格']]]);
  });

  it('events are asked of their group', async () => {
    const { say, calls } = open();
    expect(await say(MessageType.RegisterEvents, `\x01${EVENTS}`)).toEqual(['15 \x01{"result":0}\n']);
    expect(await say(MessageType.UnregisterEvents, `\x01${EVENTS}`)).toEqual(['16 \x01{"result":0}\n']);
    expect(await say(MessageType.RegisterEvents, '')).toEqual(['15 \x01{"result":-41001}\n']);
    expect(await say(MessageType.RegisterEvents, `\x01${EVENTS.replace('"1"', '2')}`)).toEqual([
      '15 \x01{"result":-41002}\n',
    ]);
    expect(calls).toEqual([
      ['registerEvents', 9, 'f'],
      ['unregisterEvents', 1, 'f'],
    ]);
  });

  it('messages between clients go their way, and answers to questions to who asked', async () => {
    const { say, calls, session } = open();
    await say(MessageType.AmopRequest, '\x06pricehi');
    await say(MessageType.AmopMulticast, '\x06pricehi');
    await say(MessageType.TopicStatus, '{"checkResult":0,"nodeId":"n","topic":"t"}');
    await say(MessageType.TopicStatus, '{"checkResult":"0"}');
    expect(calls.map(([name]) => name)).toEqual(['publish', 'multicast', 'status']);
    const answers: unknown[] = [];
    session.ask({ type: 0x30, sequence: SEQUENCE, result: 0, data: Buffer.alloc(0) }, (answer) =>
      answers.push(answer?.type),
    );
    await say(MessageType.AmopRequest, 'an answer');
    expect([answers, calls.length]).toEqual([[0x30], 3]);
  });

  it('whatever comes, nothing is thrown and only known types are sent', async () => {
    const types = fc.oneof(fc.constantFrom(...Object.values(MessageType)), fc.integer({ min: 0, max: 0xffff }));
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(types, bodies, async (type, data) => {
        const { say, sent } = open();
        await say(type, data);
        for (const frame of sent) expect([0x12, 0x13, 0x14, 0x15, 0x16]).toContain(frame.type);
      }),
    );
  });
});
