import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelChain } from './channelChain.js';
import { newSeq, type ConformanceClient } from './conformanceClient.js';
import { encodeFrame, PUSH_SEQ, readTopicBody, topicBody, TYPE, type Frame } from './frames.js';
import { eventTopic, Sender } from './sender.js';

/**
 * Goal: event subscriptions behave as those of 2.x: what is asked for comes, first of the past, then as it happens, each
 * log once. Method: two contracts whose logs the test makes itself, against a real process.
 */

const SEQ = '0123456789abcdef0123456789abcdef';
/** The answer to a subscription that was taken, as it goes over the wire. */
const REPLY_OK = `000000380015${Buffer.from(SEQ).toString('hex')}00000000017b22726573756c74223a307d0a`;
const CHANGED = eventTopic('Changed(address,string)');

interface EventLog {
  readonly address: string;
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly data: string;
  readonly logIndex: string;
  readonly topics: readonly string[];
  readonly transactionHash: string;
  readonly transactionIndex: string;
}

interface Push {
  readonly filterID: string;
  readonly logs: readonly EventLog[] | null;
  readonly result: number;
}

interface Receipt {
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly contractAddress: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly logs: readonly { readonly address: string; readonly data: string; readonly topics: readonly string[] }[];
}

type Request = Readonly<Record<string, unknown>>;

const sender = new Sender();
let chain: ChannelChain;
let first: string;
let second: string;
/** Of the past, two of the first contract and one of the second. */
let past: Receipt[];
/** Every log so far. */
const history: EventLog[] = [];

beforeAll(async () => {
  chain = await ChannelChain.build();
  await chain.start(0);
  const client = await clientAt(3);
  first = (await mine(client, sender.deploy().raw)).contractAddress;
  second = (await mine(client, sender.deploy().raw)).contractAddress;
  past = [];
  for (const [contract, text] of [
    [first, 'one'],
    [second, 'two'],
    [first, 'three'],
  ] as const) {
    past.push(await mine(client, sender.set(contract, text).raw));
  }
  await client.finish();
});

afterAll(async () => {
  await chain?.stop();
});

async function clientAt(protocol: 1 | 3): Promise<ConformanceClient> {
  const client = await chain.connect();
  if (protocol > 1) await client.ask(TYPE.handshake, `{"minimumSupport":1,"maximumSupport":${protocol}}`);
  return client;
}

async function mine(client: ConformanceClient, raw: string): Promise<Receipt> {
  const receipt = JSON.parse((await client.transact(raw)).receipt.data.toString('utf8')) as Receipt;
  history.push(...logsOf(receipt));
  return receipt;
}

/** A subscription as java sends it, with changes. */
function request(changes: Request = {}): Request {
  return { filterID: newSeq(), groupID: '1', fromBlock: '1', toBlock: 'latest', addresses: [], topics: [], ...changes };
}

/** @returns the number in the answer to a subscription or its end */
async function ask(client: ConformanceClient, type: number, body: Request | string): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { topic, content } = readTopicBody((await client.ask(type, topicBody('', text))).data);
  const { result } = JSON.parse(content.toString('utf8')) as { result: number };
  expect([topic, content.toString('utf8')]).toEqual(['', `{"result":${result}}\n`]);
  return result;
}

const register = async (client: ConformanceClient, body: Request | string) => ask(client, TYPE.registerEvent, body);
const unregister = async (client: ConformanceClient, body: Request | string) => ask(client, TYPE.unregisterEvent, body);

/** Reads a push: JSON without a topic, members in order, a line feed at its end. */
function readPush({ seq, data }: Frame): Push {
  const text = data.toString('utf8');
  const push = JSON.parse(text) as Push;
  expect(seq).toBe(PUSH_SEQ);
  expect(text).toBe(`${JSON.stringify(push)}\n`);
  expect(Object.keys(push)).toEqual(['filterID', 'logs', 'result']);
  for (const log of push.logs ?? []) expect(Object.keys(log)).toEqual(Object.keys(log).toSorted());
  return push;
}

/** Takes pushes until so many logs of a filter are there. */
async function takeLogs(client: ConformanceClient, filterId: string, count: number): Promise<EventLog[]> {
  const logs: EventLog[] = [];
  while (logs.length < count) {
    const { filterID, logs: more, result } = readPush(await client.takeType(TYPE.eventPush));
    expect([filterID, result]).toEqual([filterId, 0]);
    expect(more!.length).toBeGreaterThan(0);
    logs.push(...more!);
  }
  expect(logs).toHaveLength(count);
  return logs;
}

