import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Result } from '@menglian/base/result';
import type { Dispatcher } from './dispatcher.js';
import {
  BODY_BYTES_MAX,
  CONNECTIONS_MAX,
  HEADERS_TIMEOUT_MS,
  HELD_BYTES_MAX,
  KEEP_ALIVE_TIMEOUT_MS,
  READ_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  UNREAD_BYTES_MAX,
} from './limits.js';
import { listenAt, portOf } from './listen.js';
import { UnreadAnswers } from './unreadAnswers.js';

/** JSON-RPC over HTTP: any path, POST only, status 200 for every answer, errors included (docs/json-rpc.md). */
export class RpcHttpServer {
  readonly #dispatcher: Pick<Dispatcher, 'answer'>;
  readonly #server: Server;
  readonly #heldBytesMax: number;
  readonly #unread: UnreadAnswers;
  #heldBytes = 0;

  constructor(
    components: { readonly dispatcher: Pick<Dispatcher, 'answer'> },
    limits: { readonly heldBytesMax?: number; readonly unreadBytesMax?: number; readonly readTimeoutMs?: number } = {},
  ) {
    this.#dispatcher = components.dispatcher;
    this.#heldBytesMax = limits.heldBytesMax ?? HELD_BYTES_MAX;
    this.#unread = new UnreadAnswers({
      bytesMax: limits.unreadBytesMax ?? UNREAD_BYTES_MAX,
      readTimeoutMs: limits.readTimeoutMs ?? READ_TIMEOUT_MS,
    });
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      },
      (request, response) => this.#onRequest(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** The port listened on, of interest after `listen` with port 0. */
  get port(): number {
    return portOf(this.#server);
  }

  /** @returns a sentence for the operator when the port cannot be opened */
  async listen(address: string, port: number): Promise<Result<void>> {
    return listenAt(this.#server, { name: 'JSON-RPC', setting: 'jsonrpc_listen', address, port });
  }

  /** Stops listening, lets answers under way finish for a moment, and closes every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      setTimeout(() => this.#server.closeAllConnections(), CLOSE_GRACE_MS).unref();
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'OPTIONS') {
      response.writeHead(200, {
        Allow: 'POST, OPTIONS',
        'Access-Control-Allow-Headers': 'origin, content-type, accept',
        DAV: '1',
      });
      response.end();
    } else if (request.method === 'POST') {
      this.#onPost(request, response);
    } else {
      request.resume();
      response.writeHead(405, { 'Content-Type': 'text/plain' });
      response.end('Not allowed HTTP Method');
    }
  }

  #onPost(request: IncomingMessage, response: ServerResponse): void {
    if (Number(request.headers['content-length']) > BODY_BYTES_MAX) {
      refuse(request, response, BODY_TOO_LARGE);
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    let heldBytes = 0;
    response.once('close', () => {
      this.#heldBytes -= heldBytes;
    });
    request.on('data', (chunk: Buffer) => {
      if (response.headersSent) return;
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) refuse(request, response, BODY_TOO_LARGE);
      else if (this.#heldBytes + chunk.length > this.#heldBytesMax) refuse(request, response, TOO_MANY_BODIES);
      else {
        heldBytes += chunk.length;
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
      }
    });
    request.on('end', () => {
      if (response.headersSent) return;
      const answer = this.#dispatcher.answer(chunks);
      const onAnswer = (answered: readonly Buffer[]) => this.#unread.send(response, answered);
      const onBroken = (error: unknown) => this.#server.emit('brokenAnswer', error);
      answer.then(onAnswer, onBroken);
    });
    request.on('error', () => response.destroy());
  }

  /** @param listener told of a method that threw: a broken invariant, on which the node stops */
  onBrokenAnswer(listener: (error: unknown) => void): void {
    this.#server.on('brokenAnswer', listener);
  }
}

/** For how long the rest of a refused body is read and thrown away. */
const DISCARD_MS = 1000;

/** How long answers under way may take once the node stops. */
const CLOSE_GRACE_MS = 500;

interface BodyRefusal {
  readonly status: number;
  readonly message: string;
}

const BODY_TOO_LARGE: BodyRefusal = {
  status: 413,
  message: `the request body is larger than ${BODY_BYTES_MAX} bytes; send smaller batches`,
};

const TOO_MANY_BODIES: BodyRefusal = {
  status: 503,
  message: 'too many bytes of other requests wait for their answers; send again later',
};

function refuse(request: IncomingMessage, response: ServerResponse, { status, message }: BodyRefusal): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  const text = `{"error":{"code":-32600,"message":"INVALID_JSON_REQUEST: ${message}"},"id":null,"jsonrpc":"2.0"}\n`;
  response.end(text);
  // To close a connection with unread bytes resets it, and the client may lose the answer that says why: what still comes is
  // thrown away for a moment first.
  request.resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  request.once('close', () => clearTimeout(timer));
}
