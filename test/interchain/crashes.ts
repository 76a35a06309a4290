import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../e2e/cluster.js';
import type { ClearingNetwork } from './clearingNetwork.js';
import { HOT_CHAIN_NAME } from './clearingNetwork.js';
import { type RelayLine, RelayProcess } from './relayProcess.js';

/** A step of clearing, as a relay tells that it is over: what is in flight then is another thing each time. */
interface Step {
  readonly name: string;
  readonly isOver: (line: RelayLine) => boolean;
}

const isDelivered = ({ kind, step }: RelayLine) => kind === 'step' && step?.kind === 'delivered';

export const STEPS: readonly Step[] = [
  { name: 'epochs were closed', isOver: ({ kind }) => kind === 'closed' },
  { name: 'sums were booked', isOver: (line) => isDelivered(line) && line.lane!.endsWith(` → ${HOT_CHAIN_NAME}`) },
  {
    name: 'bookings were confirmed',
    isOver: (line) => isDelivered(line) && line.lane!.startsWith(`${HOT_CHAIN_NAME} → `),
  },
];

/** A step that nothing comes of for so long will not come: what is killed then is killed between steps. */
const STEP_TIMEOUT_MS = 15_000;

/** So long a dead node stays dead: others go on without it. */
const DEAD_MS = 500;

/**
 * Kills, in turn after each step of clearing: a relay, and each of the nodes. One is dead at a time. Relays run in twos, so that each
 * also meets what the other one does.
 */
export class Crashes {
  readonly #network: ClearingNetwork;
  readonly #relays: RelayProcess[] = [];
  readonly #waiting = new Set<(line: RelayLine) => void>();
  readonly counts = new Map<string, number>();
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(network: ClearingNetwork) {
    this.#network = network;
    for (const index of [0, 1]) this.#startRelay(index);
  }

  get turns(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  start(): void {
    this.#running = this.#crash();
  }

  /** Nothing is killed any more, all nodes run, and one relay goes on. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await this.#relays.pop()!.end('SIGTERM');
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#relays.map(async (relay) => relay.end('SIGKILL')));
  }

  async #crash(): Promise<void> {
    const { cluster } = this.#network;
    const victims = ['relay', ...cluster.clients.keys()] as const;
    for (let turn = 0; !this.#isStopping; turn++) {
      const step = STEPS[turn % STEPS.length]!;
      const victim = victims[Math.floor(turn / STEPS.length) % victims.length]!;
      await this.#over(step);
      if (this.#isStopping) return;
      await (victim === 'relay' ? this.#killRelay(turn % 2) : this.#killNode(victim));
      const key = `${victim === 'relay' ? 'relay' : 'node'} after ${step.name}`;
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    }
  }

  /** Ends with the next line that says so. */
  async #over({ isOver }: Step): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (line: RelayLine) => {
        if (isOver(line)) end();
      };
      const timer = setTimeout(end, STEP_TIMEOUT_MS);
      this.#waiting.add(look);
    });
  }

  #startRelay(index: number): void {
    const relay = new RelayProcess(this.#network.relayConfigPath);
    relay.onLine((line) => {
      for (const look of this.#waiting) look(line);
    });
    this.#relays[index] = relay;
  }

  async #killRelay(index: number): Promise<void> {
    await this.#relays[index]!.end('SIGKILL');
    this.#startRelay(index);
  }

  async #killNode(index: number): Promise<void> {
    const { cluster } = this.#network;
    await cluster.nodes[index]!.kill();
    await sleep(DEAD_MS);
    cluster.start(index);
    await until(async () => this.#network.isCurrent(index), `node ${index} has caught up`, 120_000);
  }
}
