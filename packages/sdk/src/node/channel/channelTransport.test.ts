import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { afterEach, describe, expect, it } from 'vitest';
import { randomAccount } from '../../account/account.js';
import type { Hash, Hex } from '../../hex.js';
import type { Log } from '../../logs/log.js';
import { PLATFORM_PORTS } from '../../ports.js';
import { FakeNode, plainDial, type RpcFrame } from '../../testing/fakeNode.js';
import { ChannelTransport } from './channelTransport.js';
import { type Frame, FrameType, readJson, readTopicBody, topicBody, withoutTopic } from './frame.js';
import { readCredentials, tlsDial } from './tlsDial.js';
import { isSignedByOne, signText } from './privateTopics.js';

const HASH: Hash = `0x${'ab'.repeat(32)}`;
const ADDRESS: Hex = `0x${'11'.repeat(20)}`;

const nodes: FakeNode[] = [];
const transports: ChannelTransport[] = [];

afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  await Promise.all(nodes.splice(0).map((node) => node.die()));
});

async function startNodes(count: number): Promise<FakeNode[]> {
  const started = await Promise.all(Array.from({ length: count }, () => FakeNode.start()));
  nodes.push(...started);
  return started;
}

function transportTo(targets: readonly { readonly name: string }[], options: { timeoutMs?: number } = {}) {
  const transport = new ChannelTransport({
    nodes: targets.map(({ name }) => name),
    ca: '',
    cert: '',
    key: '',
    dial: plainDial,
    ports: PLATFORM_PORTS,
    ...options,
  });
  transports.push(transport);
  return transport;
}

const isSend = ({ method }: RpcFrame) => method === 'sendRawTransaction';
const until = (condition: () => boolean) => expect.poll(condition, { interval: 5 }).toBe(true);

/** A node that takes transactions and knows the receipts of `mined`. */
function minesInto(node: FakeNode, mined: Map<unknown, object>, height = 7): void {
  node.onRpc = ({ method, params }) => {
    if (method === 'getBlockNumber') return height;
    if (method === 'getTransactionReceipt') return mined.get(params[1]) ?? null;
    return HASH;
  };
}