/** The logs of receipts as pushes write them. */
function logsOf(...receipts: readonly Receipt[]): EventLog[] {
  return receipts.flatMap(({ blockHash, blockNumber, transactionHash, transactionIndex, logs }) =>
    logs.map(({ address, data, topics }, index) => ({
      address,
      blockHash,
      blockNumber: `${Number(blockNumber)}`,
      data,
      logIndex: `0x${index.toString(16)}`,
      topics,
      transactionHash,
      transactionIndex,
    })),
  );
}

describe('a subscription', () => {
  it('is answered before anything is pushed', async () => {
    const client = await clientAt(3);
    const body = request();
    const reply = await client.ask(TYPE.registerEvent, topicBody('', JSON.stringify(body)), SEQ);
    expect(encodeFrame(reply.type, reply.seq, reply.data, reply.result).toString('hex')).toBe(REPLY_OK);
    expect(await takeLogs(client, body['filterID'] as string, history.length)).toEqual(history);
    const types = client.received.map(({ type }) => type).filter((type) => type !== TYPE.handshake);
    expect(types.indexOf(TYPE.registerEvent)).toBe(0);
    await client.finish();
  });

  it.each([1, 3] as const)('brings the past, then the present, at version %i', async (protocol) => {
    const client = await clientAt(protocol);
    const body = request({ addresses: [first], topics: [CHANGED], groupID: 1 });
    expect(await register(client, body)).toBe(0);
    const old = history.filter(({ address }) => address === first);
    expect(await takeLogs(client, body['filterID'] as string, old.length)).toEqual(old);
    const news: Receipt[] = [];
    for (const text of ['four', 'five']) {
      news.push(await mine(client, sender.set(first, text).raw));
      await mine(client, sender.set(second, text).raw);
    }
    expect(await takeLogs(client, body['filterID'] as string, 2)).toEqual(logsOf(...news));
    expect(await unregister(client, body)).toBe(0);
    await mine(client, sender.set(first, 'six').raw);
    expect(await client.settle()).toEqual([]);
    await client.finish();
  });

  it('to a last block ends after it', async () => {
    const client = await clientAt(3);
    const last = Number(past[2]!.blockNumber);
    for (const range of [
      { fromBlock: '0x1', toBlock: `0x${last.toString(16)}` },
      { fromBlock: past[0]!.blockNumber, toBlock: `${last}` },
      { fromBlock: 1, toBlock: last },
    ]) {
      const body = request(range);
      expect(await register(client, body)).toBe(0);
      expect(await takeLogs(client, body['filterID'] as string, 3)).toEqual(logsOf(...past));
      const end = readPush(await client.takeType(TYPE.eventPush));
      expect(end).toEqual({ filterID: body['filterID'], logs: null, result: 1 });
    }
    await client.finish();
  });

  it('from a block to come waits for it', async () => {
    const client = await clientAt(3);
    const head = Number(await client.rpc('getBlockNumber', 1));
    const body = request({ fromBlock: `${head + 2}`, toBlock: `${head + 2}` });
    expect(await register(client, body)).toBe(0);
    await mine(client, sender.set(first, 'early').raw);
    expect(await client.settle()).toEqual([]);
    const wanted = await mine(client, sender.set(second, 'in time').raw);
    expect(await takeLogs(client, body['filterID'] as string, 1)).toEqual(logsOf(wanted));
    expect(readPush(await client.takeType(TYPE.eventPush)).result).toBe(1);
    await client.finish();
  });

  it('from the latest block begins with it', async () => {
    const client = await clientAt(3);
    const { raw } = sender.set(first, 'latest');
    const latest = await mine(client, raw);
    for (const range of [{ fromBlock: 'latest' }, { fromBlock: undefined, toBlock: undefined }]) {
      const body = request(range);
      expect(await register(client, body)).toBe(0);
      expect(await takeLogs(client, body['filterID'] as string, 1)).toEqual(logsOf(latest));
      await unregister(client, body);
    }
    await client.finish();
  });

  it('chooses by addresses and topics', async () => {
    const client = await clientAt(3);
    const [one, two, three] = past.map((receipt) => logsOf(receipt)[0]!);
    const account = one!.topics[1]!;
    const other = `0x${'12'.repeat(32)}`;
    const toBlock = `${Number(past[2]!.blockNumber)}`;
    const cases: readonly (readonly [Request, readonly (EventLog | undefined)[]])[] = [
      [{ addresses: [second] }, [two]],
      [{ addresses: second }, [two]],
      [{ addresses: [first.slice(2).toUpperCase()] }, [one, three]],
      [{ addresses: [first, second] }, [one, two, three]],
      [{ addresses: [`0x${'ab'.repeat(20)}`] }, []],
      [{ topics: CHANGED }, [one, two, three]],
      [{ topics: [null, account] }, [one, two, three]],
      [{ topics: [[other, CHANGED], [account]], addresses: [first] }, [one, three]],
      [{ topics: [[null, CHANGED]] }, [one, two, three]],
      [{ topics: [null, null] }, [one, two, three]],
      [{ topics: [CHANGED, other] }, []],
      [{ topics: [other] }, []],
      [{ topics: [CHANGED, account, account] }, []],
      // Without 0x, digits are a number, and anything else is zero.
      [{ topics: ['12'] }, []],
    ];
    for (const [changes, wanted] of cases) {
      const body = request({ toBlock, ...changes });
      expect([changes, await register(client, body)]).toEqual([changes, 0]);
      const logs: EventLog[] = [];
      for (;;) {
        const push = readPush(await client.takeType(TYPE.eventPush));
        expect(push.filterID).toBe(body['filterID']);
        if (push.result === 1) break;
        logs.push(...push.logs!);
      }
      expect([changes, logs]).toEqual([changes, wanted]);
    }
    await client.finish();
  });

  it('is refused with the number of its fault', async () => {
    const client = await clientAt(3);
    const head = Number(await client.rpc('getBlockNumber', 1));
    const invalid: readonly (Request | string)[] = [
      '',
      '{',
      'null',
      request({ filterID: undefined }),
      request({ filterID: '' }),
      request({ groupID: undefined }),
      request({ groupID: 'x' }),
      request({ addresses: undefined }),
      request({ addresses: ['0x12'] }),
      request({ addresses: [first, `${first}00`] }),
      request({ addresses: [`0x${'g'.repeat(40)}`] }),
      request({ topics: undefined }),
      request({ topics: [CHANGED, CHANGED, CHANGED, CHANGED, CHANGED] }),
      request({ fromBlock: 'x' }),
    ];
    for (const body of invalid) expect([body, await register(client, body)]).toEqual([body, -41001]);
    expect(await register(client, request({ groupID: '2' }))).toBe(-41002);
    expect(await register(client, request({ groupID: 32_767 }))).toBe(-41002);
    expect(await register(client, request({ fromBlock: '3', toBlock: '2' }))).toBe(-41003);
    expect(await register(client, request({ fromBlock: 'latest', toBlock: `${head - 1}` }))).toBe(-41003);
    await client.finish();
  });
});

