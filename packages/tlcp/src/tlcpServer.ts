import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { ClientAuthentication, TlcpIdentity } from './identity.js';
import { ServerConnection, type ConnectionEvent } from './serverConnection.js';
import { SessionCache } from './sessionCache.js';
import { TlcpSocket } from './tlcpSocket.js';

export interface TlcpServerOptions {
  readonly identity: TlcpIdentity;
  /** undefined: anybody may connect */
  readonly clients: ClientAuthentication | undefined;
  /** A client may take this long for the handshake. */
  readonly handshakeTimeoutMs: number;
  /** told of a client with which there is no connection; `reason` is a sentence */
  readonly onRefused: (address: string, reason: string) => void;
}

/** How long the last alert may take to leave a connection that has ended. */
const FAREWELL_TIMEOUT_MS = 2000;

/**
 * A server that carries TLCP, to be opened with `listen` like every server of node:net.
 * @param onConnection called for each client after its handshake
 */
export function createTlcpServer(options: TlcpServerOptions, onConnection: (socket: TlcpSocket) => void): Server {
  const sessions = new SessionCache(() => performance.now());
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const { identity, clients } = options;
  return createServer((socket) => {
    accept(socket, new ServerConnection({ identity, clients, sessions, random }), options, onConnection);
  });
}

function accept(
  socket: Socket,
  connection: ServerConnection,
  { handshakeTimeoutMs, onRefused }: TlcpServerOptions,
  onConnection: (socket: TlcpSocket) => void,
): void {
  const address = socket.remoteAddress ?? '';
  let stream: TlcpSocket | undefined;
  let isRefused = false;
  const refuse = (reason: string) => {
    if (isRefused || stream !== undefined) return;
    isRefused = true;
    clearTimeout(timer);
    onRefused(address, reason);
  };
  const timer = setTimeout(() => {
    refuse(`no handshake within ${handshakeTimeoutMs} ms`);
    socket.destroy();
  }, handshakeTimeoutMs);

  const handle = (event: ConnectionEvent) => {
    switch (event.kind) {
      case 'send':
        socket.write(event.bytes);
        break;
      case 'open':
        clearTimeout(timer);
        stream = new TlcpSocket(socket, connection, event.client, event.suite);
        onConnection(stream);
        break;
      case 'data':
        stream?.deliver(event.bytes);
        break;
      case 'end':
        if (event.reason !== undefined) refuse(event.reason);
        stream?.deliverEnd();
        farewell(socket);
        break;
    }
  };
  socket.on('data', (chunk) => {
    for (const event of connection.receive(chunk)) handle(event);
  });
  // Without a goodbye; frames tell by their length whether one is missing.
  socket.on('end', () => stream?.deliverEnd());
  socket.on('error', (error) => refuse(error.message));
  socket.on('close', () => {
    clearTimeout(timer);
    refuse('the client left before the handshake was done');
  });
}

/** Sends what waits, and closes without waiting for the other side. */
function farewell(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), FAREWELL_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(() => socket.destroy());
}
