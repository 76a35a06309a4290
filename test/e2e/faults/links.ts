import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { CutOff, CutStyle, FaultyNetwork } from './faultyNetwork.js';

const HOST = '127.0.0.1';

interface Pipe {
  readonly from: number;
  readonly to: number;
  readonly source: Socket;
  readonly target: Socket;
  isSourceClosed: boolean;
}

/** A connection that came in while the link was silent: the network has not answered it yet. */
interface Waiting {
  readonly dialler: number;
  readonly listener: number;
  readonly socket: Socket;
}

/**
 * The network between the nodes of a cluster: each node dials each other one through a port of its own here, so that
 * every link can be cut and healed, also in one direction only.
 */
export class Links implements FaultyNetwork {
  readonly #listenPorts: readonly number[];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  readonly #waiting = new Set<Waiting>();
  readonly #ports: number[][] = [];
  #style: CutStyle = 'reset';
  #isCutOff: CutOff = () => false;

  private constructor(listenPorts: readonly number[]) {
    this.#listenPorts = listenPorts;
  }

  /** @param listenPorts where the nodes themselves listen */
  static async open(listenPorts: readonly number[]): Promise<Links> {
    const links = new Links(listenPorts);
    for (const dialler of listenPorts.keys()) {
      links.#ports[dialler] = await Promise.all(
        listenPorts.map((_, listener) => (listener === dialler ? 0 : links.#listen(dialler, listener))),
      );
    }
    return links;
  }

  peerAddress(dialler: number, listener: number): string {
    return `${HOST}:${this.#ports[dialler]![listener]!}`;
  }

  cut(isCutOff: CutOff, style: CutStyle): void {
    this.#style = style;
    this.#isCutOff = isCutOff;
    for (const pipe of this.#pipes) {
      if (style === 'reset' && this.#isCut(pipe.from, pipe.to)) pipe.source.resetAndDestroy();
      else this.#settle(pipe);
    }
  }

  heal(): void {
    this.cut(() => false, this.#style);
    for (const { dialler, listener, socket } of this.#waiting)
      if (!socket.destroyed) this.#join(dialler, listener, socket);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #isCut(one: number, other: number): boolean {
    return this.#isCutOff(one, other) || this.#isCutOff(other, one);
  }

  /** Lets a pipe flow or stand as its direction is now. */
  #settle(pipe: Pipe): void {
    if (this.#isCutOff(pipe.from, pipe.to) && this.#style === 'silence') pipe.source.pause();
    else if (pipe.isSourceClosed) this.#end(pipe);
    else if (!pipe.target.writableNeedDrain) pipe.source.resume();
  }

  async #listen(dialler: number, listener: number): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#keep(socket);
      if (!this.#isCut(dialler, listener)) this.#join(dialler, listener, socket);
      else if (this.#style === 'reset') socket.resetAndDestroy();
      else this.#waiting.add({ dialler, listener, socket });
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    return (server.address() as AddressInfo).port;
  }

  #join(dialler: number, listener: number, socket: Socket): void {
    const other = connect({ port: this.#listenPorts[listener]!, host: HOST, noDelay: true });
    this.#keep(other);
    this.#pipe({ from: dialler, to: listener, source: socket, target: other, isSourceClosed: false });
    this.#pipe({ from: listener, to: dialler, source: other, target: socket, isSourceClosed: false });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // `close` follows, and that is dealt with.
    socket.on('error', () => undefined);
  }

  #pipe(pipe: Pipe): void {
    const { from, to, source, target } = pipe;
    this.#pipes.add(pipe);
    source.on('data', (chunk) => {
      if (target.writable && !target.write(chunk)) source.pause();
    });
    target.on('drain', () => this.#settle(pipe));
    source.on('end', () => target.end());
    source.on('close', () => {
      pipe.isSourceClosed = true;
      // Nobody hears of an end through a silent link.
      if (this.#isCutOff(from, to) && this.#style === 'silence') return;
      this.#end(pipe);
    });
    this.#settle(pipe);
  }

  #end(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    pipe.target.destroy();
  }
}
