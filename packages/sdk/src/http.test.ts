import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpTransport } from './http.js';
import type { SdkError } from './sdkError.js';

interface Request {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly id: number;
}

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** A server that answers each body as `answer` says; undefined breaks the connection, `hang` never answers. */
async function startServer(answer: (body: unknown) => unknown): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const answered = answer(JSON.parse(text));
      if (answered === undefined) request.socket.destroy();
      else if (typeof answered === 'string') response.end(answered);
      else if (answered !== HANG) response.end(JSON.stringify(answered));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HANG = Symbol('hang');
const echo = (body: unknown) => {
  const answerOne = ({ method, params, id }: Request) => ({ jsonrpc: '2.0', id, result: [method, ...params] });
  return Array.isArray(body) ? (body as Request[]).map(answerOne) : answerOne(body as Request);
};

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: SdkError) => error.code,
  );
}

describe('JSON-RPC over HTTP', () => {
  it('asks the next node when one cannot be reached, and stays there', async () => {
    let asked = 0;
    const broken = await startServer(() => void (asked += 1));
    const transport = httpTransport([broken, await startServer(echo)]);
    expect(await transport.request({ method: 'a', params: [1] })).toEqual(['a', 1]);
    expect(await transport.request({ method: 'b', params: [] })).toEqual(['b']);
    expect(asked).toBe(1);
  });

  it('keeps passwords and tokens of a url out of errors', async () => {
    const transport = httpTransport('http://name:secret@127.0.0.1:9/rpc?key=secret', {
      fetch: async () => Promise.reject(new Error('no')),
    });
    const error = await transport.request({ method: 'a', params: [] }).catch((reason: unknown) => String(reason));
    expect(error).toContain('http://127.0.0.1:9/rpc cannot be reached');
    expect(error).not.toContain('secret');
  });

  it('does not ask the next node when one refuses', async () => {
    const refusal = { jsonrpc: '2.0', id: 1, error: { code: -40001, message: 'GroupID does not exist' } };
    const transport = httpTransport([await startServer(() => refusal), await startServer(echo)]);
    expect(await codeOf(transport.request({ method: 'a', params: [] }))).toBe(-40001);
  });

  it('does not have one node do what another was asked to do to itself', async () => {
    const transport = httpTransport([await startServer(() => undefined), await startServer(echo)]);
    expect(await codeOf(transport.request({ method: 'stopGroup', params: [2] }))).toBe('NoConnection');
  });

  it('names the lost node as cause of what the next one refuses', async () => {
    const refusal = { jsonrpc: '2.0', id: 0, error: { code: -32603, message: 'TransactionAlreadyKown, txHash=1' } };
    const transport = httpTransport([await startServer(() => undefined), await startServer(() => [refusal])]);
    const error = (await transport
      .request({ method: 'sendRawTransaction', params: [1, '0x'] })
      .catch((thrown: unknown) => thrown)) as SdkError;
    expect([error.code, (error.cause as SdkError).code]).toEqual(['TransactionAlreadyKown', 'NoConnection']);
  });

  it('gives up when no node answers', async () => {
    const broken = await startServer(() => undefined);
    expect(await codeOf(httpTransport([broken, broken]).request({ method: 'a', params: [] }))).toBe('NoConnection');
    const hanging = httpTransport(await startServer(() => HANG), { timeoutMs: 50 });
    expect(await codeOf(hanging.request({ method: 'a', params: [] }))).toBe('Timeout');
  });

  it('refuses what is not JSON-RPC', async () => {
    for (const answer of ['<html>', '[]', 'null', '{"id":1}', '7']) {
      const transport = httpTransport(await startServer(() => answer));
      expect(await codeOf(transport.request({ method: 'a', params: [] })), answer).toBe('BadAnswer');
      expect(await codeOf(transport.request({ method: 'sendRawTransaction', params: [] })), answer).toBe('BadAnswer');
    }
  });

  it('sends the transactions of one turn in one body, each with its own answer', async () => {
    const bodies: unknown[] = [];
    const url = await startServer((body) => {
      bodies.push(body);
      return (echo(body) as { id: number }[])
        .map((one) => (one.id === 1 ? { id: 1, error: { code: -32603, message: 'TransactionPoolIsFull' } } : one))
        .toReversed();
    });
    const transport = httpTransport(url);
    const sends = [0, 1, 2].map((one) => codeOf(transport.request({ method: 'sendRawTransaction', params: [one] })));
    expect(await Promise.all(sends)).toEqual([
      ['sendRawTransaction', 0],
      'TransactionPoolIsFull',
      ['sendRawTransaction', 2],
    ]);
    expect(bodies).toHaveLength(1);
  });

  it('ends what is under way when it is closed', async () => {
    const transport = httpTransport(await startServer(() => HANG));
    const asked = codeOf(transport.request({ method: 'a', params: [] }));
    await new Promise((resolve) => setImmediate(resolve));
    transport.close();
    expect([await asked, await codeOf(transport.request({ method: 'b', params: [] }))]).toEqual(['Closed', 'Closed']);
  });

  it('wants urls', () => {
    expect(() => httpTransport([])).toThrow('give between 1 and 100');
    expect(() => httpTransport('127.0.0.1:8545')).toThrow('write it like http://127.0.0.1:8545');
  });
});
