import { connect } from 'node:net';
import { fromBigInt, fromHex, toBigInt, toPrefixedHex } from '@menglian/base/bytes';
import { encodeRlp, decodeRlp, type RlpItem } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SuiteName } from '@menglian/crypto/suite';
import { callData, encodeCall } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { randomAccount } from '@menglian/sdk/account/account';
import type { Client } from '@menglian/sdk/client';
import { bareAddress, type Hash } from '@menglian/sdk/hex';
import { signTransaction, type TransactionFields } from '@menglian/types/transaction';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, until } from './cluster.js';
import { RpcAnswerError, type RpcClient } from './rpcClient.js';
import { clientOf, DAG_TRANSFER } from './sdkClient.js';
import { SUITE } from './suite.js';

/**
 * Goal: what is wrong with a transaction or request is named, with what to do about it, and harms nothing. Method: send
 * them to a real chain of four nodes; afterwards all nodes are there and make blocks.
 */

const suite = await loadSuite(SUITE);
const key = suite.hash(fromHex('01'));
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

let chain: Cluster;
let rpc: RpcClient;
let client: Client;

beforeAll(async () => {
  chain = await Cluster.build(4);
  chain.startAll();
  await chain.linked(3);
  rpc = chain.clients[0]!;
  client = clientOf(rpc, await randomAccount(SUITE));
});

afterAll(async () => {
  await chain?.stop();
});

/** Sends a transaction and waits until it is in a block. @returns the block's number */
async function commit(): Promise<number> {
  const data = encodeCall(suite, functionOf('userSave(string,uint256)'), [`user${Math.random()}`, 1n]);
  return (await client.execute({ to: DAG_TRANSFER, data })).blockNumber;
}

let nonce = 1000n;

/** A good transaction but for the fields given. */
function transaction(fields: Partial<TransactionFields> = {}): Uint8Array {
  const data = callData(suite, functionOf('userBalance(string)'), ['nobody']);
  const good: TransactionFields = {
    nonce: nonce++,
    gasPrice: 1n,
    gas: 1_000_000n,
    blockLimit: 500n,
    to: bareAddress(DAG_TRANSFER),
    value: 0n,
    data,
    chainId: 1n,
    groupId: 1n,
    extraData: new Uint8Array(0),
  };
  return signTransaction(suite, { ...good, ...fields }, key).raw;
}

/** A good transaction whose encoding was changed after it was signed. */
function forged(change: (items: RlpItem[]) => void): Uint8Array {
  const decoded = decodeRlp(transaction());
  if (!decoded.ok) throw new Error(decoded.reason);
  const items = decoded.value as RlpItem[];
  change(items);
  return encodeRlp(items);
}

/** A number of suite ecdsa, the public key of suite sm. */
const V = 10;
const R = 11;
const S = 12;

type Refused = readonly [name: string, raw: string | (() => Uint8Array), wanted: RegExp];

/** What each suite alone can get wrong. */
const SIGNATURE_FAULTS: Readonly<Record<SuiteName, readonly Refused[]>> = {
  ecdsa: [
    [
      's in the upper half',
      () =>
        forged((items) => {
          items[S] = fromBigInt(CURVE_ORDER - toBigInt(items[S] as Uint8Array), 32);
          items[V] = Uint8Array.of((items[V] as Uint8Array)[0] === 27 ? 28 : 27);
        }),
      /InvalidSignature.*\n.*s is low/,
    ],
    ['v of 29', () => forged((items) => (items[V] = Uint8Array.of(29))), /InvalidSignature\n.*27 or 28/],
    ['v with a chain id in it', () => forged((items) => (items[V] = Uint8Array.of(37))), /InvalidSignature/],
  ],
  sm: [
    [
      'the public key of another account',
      () => forged((items) => (items[V] = suite.publicKey(suite.hash(fromHex('02'))))),
      /InvalidSignature.*\n.*the key/,
    ],
    [
      'a public key off the curve',
      () => forged((items) => (items[V] = new Uint8Array(64).fill(1))),
      /InvalidSignature/,
    ],
    ['a public key of no bytes', () => forged((items) => (items[V] = new Uint8Array(0))), /InvalidSignature/],
    [
      'a number in place of the public key',
      () => forged((items) => (items[V] = Uint8Array.of(27))),
      /InvalidSignature/,
    ],
    [
      'a public key with the byte 04 before it',
      () => forged((items) => (items[V] = Uint8Array.of(4, ...(items[V] as Uint8Array)))),
      /BadCast/,
    ],
  ],
};

