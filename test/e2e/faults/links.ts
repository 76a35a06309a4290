import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** How a link is cut. `reset` ends connections and refuses new ones; `silence` keeps them and lets nothing through. */
export type CutStyle = 'reset' | 'silence';

/** What goes from one node to another one. */
interface Direction {
  isCut: boolean;
  delayMs: number;
}

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
 * every link can be cut, healed and delayed, also in one direction only. What a silent link holds back arrives when it is
 * healed, as TCP would have it.
 */
export class Links {
  readonly #listenPorts: readonly number[];
  readonly #directions: Direction[][];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  readonly #waiting = new Set<Waiting>();
  readonly #ports: number[][] = [];
  #style: CutStyle = 'reset';

  private constructor(listenPorts: readonly number[]) {
    this.#listenPorts = listenPorts;
    this.#directions = listenPorts.map(() => listenPorts.map(() => ({ isCut: false, delayMs: 0 })));
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

  /** The port at which `dialler` finds `listener`. */
  port(dialler: number, listener: number): number {
    return this.#ports[dialler]![listener]!;
  }

  /** Nothing passes between nodes of different parts any more. */
  partition(parts: readonly (readonly number[])[], style: CutStyle): void {
    const partOf = (node: number) => parts.findIndex((part) => part.includes(node));
    this.#cut(style, (from, to) => partOf(from) !== partOf(to));
  }

  isolate(node: number, style: CutStyle): void {
    this.#cut(style, (from, to) => from === node || to === node);
  }

  /** Nothing that this node sends arrives; it still hears the others. */
  mute(node: number): void {
    this.#cut('silence', (from) => from === node);
  }

  /** This node hears nothing; the others still hear it. */
  deafen(node: number): void {
    this.#cut('silence', (_, to) => to === node);
  }

  /** Everything takes so long from now on, besides what it takes anyway. */
  delay(delayMs: number): void {
    for (const direction of this.#directions.flat()) direction.delayMs = delayMs;
  }

  heal(): void {
    this.#cut(this.#style, () => false);
    for (const { dialler, listener, socket } of this.#waiting)
      if (!socket.destroyed) this.#join(dialler, listener, socket);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #direction(from: number, to: number): Direction {
    return this.#directions[from]![to]!;
  }

  #isCut(one: number, other: number): boolean {
    return this.#direction(one, other).isCut || this.#direction(other, one).isCut;
  }

  #cut(style: CutStyle, isCut: (from: number, to: number) => boolean): void {
    this.#style = style;
    for (const [from, row] of this.#directions.entries()) {
      for (const [to, direction] of row.entries()) direction.isCut = from !== to && isCut(from, to);
    }
    for (const pipe of this.#pipes) {
      if (style === 'reset' && this.#isCut(pipe.from, pipe.to)) pipe.source.resetAndDestroy();
      else this.#settle(pipe);
    }
  }

  /** Lets a pipe flow or stand as its direction is now. */
  #settle(pipe: Pipe): void {
    const { isCut } = this.#direction(pipe.from, pipe.to);
    if (isCut && this.#style === 'silence') pipe.source.pause();
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
      this.#after(pipe, () => {
        if (target.writable && !target.write(chunk)) source.pause();
      });
    });
    target.on('drain', () => this.#settle(pipe));
    source.on('end', () => this.#after(pipe, () => target.end()));
    source.on('close', () => {
      pipe.isSourceClosed = true;
      // Nobody hears of an end through a silent link.
      if (this.#direction(from, to).isCut && this.#style === 'silence') return;
      this.#end(pipe);
    });
    this.#settle(pipe);
  }

  #end(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.#after(pipe, () => pipe.target.destroy());
  }

  #after({ from, to }: Pipe, action: () => void): void {
    const { delayMs } = this.#direction(from, to);
    if (delayMs === 0) action();
    else setTimeout(action, delayMs);
  }
}