describe('a port that speaks no TLS', () => {
  it('is told as such: it may be one for TLCP, or for HTTP', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const credentials = { ca: '', cert: '', key: '' };
    const transport = new ChannelTransport({
      nodes: [`127.0.0.1:${port}`],
      ...credentials,
      dial: tlsDial(credentials),
      ports: PLATFORM_PORTS,
    });
    transports.push(transport);
    await expect(transport.request({ method: 'getBlockNumber', params: [1] })).rejects.toMatchObject({
      code: 'NoConnection',
      message: expect.stringContaining('does not speak TLS'),
      advice: expect.stringContaining('speaks no TLCP'),
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the folder of certificates', () => {
  it('for TLCP is told from the one for TLS', () => {
    const folder = mkdtempSync(join(tmpdir(), 'menglian-certificates-'));
    expect(() => readCredentials(folder)).toThrow('give the folder `sdk`');
    writeFileSync(join(folder, 'gmsdk.crt'), '');
    expect(() => readCredentials(folder)).toThrow('give the folder above');
    rmSync(folder, { recursive: true });
  });
});

describe('requests over the channel', () => {
  it('are answered by sequence, in whatever order', async () => {
    const [node] = await startNodes(1);
    const waiting: RpcFrame[] = [];
    node!.onRpc = (request) => void waiting.push(request);
    const transport = transportTo(nodes);
    const answers = ['a', 'b'].map((method) => transport.request({ method, params: [] }));
    await until(() => waiting.length === 2);
    for (const { seq, method } of waiting.toReversed()) {
      node!.push(FrameType.rpc, seq, utf8Bytes(`{"id":1,"jsonrpc":"2.0","result":"${method}"}\n`));
    }
    expect(await Promise.all(answers)).toEqual(['a', 'b']);
  });

  it('go to the next node when one dies, and what it refuses has the lost one as cause', async () => {
    const [first, second] = await startNodes(2);
    first!.onRpc = () => undefined;
    second!.onRpc = ({ method }) =>
      method === 'a' ? 5 : { error: { code: -40001, message: 'GroupID does not exist' } };
    const transport = transportTo(nodes);
    const answers = ['a', 'b'].map((method) =>
      transport.request({ method, params: [] }).catch((error: unknown) => error),
    );
    await until(() => first!.asked.length === 2);
    await first!.die();
    expect(await answers[0]).toBe(5);
    expect(await answers[1]).toMatchObject({ code: -40001, cause: { code: 'NoConnection' } });
  });

  it('that a node is to do to itself go to no other', async () => {
    const [first, second] = await startNodes(2);
    first!.onRpc = () => void first!.breakLinks();
    const transport = transportTo(nodes);
    await expect(transport.request({ method: 'stopGroup', params: [2] })).rejects.toMatchObject({
      code: 'NoConnection',
    });
    await transport.request({ method: 'a', params: [] });
    expect(second!.asked.map(({ method }) => method)).toEqual(['a']);
  });

  it('fail when no node is there, when one is silent, and after closing', async () => {
    const [gone, silent] = await startNodes(2);
    const name = gone!.name;
    await gone!.die();
    const code = (promise: Promise<unknown>) => promise.then(String, (error: { code: unknown }) => error.code);
    expect(await code(transportTo([{ name }]).request({ method: 'a', params: [] }))).toBe('NoConnection');
    silent!.onRpc = () => undefined;
    const transport = transportTo([silent!], { timeoutMs: 30 });
    expect(await code(transport.request({ method: 'a', params: [] }))).toBe('Timeout');
    const asked = code(transport.request({ method: 'a', params: [] }));
    transport.close();
    expect([await asked, await code(transport.request({ method: 'a', params: [] }))]).toEqual(['Closed', 'Closed']);
  });

  it('outlive a node that sends rubbish', async () => {
    const [rubbish, good] = await startNodes(2);
    rubbish!.onRpc = () => void rubbish!.pushBytes(new Uint8Array(100));
    good!.onRpc = () => 1;
    const transport = transportTo(nodes);
    expect(await transport.request({ method: 'a', params: [] })).toBe(1);
  });

  it('want nodes like host:port', () => {
    expect(() => transportTo([])).toThrow('give between 1 and 100');
    expect(() => transportTo([{ name: '127.0.0.1' }])).toThrow('write it like 127.0.0.1:20200');
  });
});

describe('receipts', () => {
  it('are pushed for the frame that sent them, also before somebody waits', async () => {
    const [node] = await startNodes(1);
    minesInto(node!, new Map());
    const transport = transportTo(nodes);
    expect(await transport.sendTransaction(1, '0x12', HASH)).toBe(HASH);
    const sent = node!.asked.find(isSend)!;
    node!.pushReceipt('f'.repeat(32), { status: '0x1' });
    node!.pushReceipt(sent.seq, { status: '0x0' });
    expect(await transport.pushedReceipt(HASH)).toEqual({ status: '0x0' });
    expect(transport.pushedReceipt(`0x${'00'.repeat(32)}`)).toBeUndefined();
  });

  it('say why a node refused after it answered', async () => {
    const [node] = await startNodes(1);
    minesInto(node!, new Map());
    const transport = transportTo(nodes);
    await transport.sendTransaction(1, '0x12', HASH);
    node!.pushReceipt(node!.asked.find(isSend)!.seq, { status: '0x10' });
    expect(await transport.pushedReceipt(HASH)).toEqual({ status: '0x10' });
  });

  it('that a dead node owes are asked from the next one, when it has the block', async () => {
    const [first, second] = await startNodes(2);
    const mined = new Map<unknown, object>();
    minesInto(first!, mined);
    minesInto(second!, mined);
    const transport = transportTo(nodes);
    await transport.sendTransaction(1, '0x12', HASH);
    await first!.die();
    // Others have it already: the next node refuses it, and that is no refusal.
    await until(() => second!.asked.some(isSend));
    second!.pushReceipt(second!.asked.find(isSend)!.seq, { status: '0x2710' });
    await until(() => second!.asked.filter(({ method }) => method === 'getTransactionReceipt').length >= 2);
    let settled = 0;
    const receipt = transport.pushedReceipt(HASH)!.then((value) => (settled++, value));
    mined.set(HASH, { status: '0x0', blockNumber: '0x8' });
    expect(settled).toBe(0);
    second!.pushBlock(1, 8);
    expect(await receipt).toEqual({ status: '0x0', blockNumber: '0x8' });
    expect(second!.asked.filter(isSend)).toHaveLength(1);
  });

  it('that a dead node owes come from the next one that executes what was lost', async () => {
    const [first, second] = await startNodes(2);
    minesInto(first!, new Map());
    minesInto(second!, new Map());
    const transport = transportTo(nodes);
    await transport.sendTransaction(1, '0x12', HASH);
    await first!.die();
    await until(() => second!.asked.some(isSend));
    expect(second!.asked.find(isSend)!.params).toEqual([1, '0x12']);
    second!.pushReceipt(second!.asked.find(isSend)!.seq, { status: '0x0' });
    expect(await transport.pushedReceipt(HASH)).toEqual({ status: '0x0' });
  });

  it('are there without a push when the block came while no node was linked', async () => {
    const [node] = await startNodes(1);
    const mined = new Map<unknown, object>();
    minesInto(node!, mined);
    const transport = transportTo(nodes);
    await transport.sendTransaction(1, '0x12', HASH);
    mined.set(HASH, { status: '0x0' });
    node!.breakLinks();
    expect(await transport.pushedReceipt(HASH)).toEqual({ status: '0x0' });
    expect(node!.asked.filter(isSend)).toHaveLength(1);
  });

  it('are not awaited of what was refused at once', async () => {
    const [node] = await startNodes(1);
    node!.onRpc = () => ({ error: { code: -40001, message: 'GroupID does not exist' } });
    const transport = transportTo(nodes);
    await expect(transport.sendTransaction(9, '0x12', HASH)).rejects.toMatchObject({ code: -40001 });
    expect(transport.pushedReceipt(HASH)).toBeUndefined();
  });
});

describe('heights', () => {
  it('rise, whichever node tells them', async () => {
    const [first, second] = await startNodes(2);
    minesInto(first!, new Map(), 5);
    minesInto(second!, new Map(), 4);
    const transport = transportTo(nodes);
    const heights: number[] = [];
    const stop = transport.watchBlocks(1, (height) => heights.push(height));
    await until(() => heights.length === 1);
    first!.pushBlock(1, 6);
    first!.pushBlock(2, 50);
    first!.pushBlock(1, 6);
    await until(() => heights.length === 2);
    await first!.die();
    await until(() => second!.frames.some(({ type }) => type === FrameType.topics));
    second!.pushBlock(1, 5);
    second!.pushBlock(1, 9);
    await until(() => heights.length === 3);
    expect(heights).toEqual([5, 6, 9]);
    stop();
    second!.pushBlock(1, 10);
    await transport.request({ method: 'a', params: [] });
    expect(heights).toHaveLength(3);
    const topics = second!.frames.find(({ type }) => type === FrameType.topics)!;
    expect(utf8Text(topics.data)).toBe('["_block_notify_1"]');
  });
});

describe('events', () => {
  const logAt = (blockNumber: number, logIndex: number) => ({
    address: ADDRESS,
    blockHash: HASH,
    blockNumber: String(blockNumber),
    data: '0x',
    logIndex: `0x${logIndex}`,
    topics: [],
    transactionHash: HASH,
    transactionIndex: '0x0',
  });
  const filter = { addresses: [ADDRESS], topics: [null, [HASH]], fromBlock: 3, toBlock: undefined };

  /** Takes filters, and remembers them. */
  function takesFilters(node: FakeNode, result = 0): Record<string, unknown>[] {
    const filters: Record<string, unknown>[] = [];
    node.onFrame = ({ type, seq, data }) => {
      if (type !== FrameType.registerEvents) return;
      filters.push(readJson(data.subarray(1)) as Record<string, unknown>);
      node.push(type, seq, withoutTopic(`{"result":${result}}\n`));
    };
    return filters;
  }

  function pushLogs(node: FakeNode, filterID: unknown, logs: object[] | null, result = 0): void {
    node.push(FrameType.events, '0'.repeat(32), utf8Bytes(`${JSON.stringify({ filterID, logs, result })}\n`));
  }

  it('come each once over lost links', async () => {
    const [first, second] = await startNodes(2);
    const [before, after] = [takesFilters(first!), takesFilters(second!)];
    const transport = transportTo(nodes);
    const seen: string[] = [];
    const place = ({ blockNumber, logIndex }: Log) => `${blockNumber}/${logIndex}`;
    const errors: unknown[] = [];
    const stop = transport.watchLogs(1, filter, {
      onLogs: (logs) => seen.push(...logs.map(place)),
      onError: (error) => errors.push(error),
    });
    await until(() => before.length === 1);
    expect(before[0]).toMatchObject({ groupID: '1', fromBlock: '3', toBlock: 'latest', topics: [null, [HASH]] });
    pushLogs(first!, before[0]!['filterID'], [logAt(4, 0), logAt(5, 0)]);
    pushLogs(first!, 'another', [logAt(5, 1)]);
    pushLogs(first!, before[0]!['filterID'], [{ broken: true }]);
    await until(() => seen.length === 2);
    await first!.die();
    await until(() => after.length === 1);
    expect(after[0]!['fromBlock']).toBe('5');
    pushLogs(second!, after[0]!['filterID'], [logAt(5, 0), logAt(5, 1)]);
    pushLogs(second!, after[0]!['filterID'], [logAt(7, 0)]);
    await until(() => seen.length === 4);
    expect(seen).toEqual(['4/0', '5/0', '5/1', '7/0']);
    stop();
    await until(() => second!.frames.some(({ type }) => type === FrameType.unregisterEvents));
    pushLogs(second!, after[0]!['filterID'], [logAt(8, 0)]);
    await transport.request({ method: 'a', params: [] });
    expect([seen.length, errors]).toEqual([4, []]);
  });

  it('end when the last block was looked through', async () => {
    const [node] = await startNodes(1);
    const filters = takesFilters(node!);
    const transport = transportTo(nodes);
    const seen: Log[] = [];
    transport.watchLogs(1, { ...filter, toBlock: 5 }, { onLogs: (logs) => seen.push(...logs), onError: () => {} });
    await until(() => filters.length === 1);
    expect(filters[0]!['toBlock']).toBe('5');
    pushLogs(node!, filters[0]!['filterID'], null, 1);
    pushLogs(node!, filters[0]!['filterID'], [logAt(5, 0)]);
    node!.breakLinks();
    await transport.request({ method: 'a', params: [] });
    expect([seen, filters.length]).toEqual([[], 1]);
  });

  it.each([
    [-41002, 'stopped the group', 'subscribe again'],
    [-41007, 'ended the event filter', 'log'],
  ])('that the node ends with %i end here, and who subscribed is told once', async (code, problem, advice) => {
    const [node] = await startNodes(1);
    const filters = takesFilters(node!);
    const transport = transportTo(nodes);
    const seen: Log[] = [];
    const errors: unknown[] = [];
    const listener = {
      onLogs: (logs: readonly Log[]) => seen.push(...logs),
      onError: (error: unknown) => errors.push(error),
    };
    const stop = transport.watchLogs(1, filter, listener);
    await until(() => filters.length === 1);
    pushLogs(node!, filters[0]!['filterID'], [logAt(4, 0)]);
    pushLogs(node!, filters[0]!['filterID'], null, code);
    pushLogs(node!, filters[0]!['filterID'], null, code);
    pushLogs(node!, filters[0]!['filterID'], [logAt(5, 0)]);
    await transport.request({ method: 'a', params: [] });
    stop();
    node!.breakLinks();
    await transport.request({ method: 'a', params: [] });
    expect([seen.length, filters.length]).toEqual([1, 1]);
    const [message, advised] = [problem, advice].map((text): unknown => expect.stringContaining(text));
    expect(errors).toEqual([expect.objectContaining({ code, message, advice: advised })]);
  });

  it('are refused with a code and advice', async () => {
    const [node] = await startNodes(1);
    takesFilters(node!, -41006);
    const transport = transportTo(nodes);
    const error = await new Promise((onError) => transport.watchLogs(1, filter, { onLogs: () => {}, onError }));
    expect(error).toMatchObject({ code: -41006, advice: expect.stringContaining('sdk_allowlist') });
  });
});

describe('messages between clients', () => {
  it('are answered by whoever subscribed', async () => {
    const [node] = await startNodes(1);
    const transport = transportTo(nodes);
    const seen: unknown[] = [];
    const stop = transport.amop.subscribe('price', ({ topic, content, wantsAnswer }) => {
      seen.push([topic, utf8Text(content), wantsAnswer]);
      if (utf8Text(content) === 'bad') throw new Error('no');
      return 'ok';
    });
    await until(() => node!.frames.some(({ type }) => type === FrameType.topics));
    expect(() => transport.amop.subscribe('price', () => {})).toThrow('has a handler');
    node!.push(FrameType.amopRequest, '1'.repeat(32), topicBody('price', utf8Bytes('hi'))!);
    node!.push(FrameType.amopMulticast, '2'.repeat(32), topicBody('price', utf8Bytes('all'))!);
    node!.push(FrameType.amopRequest, '3'.repeat(32), topicBody('price', utf8Bytes('bad'))!);
    node!.push(FrameType.amopRequest, '4'.repeat(32), topicBody('other', utf8Bytes('hi'))!);
    node!.push(FrameType.amopRequest, '5'.repeat(32), new Uint8Array(0));
    await until(() => seen.length === 3);
    await transport.request({ method: 'a', params: [] });
    const answers = node!.frames.filter(({ type }) => type === FrameType.amopResponse);
    expect(answers.map(({ seq, data }) => [seq[0], utf8Text(readTopicBody(data)!.content)])).toEqual([['1', 'ok']]);
    expect(seen).toEqual([
      ['price', 'hi', true],
      ['price', 'all', false],
      ['price', 'bad', true],
    ]);
    stop();
    await until(() => node!.frames.filter(({ type }) => type === FrameType.topics).length === 2);
    expect(utf8Text(node!.frames.findLast(({ type }) => type === FrameType.topics)!.data)).toBe('[]');
  });

  it('tell whether they arrived', async () => {
    const [node] = await startNodes(1);
    node!.onFrame = ({ type, seq, data }: Frame) => {
      const { topic, content } = readTopicBody(data)!;
      if (topic === 'nobody') node!.push(FrameType.amopResponse, seq, new Uint8Array(0), 100);
      else if (type === FrameType.amopMulticast) node!.push(FrameType.amopResponse, seq, data);
      else node!.push(FrameType.amopResponse, seq, topicBody(topic, utf8Bytes(`re: ${utf8Text(content)}`))!);
    };
    const { amop } = transportTo(nodes);
    expect(utf8Text(await amop.publish('price', 'hi'))).toBe('re: hi');
    await amop.multicast('price', 'hi');
    await expect(amop.publish('nobody', 'hi')).rejects.toMatchObject({ code: 100 });
    await expect(amop.publish('x'.repeat(255), 'hi')).rejects.toMatchObject({ code: 'BadArgument' });
  });
});

describe('private messages', () => {
  const NODE_ID = 'cd'.repeat(64);

  it('ask the subscriber for a signature, and tell the node whether its key is accepted', async () => {
    const [friend, stranger] = await Promise.all([randomAccount(), randomAccount()]);
    const [node] = await startNodes(1);
    const subscriber = transportTo(nodes);
    const verified: Frame[] = [];
    for (const account of [friend, stranger]) {
      const end = subscriber.amop.subscribePrivate('offer', account, () => 'ok');
      await until(() => topicsOf(node!).some((name) => name.startsWith('#!$VerifyChannel_')));
      const name = topicsOf(node!).find((one) => one.startsWith('#!$VerifyChannel_'))!;
      expect(name).toMatch(/^#!\$VerifyChannel_#!\$TopicNeedVerify_offer_[0-9a-f]{32}$/);
      node!.push(FrameType.amopRequest, '1'.repeat(32), topicBody(name, utf8Bytes('text'))!);
      await until(() => node!.frames.filter(({ type }) => type === FrameType.amopResponse).length > verified.length);
      verified.push(node!.frames.findLast(({ type }) => type === FrameType.amopResponse)!);
      end();
      await until(() => topicsOf(node!).length === 0);
    }
    const signatures = verified.map(({ data }) => readTopicBody(data)!.content);
    expect(signatures.map(({ length }) => length)).toEqual([65, 65]);
    const accepts = (keys: readonly Hex[], text = 'text') => isSignedByOne(keys, utf8Bytes(text), signatures[0]!);
    expect(await accepts([stranger.publicKey, friend.publicKey])).toBe(true);
    expect([await accepts([stranger.publicKey]), await accepts([friend.publicKey], 'other')]).toEqual([false, false]);
    const old = Uint8Array.from(signatures[0]!);
    old[64]! += 27;
    expect(await isSignedByOne([friend.publicKey], utf8Bytes('text'), old)).toBe(true);
    expect(await isSignedByOne([friend.publicKey], utf8Bytes('text'), new Uint8Array(65))).toBe(false);
  });

  it('are certified when a node asks', async () => {
    const [friend, stranger] = await Promise.all([randomAccount(), randomAccount()]);
    const [node] = await startNodes(1);
    let signer = friend;
    node!.onFrame = ({ type, seq, data }) => {
      if (type !== FrameType.amopRequest) return;
      const { topic, content } = readTopicBody(data)!;
      node!.push(FrameType.amopResponse, seq, topicBody(topic, signText(signer, content))!);
    };
    const publisher = transportTo(nodes);
    expect(() => publisher.amop.acceptPrivate('offer', [])).toThrow('give between 1');
    expect(() => publisher.amop.subscribe('#!$x', () => {})).toThrow('is of the nodes');
    publisher.amop.acceptPrivate('offer', [friend.publicKey]);
    await until(() => topicsOf(node!).includes('#!$PushChannel_#!$TopicNeedVerify_offer'));
    const topic = '#!$TopicNeedVerify_offer';
    const ask = (text: string) => node!.push(FrameType.certification, '7'.repeat(32), utf8Bytes(text));
    const verdicts = () =>
      node!.frames.filter(({ type }) => type === FrameType.verdict).map(({ data }) => readJson(data));
    const asked = JSON.stringify({ nodeId: NODE_ID, topic, topicForCert: `#!$VerifyChannel_${topic}_1` });
    ask(asked);
    await until(() => verdicts().length === 1);
    signer = stranger;
    ask(asked);
    await until(() => verdicts().length === 2);
    for (const text of ['', '{}', asked.replace('VerifyChannel', 'Other'), asked.replaceAll('offer', 'unknown')])
      ask(text);
    await until(() => node!.frames.filter(({ type }) => type === FrameType.certification).length === 6);
    expect(verdicts()).toEqual([
      { checkResult: 0, nodeId: NODE_ID, topic },
      { checkResult: 1, nodeId: NODE_ID, topic },
    ]);
  });

  function topicsOf(node: FakeNode): readonly string[] {
    const report = node.frames.findLast(({ type }) => type === FrameType.topics);
    return report === undefined ? [] : (readJson(report.data) as string[]);
  }
});
