import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX, UNREAD_BYTES_MAX, WRITE_BYTES_MAX } from './limits.js';
import { RpcHttpServer } from './httpServer.js';

const servers: RpcHttpServer[] = [];

/** A server whose dispatcher answers with the length of the body. */
async function startServer(): Promise<RpcHttpServer> {
  return serverOf(async (chunks) => [Buffer.from(`${Buffer.concat(chunks).length}\n`)]);
}

async function serverOf(
  answer: (chunks: readonly Uint8Array[]) => Promise<readonly Buffer[]>,
  options?: ConstructorParameters<typeof RpcHttpServer>[1],
): Promise<RpcHttpServer> {
  const server = new RpcHttpServer({ dispatcher: { answer } }, options);
  servers.push(server);
  expect((await server.listen('127.0.0.1', 0)).ok).toBe(true);
  return server;
}

const MIB = 1024 * 1024;

/** Posts, and reads no more than the beginning. */
async function postUnread(server: RpcHttpServer, body: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  // A connection that is cut off may be reset.
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await once(socket, 'readable');
  return socket;
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

  it('does not read a body that says it is too large', async () => {
    const server = await startServer();
    const [head] = await new Promise<string[]>((resolve) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY_BYTES_MAX + 1}\r\n\r\n`);
      socket.once('data', (chunk) => {
        socket.destroy();
        resolve(chunk.toString('latin1').split('\r\n'));
      });
    });
    expect(head).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('sends long answers whole, and says how long they are', async () => {
    const chunks = [WRITE_BYTES_MAX * 3 + 1, 1, 17].map((length, index) => Buffer.alloc(length, 97 + index));
    const server = await serverOf(async () => chunks);
    const response = await fetch(url(server), { method: 'POST', body: '1' });
    const whole = Buffer.concat(chunks);
    expect(response.headers.get('content-length')).toBe(String(whole.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
  });

  it('gives up the longest answer when clients leave too much of them unread', async () => {
    const server = await serverOf(async (chunks) => [Buffer.alloc(Number(Buffer.concat(chunks)))], {
      unreadBytesMax: 80 * MIB,
    });
    const longer = await postUnread(server, String(50 * MIB));
    const long = await postUnread(server, String(40 * MIB));
    // Who does not read does not see the end either.
    longer.resume();
    await once(longer, 'close');
    expect(longer.bytesRead).toBeLessThan(50 * MIB);
    expect((await fetch(url(server), { method: 'POST', body: '1' })).status).toBe(200);
    long.resume();
    await expect.poll(() => long.bytesRead, { timeout: 10_000 }).toBeGreaterThan(40 * MIB);
    long.destroy();
    expect(UNREAD_BYTES_MAX).toBeGreaterThan(80 * MIB);
  });

  it('gives up a long answer that nobody reads, and not one that is read slowly', async () => {
    const server = await serverOf(async () => [Buffer.alloc(20 * MIB)], { readTimeoutMs: 1000 });
    const [unread, slow] = await Promise.all([postUnread(server, '1'), postUnread(server, '1')]);
    const reading = setInterval(() => slow.read(), 10);
    await expect.poll(() => slow.bytesRead, { timeout: 20_000 }).toBeGreaterThan(20 * MIB);
    clearInterval(reading);
    unread.resume();
    await once(unread, 'close');
    expect(unread.bytesRead).toBeLessThan(20 * MIB);
    slow.destroy();
  });

  it('refuses bodies while too many bytes of others wait, and takes them again afterwards', async () => {
    let noteArrival = () => {};
    const arrived = new Promise<void>((resolve) => (noteArrival = resolve));
    let answerAll = () => {};
    const answered = new Promise<void>((resolve) => (answerAll = resolve));
    const answer = async () => {
      noteArrival();
      await answered;
      return [Buffer.from('1\n')];
    };
    const server = await serverOf(answer, { heldBytesMax: 1000 });
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
