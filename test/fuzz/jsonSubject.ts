import { fromHex, toHex, toPrefixedHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { MemoryGroup } from '@menglian/node/testing/memoryGroup';
import { Dispatcher } from '@menglian/rpc/dispatcher';
import { GROUP_METHODS, runGroupMethod } from '@menglian/rpc/methods/groupMethods';
import { NODE_METHODS } from '@menglian/rpc/methods/nodeMethods';
import { textOf } from '@menglian/rpc/testing/textOf';
import { Turns } from '@menglian/rpc/turns';
import { signTransaction } from '@menglian/types/transaction';
import { mutate } from './mutate.js';
import type { Subject } from './subjects.js';

const suite = await loadSuite('ecdsa');
const PEER = { nodeId: 'ab'.repeat(64), agency: 'agency', name: 'node0', address: '127.0.0.1:30300', topics: [] };
const DAG_TRANSFER = '5002'.padStart(40, '0');

/** What may stand where something else stood. */
const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1,
  1.5,
  2 ** 53,
  1e308,
  '',
  '0x',
  '0x0',
  '0x1',
  '-1',
  '1e3',
  '0x' + 'f'.repeat(64),
  '0xg',
  'z'.repeat(5000),
  '\u0000\ud800',
  '盟链',
  [],
  {},
  [[[[[]]]]],
  { toString: 'x', constructor: null },
  { from: '0x1', to: '0x2', data: 'zz', value: {} },
];
const TEXT_OF_HOSTILE_VALUES = [
  ...HOSTILE_VALUES.map((value) => JSON.stringify(value)),
  '{"__proto__":{"a":1}}',
  '1e400',
];

const PLACEHOLDER = 'to be replaced';

/** Replaces one value somewhere in a request by a hostile one, or changes the bytes of its text. */
function mutateJson(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  if (random.chance(20)) return mutate(random, samples);
  const text = Buffer.from(random.pick(samples)).toString('utf8');
  const request = JSON.parse(text) as Record<string, unknown>;
  // Down from the request into its parameters, some of the way.
  let holder = request as Record<string, unknown>;
  let key = random.pick(Object.keys(holder));
  if (random.chance(60)) key = 'params';
  for (let inner = holder[key]; typeof inner === 'object' && inner !== null && random.chance(80); inner = holder[key]) {
    const keys = Object.keys(inner);
    if (keys.length === 0) break;
    holder = inner as Record<string, unknown>;
    key = random.pick(keys);
  }
  if (random.chance(10) && Array.isArray(holder)) holder.push(1);
  holder[key] = PLACEHOLDER;
  const changed = JSON.stringify(request).replace(`"${PLACEHOLDER}"`, () => random.pick(TEXT_OF_HOSTILE_VALUES));
  return utf8Bytes(random.chance(5) ? `[${changed},${text},${changed}]` : changed);
}

/** A request for every method, parameters as its signature asks, about things that exist where that is possible. */
function requests(facts: { blockHash: string; transactionHash: string; raw: string }): object[] {
  const call = { from: `0x${'0'.repeat(40)}`, to: `0x${DAG_TRANSFER}`, data: toPrefixedHex(userBalance('alice')) };
  const known: Readonly<Record<string, readonly unknown[]>> = {
    getBlockByHash: [facts.blockHash, true],
    getBlockByNumber: ['1', true],
    getBlockHeaderByHash: [facts.blockHash, true],
    getBlockHeaderByNumber: ['0x1', true],
    getBlockHashByNumber: ['1'],
    getTransactionByHash: [facts.transactionHash],
    getTransactionByBlockHashAndIndex: [facts.blockHash, '0x0'],
    getTransactionByBlockNumberAndIndex: ['1', '0x0'],
    getTransactionReceipt: [facts.transactionHash],
    getTransactionByHashWithProof: [facts.transactionHash],
    getTransactionReceiptByHashWithProof: [facts.transactionHash],
    getBatchReceiptsByBlockNumberAndRange: ['1', '0', '-1', false],
    getBatchReceiptsByBlockHashAndRange: [facts.blockHash, '0', '-1', false],
    getCode: [`0x${DAG_TRANSFER}`],
    getSystemConfigByKey: ['tx_count_limit'],
    call: [call],
    sendRawTransaction: [facts.raw],
    sendRawTransactionAndGetProof: [facts.raw],
  };
  const groupRequests = [...GROUP_METHODS.keys()].map((method) => ({ method, params: [1, ...(known[method] ?? [])] }));
  const nodeRequests = [...NODE_METHODS].map(([method, { params }]) => ({
    method,
    params: (params ?? []).map((type) => (type === 'object' ? { timestamp: '1', sealers: [] } : 1)),
  }));
  return [...groupRequests, ...nodeRequests].map((request, id) => ({ jsonrpc: '2.0', ...request, id }));
}

