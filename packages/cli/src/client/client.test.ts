import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeTransaction, verifyTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { Account, abiText, encodeCall } from './account.js';
import { ChainClient } from './chainClient.js';
import { RpcAnswerError, RpcClient } from './rpcClient.js';

const suite = await loadSuite('ecdsa');
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

interface Request {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly id: number;
}

/** A node that answers each request as `answer` says. */
async function startNode(answer: (request: Request) => object): Promise<RpcClient> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const parsed = JSON.parse(body) as Request | Request[];
      const reply = (one: Request) => ({ id: one.id, jsonrpc: '2.0', ...answer(one) });
      response.end(JSON.stringify(Array.isArray(parsed) ? parsed.map(reply) : reply(parsed)));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new RpcClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

describe('the client', () => {
  it('gives results and throws what the node refuses', async () => {
    const rpc = await startNode(({ method }) =>
      method === 'good' ? { result: 1 } : { error: { code: -40_001, message: 'GroupID does not exist' } },
    );
    expect(await rpc.call('good')).toBe(1);
    await expect(rpc.call('bad', 99)).rejects.toThrow('-40001: GroupID does not exist');
    const answers = await rpc.batch([
      { method: 'bad', params: [] },
      { method: 'good', params: [] },
    ]);
    expect(answers[0]).toBeInstanceOf(RpcAnswerError);
    expect(answers[1]).toBe(1);
  });

  it('signs transactions that verify, each with another nonce, and waits for the receipt', async () => {
    const sent: string[] = [];
    let asked = 0;
    const rpc = await startNode(({ method, params }) => {
      if (method === 'getBlockNumber') return { result: '0x64' };
      if (method === 'sendRawTransaction') {
        sent.push(params[1] as string);
        return { result: '0xhash' };
      }
      return { result: ++asked < 3 ? null : { status: '0x0' } };
    });
    const client = new ChainClient(rpc, { chainId: 7, groupId: 3 });
    const account = Account.generate(suite);
    const data = encodeCall(suite, 'set(string)', ['string'], [abiText('盟链')]);
    expect(await client.receipt(await client.send(account, 'ab'.repeat(20), data))).toMatchObject({ status: '0x0' });
    await client.send(account, undefined, data);
    const decoded = sent.map((raw) => decodeTransaction(suite, Uint8Array.from(Buffer.from(raw.slice(2), 'hex'))));
    expect(decoded.map((one) => one.ok && verifyTransaction(suite, one.value)?.sender)).toEqual([
      account.address,
      account.address,
    ]);
    expect(decoded[0]!.ok && decoded[0]!.value).toMatchObject({
      chainId: 7n,
      groupId: 3n,
      blockLimit: 600n,
      to: 'ab'.repeat(20),
    });
    expect(decoded[1]!.ok && decoded[1]!.value.to).toBeUndefined();
    expect(new Set(decoded.map((one) => one.ok && one.value.nonce)).size).toBe(2);
  });

  it('encodes calls as Solidity does', () => {
    const data = encodeCall(suite, 'transfer(string,string,uint256)', ['string', 'string', 'uint256'], ['a', 'b', 7n]);
    expect(toHex(data).slice(0, 8)).toBe('9b80b050');
    expect(data.length).toBe(4 + 7 * 32);
  });
});
