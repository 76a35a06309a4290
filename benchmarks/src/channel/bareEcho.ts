import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TLSSocket } from 'node:tls';
import { openTls, tlsOptions } from './channelClient.js';
import type { RelayOptions } from './tlsRelay.js';

const RELAY = fileURLToPath(new URL('tlsRelay.js', import.meta.url));

/** Two processes that pass bytes on as two nodes do, and somebody behind them who sends back what comes. Always `stop` it. */
export class BareEcho {
  readonly #relays: readonly ChildProcess[];
  readonly #far: TLSSocket;
  readonly #near: TLSSocket;
  #awaited: { bytes: number; readonly resolve: () => void } | undefined;

  private constructor(relays: readonly ChildProcess[], far: TLSSocket, near: TLSSocket) {
    this.#relays = relays;
    this.#far = far;
    this.#near = near;
    far.on('data', (bytes: Buffer) => far.write(bytes));
    near.on('data', (bytes: Buffer) => this.#onBack(bytes));
    for (const socket of [far, near]) socket.on('error', () => undefined);
  }

  static async start(files: Pick<RelayOptions, 'certificates' | 'sdkFolder'>): Promise<BareEcho> {
    const second = await startRelay({ ...files, next: undefined });
    const far = await openTls(tlsOptions(files.sdkFolder, second.port));
    const first = await startRelay({ ...files, next: second.port });
    const near = await openTls(tlsOptions(files.sdkFolder, first.port));
    return new BareEcho([first.process, second.process], far, near);
  }

  /** @returns when all of it has come back; one at a time */
  async roundTrip(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { bytes: bytes.length, resolve };
      this.#near.write(bytes);
    });
  }

  stop(): void {
    this.#near.destroy();
    this.#far.destroy();
    for (const relay of this.#relays) relay.kill();
  }

  #onBack(bytes: Buffer): void {
    const awaited = this.#awaited;
    if (awaited === undefined) return;
    awaited.bytes -= bytes.length;
    if (awaited.bytes > 0) return;
    this.#awaited = undefined;
    awaited.resolve();
  }
}

async function startRelay(options: RelayOptions): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const relay = fork(RELAY, [JSON.stringify(options)]);
  const ended = once(relay, 'exit').then(() => {
    throw new Error('a relay of TLS ended before it could begin');
  });
  const [port] = (await Promise.race([once(relay, 'message'), ended])) as [number];
  ended.catch(() => undefined);
  return { process: relay, port };
}