describe('a transaction that cannot be taken', () => {
  it.each<Refused>([
    ['no hexadecimal digits', 'zz', /Cannot intepret 'zz' as bytes; must be 0x-prefixed hex/],
    ['half a byte', '0x123', /Cannot intepret '0x123' as bytes/],
    ['nothing', '0x', /not the RLP of a signed transaction; encode it as/],
    ['no list', '0x83646f67', /not the RLP of a signed transaction/],
    ['an empty list', '0xc0', /InvalidFormat\n.*not the RLP of a signed transaction/],
    ['a length beyond the data', '0xf9ffff00', /UndersizeRLP/],
    ['a length that is no length', `0xff${'ff'.repeat(8)}`, /\w+RLP/],
    ['bytes behind the list', () => Uint8Array.of(...transaction(), 0), /OversizeRLP/],
    ['a list cut short', () => transaction().subarray(0, 100), /UndersizeRLP/],
    [
      'an integer with a leading zero',
      () => forged((items) => (items[2] = fromHex('0001'))),
      /BadCast\n.*leading zeros/,
    ],
    ['an integer of 33 bytes', () => forged((items) => (items[2] = new Uint8Array(33).fill(1))), /BadCast/],
    ['an address of 19 bytes', () => forged((items) => (items[4] = new Uint8Array(19))), /BadCast\n.*20 bytes/],
    [
      'more than a transaction may hold',
      () => forged((items) => (items[6] = new Uint8Array(1_048_577))),
      /TooLarge\n.*split/,
    ],
    ['another chain', () => transaction({ chainId: 2n }), /InvalidChainId, txHash=[0-9a-f]{8}\.\.\.\n.*sign it with/],
    ['another group', () => transaction({ groupId: 2n }), /InvalidGroupId, txHash=.*\n.*sign it with the group id/],
    ['a block limit that has passed', () => transaction({ blockLimit: 0n }), /BlockLimitCheckFailed, txBlockLimit=0,/],
    ['a block limit too far', () => transaction({ blockLimit: 5000n }), /txBlockLimit=5000, .*\n.*add 500/],
    [
      'the nonce that is never taken',
      () => transaction({ nonce: 2n ** 256n - 1n }),
      /TransactionNonceCheckFail.*\n.*2\^256 - 1/,
    ],
    ['r of 0', () => forged((items) => (items[R] = new Uint8Array(0))), /InvalidSignature.*\n.*signature/],
    ['s of 0', () => forged((items) => (items[S] = new Uint8Array(0))), /InvalidSignature/],
    ...SIGNATURE_FAULTS[SUITE],
  ])('%s', async (_name, raw, wanted) => {
    const text = typeof raw === 'string' ? raw : toPrefixedHex(raw());
    const answer = await rpc.call('sendRawTransaction', 1, text).catch((error: unknown) => error);
    expect(answer).toBeInstanceOf(RpcAnswerError);
    expect((answer as RpcAnswerError).code).toBe(-32603);
    expect((answer as RpcAnswerError).message).toMatch(wanted);
  });

  it('a replayed nonce, of the same and of another transaction', async () => {
    const used = nonce;
    const raw = toPrefixedHex(transaction());
    await client.waitForReceipt((await rpc.call('sendRawTransaction', 1, raw)) as Hash);
    for (const again of [raw, toPrefixedHex(transaction({ nonce: used, gas: 5n }))]) {
      await expect(rpc.call('sendRawTransaction', 1, again)).rejects.toThrow(
        /TransactionNonceCheckFail.*\n.*ask for its receipt/,
      );
    }
  });

  it('but fields at their limits are taken', async () => {
    const largest = 2n ** 256n - 1n;
    const extremes = [{ gas: 0n }, { gas: largest }, { gasPrice: largest }, { nonce: 0n }, { nonce: largest - 1n }];
    for (const fields of extremes) {
      const raw = toPrefixedHex(transaction(fields));
      const { status } = await client.waitForReceipt((await rpc.call('sendRawTransaction', 1, raw)) as Hash);
      expect(status).toBe(0);
    }
  });
});

