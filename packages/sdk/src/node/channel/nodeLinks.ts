import { closedError } from '../../rpc/answer.js';
import type { Ports } from '../../ports.js';
import type { SdkError } from '../../sdkError.js';
import { ChannelLink } from './channelLink.js';
import type { Frame } from './frame.js';
import type { Dial, NodeAddress } from './tlsDial.js';

/** The first wait after a round in which no node answered. */
const RETRY_MS = 200;

/** What doubling makes of it at most. */
const RETRY_MAX_MS = 5000;

export interface LinksListener {
  onUp(link: ChannelLink): void;
  onDown(): void;
  onPush(link: ChannelLink, frame: Frame): void;
}

interface Waiter {
  resolve(link: ChannelLink): void;
  reject(error: SdkError): void;
}

/** Callers that wait for a node. */
const WAITERS_MAX = 100_000;

/**
 * Keeps one link: with one node as long as that lives, then with the next. One and not all, because a node tells all its
 * clients what it tells one, and everything would come several times.
 */
export class NodeLinks {
  readonly #nodes: readonly NodeAddress[];
  readonly #dial: Dial;
  readonly #ports: Ports;
  readonly #listener: LinksListener;
  readonly #waiters: Waiter[] = [];
  #index = 0;
  #link: ChannelLink | undefined;
  #opening: ChannelLink | undefined;
  #isConnecting = false;
  #wake: () => void = () => {};
  #isClosed = false;

  constructor(nodes: readonly NodeAddress[], dial: Dial, ports: Ports, listener: LinksListener) {
    this.#nodes = nodes;
    this.#dial = dial;
    this.#ports = ports;
    this.#listener = listener;
  }

  /** The link, or undefined while there is none. */
  get current(): ChannelLink | undefined {
    return this.#link;
  }

  /** The link, once there is one. @throws SdkError when no node answers */
  use(): Promise<ChannelLink> {
    if (this.#isClosed || this.#waiters.length >= WAITERS_MAX) return Promise.reject(closedError());
    if (this.#link !== undefined) return Promise.resolve(this.#link);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      void this.#connect();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#link?.close();
    this.#opening?.close();
    this.#link = undefined;
    this.#wake();
    for (const { reject } of this.#waiters.splice(0)) reject(closedError());
  }

  async #connect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    for (let failures = 0; !this.#isClosed && this.#link === undefined;) {
      const error = await this.#tryNext();
      if (error === undefined) break;
      failures += 1;
      this.#index = (this.#index + 1) % this.#nodes.length;
      if (failures % this.#nodes.length !== 0) continue;
      for (const { reject } of this.#waiters.splice(0)) reject(error);
      const rounds = failures / this.#nodes.length - 1;
      await this.#pause(Math.min(RETRY_MS * 2 ** Math.min(rounds, 10), RETRY_MAX_MS));
    }
    this.#isConnecting = false;
  }

  /** Until then, or until it is closed. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stopTimer = this.#ports.after(delayMs, resolve);
      this.#wake = () => {
        stopTimer();
        resolve();
      };
    });
  }

  /** @returns why there is no link with this node, or undefined when there is one */
  async #tryNext(): Promise<SdkError | undefined> {
    const link: ChannelLink = new ChannelLink(this.#nodes[this.#index]!, this.#dial, this.#ports, {
      onPush: (frame) => this.#listener.onPush(link, frame),
      onLost: () => this.#onLost(link),
    });
    this.#opening = link;
    try {
      await link.opened;
    } catch (error) {
      return error as SdkError;
    } finally {
      this.#opening = undefined;
    }
    if (this.#isClosed) {
      link.close();
      return undefined;
    }
    this.#link = link;
    this.#listener.onUp(link);
    for (const { resolve } of this.#waiters.splice(0)) resolve(link);
    return undefined;
  }

  #onLost(link: ChannelLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#index = (this.#index + 1) % this.#nodes.length;
    this.#listener.onDown();
    void this.#connect();
  }
}
