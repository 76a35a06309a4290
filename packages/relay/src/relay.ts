import { invariant } from '@menglian/base/invariant';
import type { Hash } from '@menglian/sdk/hex';
import type { SdkError } from '@menglian/sdk/sdkError';
import { Clearing } from './clearing.js';
import { Lane, type LaneStep } from './lane.js';
import { CHAINS_MAX, RETRY_MS_MAX, RETRY_MS_MIN, STEPS_OF_ONE_RUN_MAX, UNREGISTERED_PAUSE_MS } from './limits.js';
import type { RelayChain, RelayPorts } from './ports.js';
import { refusalOf } from './refusals.js';

export interface RelayOptions {
  /** How long a pair of chains waits that has nothing to carry. */
  readonly pollMs: number;
  /** How often epochs of shadow accounts are closed; 0: never. */
  readonly clearMs: number;
}

/** What a relay tells of its work. `lane` is `<source> → <target>`. */
export type RelayEvent =
  /** Told once. The target has to register the source before messages can be sent. */
  | { readonly kind: 'unregistered'; readonly lane: string; readonly target: string; readonly source: Hash }
  | {
      readonly kind: 'step';
      readonly lane: string;
      readonly step: Exclude<LaneStep, { readonly kind: 'idle' | 'unregistered' }>;
    }
  | { readonly kind: 'closed'; readonly chain: string; readonly accounts: readonly string[] }
  /** Told when it begins and when it changes, not at each try. `place` is a lane or a chain. */
  | { readonly kind: 'problem'; readonly place: string; readonly problem: SdkError; readonly retryMs: number }
  | { readonly kind: 'recovered'; readonly place: string };

/** Something done again and again: what it did, or undefined where there was nothing to do. */
interface Work {
  readonly place: string;
  readonly pauseMs: number;
  run(): Promise<RelayEvent | undefined>;
}

/** Carries messages between all of these chains, each ordered pair for itself, and closes epochs of shadow accounts. */
export class Relay {
  readonly #chains: readonly RelayChain[];
  readonly #options: RelayOptions;
  readonly #ports: RelayPorts;
  readonly #report: (event: RelayEvent) => void;

  /** @param chains with different identities, which the caller has checked */
  constructor(
    chains: readonly RelayChain[],
    options: RelayOptions,
    ports: RelayPorts,
    report: (event: RelayEvent) => void,
  ) {
    invariant(chains.length <= CHAINS_MAX, 'relay/chain-count');
    this.#chains = chains;
    this.#options = options;
    this.#ports = ports;
    this.#report = report;
  }

  /** Works until the signal; what is under way then is finished. */
  async run(signal: AbortSignal): Promise<void> {
    const { pollMs, clearMs } = this.#options;
    const works = [
      ...this.#lanes(pollMs),
      ...(clearMs > 0 ? this.#clearings(clearMs, (clearing) => clearing.turn()) : []),
    ];
    // A fault of ours in one loop ends the others, after their steps.
    const fault = new AbortController();
    const either = AbortSignal.any([signal, fault.signal]);
    const loops = works.map((work) => this.#repeat(work, either));
    try {
      await Promise.all(loops);
    } finally {
      fault.abort();
      await Promise.allSettled(loops);
    }
  }

  /**
   * Closes the epochs that have payments and carries all messages, those that come of it included, until none is left.
   * @returns what could not be done, by place; empty when all was
   */
  async once(signal: AbortSignal): Promise<ReadonlyMap<string, SdkError>> {
    const problems = new Map<string, SdkError>();
    const told = new Set<string>();
    const attempt = async ({ place, run }: Work): Promise<boolean> => {
      try {
        const event = await run();
        problems.delete(place);
        if (event === undefined) return false;
        if (event.kind !== 'unregistered' || !told.has(place)) this.#report(event);
        told.add(place);
        if (event.kind === 'step' && !isProgress(event)) await this.#ports.sleep(this.#options.pollMs, signal);
        return event.kind === 'step';
      } catch (error) {
        problems.set(place, refusalOf(error));
        return false;
      }
    };
    for (const work of this.#clearings(0, (clearing) => clearing.all())) await attempt(work);
    const lanes = this.#lanes(0);
    for (let round = 0; round < STEPS_OF_ONE_RUN_MAX && !signal.aborted; round++) {
      let isBusy = false;
      for (const lane of lanes) isBusy = (await attempt(lane)) || isBusy;
      if (!isBusy) break;
    }
    for (const [place, problem] of problems) this.#report({ kind: 'problem', place, problem, retryMs: 0 });
    return problems;
  }

  #lanes(pauseMs: number): readonly Work[] {
    return this.#chains.flatMap((source) =>
      this.#chains
        .filter((target) => target !== source)
        .map((target) => {
          const lane = new Lane(source, target);
          const run = async (): Promise<RelayEvent | undefined> => {
            const step = await lane.step(this.#ports.nowMs());
            if (step.kind === 'idle') return undefined;
            if (step.kind !== 'unregistered') return { kind: 'step', lane: lane.name, step };
            return { kind: 'unregistered', lane: lane.name, target: target.name, source: step.source };
          };
          return { place: lane.name, pauseMs, run };
        }),
    );
  }

  #clearings(pauseMs: number, close: (clearing: Clearing) => Promise<readonly string[]>): readonly Work[] {
    return this.#chains.map((chain) => {
      const clearing = new Clearing(chain);
      const run = async (): Promise<RelayEvent | undefined> => {
        const accounts = await close(clearing);
        return accounts.length === 0 ? undefined : { kind: 'closed', chain: chain.name, accounts };
      };
      return { place: chain.name, pauseMs, run };
    });
  }

  async #repeat({ place, pauseMs, run }: Work, signal: AbortSignal): Promise<void> {
    let retryMs = 0;
    let told: string | undefined;
    let isRegistered = true;
    while (!signal.aborted) {
      let waitMs = pauseMs;
      try {
        const event = await run();
        retryMs = 0;
        if (told !== undefined) this.#report({ kind: 'recovered', place });
        told = undefined;
        if (event?.kind === 'unregistered') {
          if (isRegistered) this.#report(event);
          waitMs = Math.max(pauseMs, UNREGISTERED_PAUSE_MS);
        } else if (event !== undefined) {
          this.#report(event);
          waitMs = isProgress(event) ? 0 : pauseMs;
        }
        isRegistered = event?.kind !== 'unregistered';
      } catch (error) {
        const problem = refusalOf(error);
        retryMs = Math.min(Math.max(2 * retryMs, RETRY_MS_MIN), RETRY_MS_MAX);
        waitMs = Math.max(retryMs, pauseMs);
        if (told !== problem.message) this.#report({ kind: 'problem', place, problem, retryMs: waitMs });
        told = problem.message;
      }
      if (waitMs > 0) await this.#ports.sleep(waitMs, signal);
    }
  }
}

/** Whether there may be more to do at once. What another relay does shows when its block is there. */
function isProgress(event: RelayEvent): boolean {
  return event.kind === 'step' && event.step.kind !== 'overtaken';
}