function userBalance(user: string): Uint8Array {
  return call('userBalance(string)', encodeAbi(['string'], [user]));
}

function call(signature: string, data: Uint8Array): Uint8Array {
  return fromHex(toHex(selector((bytes) => suite.hash(bytes), signature)) + toHex(data));
}

/** JSON-RPC from the text of a request down to a running group of one node, with a block that holds a transaction. */
export async function jsonSubject(): Promise<Subject & { readonly stop: () => Promise<void> }> {
  const group = new MemoryGroup(suite, { count: 1 });
  const { view, ledger } = await group.start(0);
  const random = new SeededRandom(5);
  const key = random.bytes(32);
  const sign = (blockLimit: bigint) => {
    const fields = { gasPrice: 1n, gas: 1n, value: 0n, chainId: 1n, groupId: 1n, extraData: new Uint8Array(0) };
    const data = call('userSave(string,uint256)', encodeAbi(['string', 'uint256'], ['alice', 1n]));
    return signTransaction(suite, { ...fields, nonce: blockLimit, blockLimit, to: DAG_TRANSFER, data }, key);
  };
  const stored = sign(500n);
  view.submit(stored.raw);
  while (ledger.locate(stored.hash) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const dispatcher = new Dispatcher({
    node: {
      chainId: 1,
      supportedVersion: '2.11.0',
      isSm: false,
      build: { time: '20261121 00:00:00', branch: 'main', commit: 'unknown' },
      self: () => PEER,
      peers: () => [PEER],
      configuredPeers: () => ['127.0.0.1:30300'],
      groupList: () => [1],
      changePeers: async () => ({ kind: 'unchanged' }),
      groupStatus: async (groupId) => (groupId === 1 ? 'RUNNING' : 'INEXISTENT'),
      changeGroup: async () => ({ kind: 'notFound' }),
    },
    turns: new Turns(),
    groups: {
      request: (groupId, asked) =>
        groupId === 1 ? Promise.resolve(asked.flatMap((request) => runGroupMethod(view, [request]))) : undefined,
    },
  });
  const facts = {
    blockHash: toPrefixedHex(ledger.head().hash),
    transactionHash: toPrefixedHex(stored.hash),
    // Beyond the block limit, so that it and what is made of it is checked in full and not kept.
    raw: toPrefixedHex(sign(1_000_000n).raw),
  };
  return {
    name: 'bodies of JSON-RPC requests',
    samples: requests(facts).map((request) => utf8Bytes(JSON.stringify(request))),
    mutate: mutateJson,
    run: async (bytes) => {
      const text = textOf(await dispatcher.answer([bytes]));
      if (!text.endsWith('\n')) throw new Error(`not a line: ${text}`);
      const answers = [JSON.parse(text) as unknown].flat() as Record<string, unknown>[];
      for (const answer of answers) {
        const hasOne = Object.hasOwn(answer, 'result') !== Object.hasOwn(answer, 'error');
        if (answer['jsonrpc'] !== '2.0' || !hasOne || !Object.hasOwn(answer, 'id'))
          throw new Error(`no answer: ${text}`);
      }
      const error = answers[0]?.['error'] as { code: number } | undefined;
      if (error !== undefined && !Number.isSafeInteger(error.code)) throw new Error(`no code: ${text}`);
      return error === undefined ? undefined : String(error.code);
    },
    stop: () => group.stop(),
  };
}