describe('a request that cannot be answered', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const request = (method: string, ...params: unknown[]) => JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });
  const from = `0x${'11'.repeat(20)}`;

  it.each<[string, string, number, number, RegExp]>([
    ['no JSON', '{"jsonrpc":', 200, -32700, /JSON_PARSE_ERROR/],
    ['bytes that are no text', '\u0000\u00ff', 200, -32700, /JSON_PARSE_ERROR/],
    ['arrays in arrays without end', nested(500_000), 200, -32700, /JSON_PARSE_ERROR/],
    ['arrays in arrays in a parameter', `{"params":${nested(1001)}}`, 200, -32700, /JSON_PARSE_ERROR/],
    ['arrays in arrays, a few', nested(900), 200, -32600, /INVALID_JSON_REQUEST/],
    [
      'too many requests',
      `[${'1,'.repeat(10_000)}1]`,
      200,
      -32600,
      /10001 requests; at most 10000 .* send smaller ones/,
    ],
    [
      'more than a body may hold',
      `"${'x'.repeat(32 * 1024 * 1024)}"`,
      413,
      -32600,
      /larger than \d+ bytes; send smaller/,
    ],
    ['a group of nobody', request('getBlockNumber', 4_000_000), 200, -40001, /GroupID does not exist/],
    [
      'a block number as long as a book',
      request('getBlockByNumber', 1, '9'.repeat(1e6), true),
      200,
      -32603,
      /can't convert 9+… to int\nwrite a number/,
    ],
    [
      'an address that is none',
      request('getCode', 1, '0x12'),
      200,
      -32603,
      /InvalidAddress 0x12\n.*40 hexadecimal digits/,
    ],
    ['call data that is none', request('call', 1, { from, data: '0xzz' }), 200, -32603, /Cannot intepret/],
    ['a value that is none', request('call', 1, { from, value: '-1' }), 200, -32603, /can't convert -1 to int/],
    [
      'too much call data',
      request('call', 1, { from, data: `0x${'00'.repeat(8_388_609)}` }),
      200,
      -32603,
      /at most 8388608 are run/,
    ],
  ])('%s', async (_name, body, status, code, wanted) => {
    const response = await fetch(rpc.url, { method: 'POST', body });
    const [answer] = [(await response.json()) as { error: { code: number; message: string } }].flat();
    expect([response.status, answer!.error.code]).toEqual([status, code]);
    expect(answer!.error.message).toMatch(wanted);
  });

  it('values nested deep inside a parameter are left out', async () => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"call","params":[1,{"from":"${from}","data":${nested(900)}}]}`;
    const response = await fetch(rpc.url, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ result: { status: '0x1a' } });
  });

  it('garbage and broken connections on the port of clients', async () => {
    const { port } = new URL(rpc.url);
    for (const bytes of [
      '\u0000\u0001\u0002',
      'POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n{',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes, 'latin1'));
        socket.on('error', () => resolve());
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    expect((await fetch(rpc.url)).status).toBe(405);
  });
});

it('after all of this every node is there and the chain makes blocks', async () => {
  const number = await commit();
  await until(async () => (await chain.agreed()).number >= number, 'all nodes have the block');
  await chain.linked(3);
});
