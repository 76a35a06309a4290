import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, JSON_VALUES_MAX } from './limits.js';
import { RpcHttpServer } from './httpServer.js';

const servers: RpcHttpServer[] = [];

/** A server whose dispatcher answers with the length of the body. */
async function startServer(): Promise<RpcHttpServer> {
  const dispatcher = { answer: (body: string) => Promise.resolve(`${body.length}\n`) };
  const server = new RpcHttpServer({ dispatcher: dispatcher as never });
  servers.push(server);
  expect((await server.listen('127.0.0.1', 0)).ok).toBe(true);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const url = (server: RpcHttpServer, path = '/') => `http://127.0.0.1:${server.port}${path}`;

describe('the HTTP server', () => {
  it('answers POST on any path with status 200, whatever the content type', async () => {
    const server = await startServer();
    for (const path of ['/', '/any/path?x=1']) {
      const response = await fetch(url(server, path), { method: 'POST', body: '12345' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).toBe('5\n');
    }
  });

  it('answers OPTIONS and refuses other verbs as 2.x does', async () => {
    const server = await startServer();
    const options = await fetch(url(server), { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow'), options.headers.get('dav')]).toEqual([
      200,
      'POST, OPTIONS',
      '1',
    ]);
    const get = await fetch(url(server));
    expect([get.status, await get.text()]).toEqual([405, 'Not allowed HTTP Method']);
  });

  it('names the limit to a body that is too large and keeps nothing of it', async () => {
    const server = await startServer();
    const status = await new Promise<number | undefined>((resolve) => {
      const request = httpRequest(url(server), { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', () => resolve(undefined));
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      let sent = 0;
      const more = () => {
        while (sent <= BODY_BYTES_MAX) {
          sent += chunk.length;
          if (!request.write(chunk)) return request.once('drain', more);
        }
        return request.end();
      };
      more();
    });
    expect(status).toBe(413);
  });

  it('does not parse a body of more values than any batch needs, for all clients would wait', async () => {
    const server = new RpcHttpServer({ dispatcher: { answer: async () => 'parsed' } as never });
    servers.push(server);
    await server.listen('127.0.0.1', 0);
    const send = async (body: string) => (await fetch(url(server), { method: 'POST', body })).text();
    expect(JSON.parse(await send(`[${'[],'.repeat(JSON_VALUES_MAX)}0]`))).toMatchObject({ error: { code: -32_600 } });
    expect(await send(`[${'0,'.repeat(JSON_VALUES_MAX - 1)}0]`)).toBe('parsed');
  });

  it('refuses bodies while too many bytes of others wait, and takes them again afterwards', async () => {
    let noteArrival = () => {};
    const arrived = new Promise<void>((resolve) => (noteArrival = resolve));
    let answerAll = () => {};
    const answered = new Promise<void>((resolve) => (answerAll = resolve));
    const answer = async () => {
      noteArrival();
      await answered;
      return '1\n';
    };
    const server = new RpcHttpServer({ dispatcher: { answer } as never }, { heldBytesMax: 1000 });
    servers.push(server);
    await server.listen('127.0.0.1', 0);
    const send = async () => (await fetch(url(server), { method: 'POST', body: 'x'.repeat(600) })).status;
    const waiting = send();
    await arrived;
    expect(await send()).toBe(503);
    answerAll();
    expect(await waiting).toBe(200);
    await expect.poll(send).toBe(200);
  });

  it('survives clients that speak something else or hang up', async () => {
    const server = await startServer();
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('\u0000\u0001 garbage\r\n\r\n'));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
        socket.destroy();
        resolve();
      });
    });
    expect((await fetch(url(server), { method: 'POST', body: '1' })).status).toBe(200);
  });

  it('tells which port is taken and what to do', async () => {
    const server = await startServer();
    const second = new RpcHttpServer({ dispatcher: {} as never });
    const listening = await second.listen('127.0.0.1', server.port);
    expect(listening).toEqual({ ok: false, reason: expect.stringContaining('jsonrpc_listen_port') });
    await second.close();
  });
});
