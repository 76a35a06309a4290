import { describe, expect, it } from 'vitest';
import { Dispatcher } from './dispatcher.js';
import {
  ANSWER_CHARACTERS_MAX,
  BATCH_REQUESTS_MAX,
  ENCODED_CHARACTERS,
  LIGHT_BYTES_MAX,
  PIECE_BYTES,
} from './limits.js';
import type { GroupRequest, NodeView } from './ports.js';
import { textOf } from './testing/textOf.js';
import { Turns } from './turns.js';

const peer = { nodeId: 'ab'.repeat(64), agency: 'agency', name: 'node0', address: '127.0.0.1:30300', topics: [] };
const node: NodeView = {
  chainId: 1,
  supportedVersion: '2.11.0',
  isSm: false,
  build: { time: '20261121 00:00:00', branch: 'main', commit: 'unknown' },
  self: () => peer,
  peers: () => [{ ...peer, name: 'node1' }],
  configuredPeers: () => ['127.0.0.1:30300'],
  groupList: () => [1],
  changePeers: async () => ({ kind: 'unchanged' }),
  groupStatus: async (groupId) => (groupId === 1 ? 'RUNNING' : 'INEXISTENT'),
  changeGroup: undefined,
};

/** A group that answers each request with its method and parameters. */
function createDispatcher(answer = (one: GroupRequest) => JSON.stringify([one.method, ...one.params])) {
  const seen: (readonly GroupRequest[])[] = [];
  const dispatcher = new Dispatcher({
    node,
    turns: new Turns(),
    groups: {
      request: (groupId, requests) => {
        if (groupId !== 1) return undefined;
        seen.push(requests);
        return Promise.resolve(requests.map((one) => ({ ok: true, json: answer(one) })));
      },
    },
  });
  return { dispatcher, seen };
}

const answer = async (body: string) => textOf(await createDispatcher().dispatcher.answer([Buffer.from(body)]));
const request = (method: string, params: unknown, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: '2.0', method, params, id });