describe('the end of a subscription', () => {
  it('is answered whether there was one or not, and may be asked for by another connection', async () => {
    const [client, other] = [await clientAt(3), await clientAt(3)];
    const body = request({ fromBlock: 'latest', addresses: [second] });
    expect(await unregister(client, body)).toBe(0);
    expect(await unregister(client, '{')).toBe(-41001);
    expect(await unregister(client, { ...body, addresses: undefined })).toBe(-41001);
    expect(await unregister(client, { ...body, groupID: '2' })).toBe(-41002);
    expect(await register(client, body)).toBe(0);
    // The latest block has no log of the second contract, or it comes now.
    await client.settle();
    client.dropUntaken();
    expect(await unregister(other, body)).toBe(0);
    await mine(other, sender.set(second, 'unheard').raw);
    expect(await client.settle()).toEqual([]);
    await client.finish();
    await other.finish();
  });

  it('comes with the end of its connection', async () => {
    const client = await clientAt(3);
    const body = request({ fromBlock: 'latest' });
    expect(await register(client, body)).toBe(0);
    await client.destroy();
    const again = await clientAt(3);
    await mine(again, sender.set(first, 'nobody').raw);
    expect(await again.settle()).toEqual([]);
    await again.finish();
  });

  it('leaves other subscriptions of the connection alone', async () => {
    const client = await clientAt(3);
    const head = Number(await client.rpc('getBlockNumber', 1));
    const bodies = [first, second].map((contract) => request({ fromBlock: `${head + 1}`, addresses: [contract] }));
    for (const body of bodies) expect(await register(client, body)).toBe(0);
    expect(await unregister(client, bodies[0]!)).toBe(0);
    await mine(client, sender.set(first, 'gone').raw);
    const kept = await mine(client, sender.set(second, 'kept').raw);
    expect(await takeLogs(client, bodies[1]!['filterID'] as string, 1)).toEqual(logsOf(kept));
    await client.finish();
  });
});
