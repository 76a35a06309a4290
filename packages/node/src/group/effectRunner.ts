import type { Effect } from '@menglian/consensus-core/ports';

export type PersistEffect = Extract<Effect, { kind: 'persist' }>;
export type OtherEffect = Exclude<Effect, PersistEffect>;

/**
 * Carries out the effects of the consensus engine in order. All persists that are waiting go to disk together, before
 * anything that waits with them: a record may always be durable earlier than asked, never later (safety rule "durable
 * before it leaves", docs/consensus.md). While the disk writes, the engine goes on and further effects gather.
 */
export class EffectRunner {
  readonly #queue: Effect[] = [];
  readonly #persist: (effects: readonly PersistEffect[]) => Promise<void>;
  readonly #perform: (effect: OtherEffect) => void;
  readonly #fail: (error: unknown) => void;
  #isRunning = false;
  #lastRun: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(components: {
    /** one durable write for all of them */
    readonly persist: (effects: readonly PersistEffect[]) => Promise<void>;
    readonly perform: (effect: OtherEffect) => void;
    /** told once of whatever went wrong; no effect runs afterwards */
    readonly fail: (error: unknown) => void;
  }) {
    this.#persist = components.persist;
    this.#perform = components.perform;
    this.#fail = components.fail;
  }

  push(effects: readonly Effect[]): void {
    this.#queue.push(...effects);
    // Also while effects are being performed: those that come meanwhile are for the loop that is at work.
    if (this.#isRunning || this.#hasFailed || this.#queue.length === 0) return;
    this.#isRunning = true;
    this.#lastRun = this.#run();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#lastRun;
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const turn = this.#queue.splice(0);
        const persists = turn.filter((effect) => effect.kind === 'persist');
        if (persists.length > 0) await this.#persist(persists);
        for (const effect of turn) if (effect.kind !== 'persist') this.#perform(effect);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }
}
