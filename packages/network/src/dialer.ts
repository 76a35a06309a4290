import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { NodeId } from '@menglian/types/address';
import { formatHostPort, type HostPort } from './addresses.js';
import { FIRST_RETRY_MS, MAX_RETRY_MS } from './limits.js';

const MAX_ADDRESSES_OF_A_NAME = 4;

export interface DialerOptions {
  /** Connects to an IP address. @returns the node that answered. @throws when there is none, or one side refuses */
  connect(host: string, port: number): Promise<NodeId | 'self'>;
  isUp(nodeId: NodeId): boolean;
  onFailure(address: string, message: string, retryMs: number): void;
}

interface Target {
  readonly address: HostPort;
  /** The node that answered last; as long as it is up there is no need to dial. */
  nodeId: NodeId | undefined;
  failures: number;
  dialling: boolean;
  timer: NodeJS.Timeout | undefined;
  /** nobody wants it dialled any more */
  isGone: boolean;
}

function newTarget(address: HostPort): Target {
  return { address, nodeId: undefined, failures: 0, dialling: false, timer: undefined, isGone: false };
}

/**
 * Keeps trying to reach the configured peers: at once, then after FIRST_RETRY_MS, doubled up to MAX_RETRY_MS, each with
 * jitter so that nodes that lost each other together do not come back together. A dial counts as a success when the peer
 * is up, not when TCP connects: a peer that refuses us is asked ever more rarely.
 */
export class Dialer {
  readonly #options: DialerOptions;
  #targets: readonly Target[] = [];
  #running = false;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  start(addresses: readonly HostPort[]): void {
    this.#running = true;
    this.set(addresses);
  }

  /** New addresses are dialled at once, those that are missing never again; links that are up stay. */
  set(addresses: readonly HostPort[]): void {
    const known = new Map(this.#targets.map((target) => [formatHostPort(target.address), target]));
    this.#targets = addresses.map((address) => {
      const text = formatHostPort(address);
      const target = known.get(text) ?? newTarget(address);
      if (!known.delete(text)) this.#schedule(target, 0);
      return target;
    });
    for (const gone of known.values()) {
      gone.isGone = true;
      clearTimeout(gone.timer);
    }
  }

  stop(): void {
    this.#running = false;
    for (const target of this.#targets) clearTimeout(target.timer);
  }

  peerDown(nodeId: NodeId): void {
    for (const target of this.#targets) if (target.nodeId === nodeId) this.#retry(target);
  }

  #schedule(target: Target, delayMs: number): void {
    clearTimeout(target.timer);
    if (target.isGone) return;
    target.timer = setTimeout(() => void this.#dial(target), delayMs);
  }

  /** @returns the delay */
  #retry(target: Target): number {
    const full = Math.min(FIRST_RETRY_MS * 2 ** Math.min(target.failures, 16), MAX_RETRY_MS);
    const delayMs = Math.round(full * (0.5 + Math.random() / 2));
    target.failures++;
    if (this.#running) this.#schedule(target, delayMs);
    return delayMs;
  }

  async #dial(target: Target): Promise<void> {
    if (target.dialling) return;
    if (target.nodeId !== undefined && this.#options.isUp(target.nodeId)) {
      target.failures = 0;
      return;
    }
    target.dialling = true;
    try {
      const answered = await this.#connect(target.address);
      if (answered === 'self') return;
      target.nodeId = answered;
      // The link is up some milliseconds from now, or its end calls peerDown, or nothing happens: the timer looks.
      if (this.#running) this.#retry(target);
    } catch (error) {
      if (!this.#running) return;
      const message = error instanceof Error ? error.message : String(error);
      const retryMs = this.#retry(target);
      this.#options.onFailure(formatHostPort(target.address), message, retryMs);
    } finally {
      target.dialling = false;
    }
  }

  /** A host name is looked up each time, since containers change their addresses, and all it stands for is tried. */
  async #connect({ host, port }: HostPort): Promise<NodeId | 'self'> {
    const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
    let failure: unknown = new Error('the host name has no address');
    for (const { address } of found.slice(0, MAX_ADDRESSES_OF_A_NAME)) {
      if (!this.#running) break;
      try {
        return await this.#options.connect(address, port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}