describe('the JSON-RPC dispatcher', () => {
  it('answers in compact text with sorted keys and a final newline', async () => {
    expect(await answer(request('getBlockNumber', [1]))).toBe('{"id":1,"jsonrpc":"2.0","result":["getBlockNumber"]}\n');
    expect(await answer(request('getPeers', [99]))).toBe(
      `{"id":1,"jsonrpc":"2.0","result":[{"Agency":"agency","IPAndPort":"127.0.0.1:30300","Node":"node1","NodeID":"${peer.nodeId}","Topic":[]}]}\n`,
    );
  });

  it('echoes ids with their type', async () => {
    for (const id of [1, 'abc', null, 0]) {
      expect(JSON.parse(await answer(request('getBlockNumber', [1], id)))).toMatchObject({ id });
    }
  });

  it.each([
    ['', -32700, null],
    ['{', -32700, null],
    ['[]', -32600, null],
    ['1', -32600, null],
    ['null', -32600, null],
    ['[1]', -32600, null],
    ['{"method":"getBlockNumber","params":[1],"id":1}', -32600, 1],
    ['{"jsonrpc":"1.0","method":"getBlockNumber","params":[1],"id":1}', -32600, 1],
    ['{"jsonrpc":"2.0","method":5,"params":[1],"id":"x"}', -32600, 'x'],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[1],"id":{}}', -32600, null],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":3,"id":1}', -32600, 1],
    ['{"jsonrpc":"2.0","method":"nope","params":[1],"id":7}', -32601, 7],
    ['{"jsonrpc":"2.0","method":"__proto__","params":[1],"id":7}', -32601, 7],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[1]}', -32604, null],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":{"groupId":1},"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":["1"],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[1.5],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[1,2],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"call","params":[1,[]],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"call","params":[1,null],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"getBlockNumber","params":[99],"id":1}', -40001, 1],
    ['{"jsonrpc":"2.0","method":"startGroup","params":[2],"id":1}', -100_001, 1],
  ])('refuses %s with %i', async (body, code, id) => {
    const parsed = [JSON.parse(await answer(body))].flat();
    expect(parsed[0]).toMatchObject({ error: { code }, id });
  });

  it('gives errors of methods a data member and refusals before a method none', async () => {
    expect(await answer(request('getBlockNumber', [99]))).toContain('{"error":{"code":-40001,"data":null,"message"');
    expect(await answer(request('nope', []))).toContain('{"error":{"code":-32601,"message"');
  });

  it('answers methods without parameters whatever stands in params', async () => {
    for (const params of [undefined, [], [1], { a: 1 }]) {
      expect(JSON.parse(await answer(request('getGroupList', params)))).toMatchObject({ result: [1] });
    }
  });

  it('answers a batch in order and hands it to a group in one go', async () => {
    const { dispatcher, seen } = createDispatcher();
    const entries = [
      request('getBlockNumber', [1], 1),
      request('getGroupList', [], 'two'),
      request('getCode', [1, '0x'], 3),
      request('getCode', [2, '0x'], 4),
      '5',
    ];
    const answers = JSON.parse(textOf(await dispatcher.answer([Buffer.from(`[${entries.join(',')}]`)])));
    expect(answers.map(({ id }: { id: unknown }) => id)).toEqual([1, 'two', 3, 4, null]);
    expect(answers[2].result).toEqual(['getCode', '0x']);
    expect(answers[3].error.code).toBe(-40001);
    expect(seen).toHaveLength(1);
  });

  it('refuses a batch beyond its limit', async () => {
    const batch = `[${Array.from({ length: BATCH_REQUESTS_MAX + 1 }, () => '1').join(',')}]`;
    const { error } = JSON.parse(await answer(batch)) as { error: { code: number; message: string } };
    expect(error.code).toBe(-32600);
    expect(error.message).toMatch(/^INVALID_JSON_REQUEST: .*at most 10000 are answered, send smaller ones$/);
  });

  it('asks a group for a long batch in pieces, until the answers are too long', async () => {
    const { dispatcher, seen } = createDispatcher();
    const text = 'x'.repeat(PIECE_BYTES / 2);
    const batch = Array.from({ length: 5 }, (_, id) => request('getCode', [1, text], id));
    const answers = JSON.parse(textOf(await dispatcher.answer([Buffer.from(`[${batch.join(',')}]`)]))) as {
      id: number;
    }[];
    expect(answers.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(seen.map(({ length }) => length)).toEqual([2, 2, 1]);
    const long = createDispatcher(() => 'x'.repeat(ANSWER_CHARACTERS_MAX / 2));
    const chunks = await long.dispatcher.answer([Buffer.from(`[${batch.join(',')}]`)]);
    expect(long.seen.map(({ length }) => length)).toEqual([2]);
    expect(textOf(chunks).slice(-1000)).toContain('the answers to this batch are longer than');
  });

  it('lets what is short and ready pass long bodies, which are parsed one in a turn', async () => {
    const { dispatcher } = createDispatcher();
    const order: string[] = [];
    const ask = async (name: string, bytes: number) => {
      const body = request('getCode', [1, 'x'.repeat(bytes)], name);
      await dispatcher.answer([Buffer.from(body)]);
      order.push(name);
    };
    const long = ['a', 'b', 'c'].map(async (name) => ask(name, LIGHT_BYTES_MAX));
    // In the turn after that of the first.
    const short = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(ask('short', 1)))));
    await Promise.all([...long, short]);
    expect(order).toEqual(['a', 'b', 'short', 'c']);
  });

  it('encodes long answers a piece at a time', async () => {
    const { dispatcher } = createDispatcher();
    const text = 'é'.repeat(ENCODED_CHARACTERS / 4);
    const body = `[${Array.from({ length: 9 }, (_, id) => request('getCode', [1, text], id)).join(',')}]`;
    let turns = 0;
    const count = () => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    const chunks = await dispatcher.answer([Buffer.from(body)]);
    clearImmediate(immediate);
    expect(chunks.length).toBeGreaterThanOrEqual(2);
    expect(turns).toBeGreaterThanOrEqual(chunks.length);
    const answers = JSON.parse(textOf(chunks)) as { id: number; result: string[] }[];
    expect(answers.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(answers.every(({ result }) => result[1] === text)).toBe(true);
  });

  it('hands on no nested values, which no method reads', async () => {
    const deep = `${'['.repeat(900)}${']'.repeat(900)}`;
    const body = `{"jsonrpc":"2.0","method":"call","params":[1,{"data":${deep},"from":"0x","value":1}],"id":1}`;
    const { dispatcher, seen } = createDispatcher();
    await dispatcher.answer([Buffer.from(body)]);
    expect(seen).toEqual([[{ method: 'call', params: [{ from: '0x', value: 1 }] }]]);
    expect(() => structuredClone(seen)).not.toThrow();
  });

  it('tells the state of groups', async () => {
    expect(JSON.parse(await answer(request('queryGroupStatus', [1]))).result.status).toBe('RUNNING');
    expect(JSON.parse(await answer(request('queryGroupStatus', [5]))).result.status).toBe('INEXISTENT');
    expect(JSON.parse(await answer(request('queryGroupStatus', [0]))).result).toEqual({
      code: '0x7',
      message: 'GroupID should be between 1 and 32767',
      status: '',
    });
  });
});
