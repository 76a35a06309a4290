/** A thread that owes answers is asked for a sign of life so often. */
const LOOK_INTERVAL_MS = 2000;

/**
 * Intervals without one after which nobody waits for the thread any longer: those who wait hold connections and memory that
 * clients of other groups want. Intervals are counted, not time: a pause of the machine is not the thread's fault.
 */
export const SILENT_INTERVALS_MAX = 5;

/** Notices that another thread that owes answers gives no sign of life, and that it does again. */
export class SilenceWatch {
  readonly #owes: () => boolean;
  readonly #ping: () => void;
  readonly #onChange: (isSilent: boolean) => void;
  #looking: NodeJS.Timeout | undefined;
  #silentIntervals = 0;
  #isSilent = false;
  #isPinged = false;

  /** @param components.ping asks for `onPong`, of which at most one is on its way */
  constructor(components: {
    readonly owes: () => boolean;
    readonly ping: () => void;
    readonly onChange: (isSilent: boolean) => void;
  }) {
    this.#owes = components.owes;
    this.#ping = components.ping;
    this.#onChange = components.onChange;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Call when something is owed. It looks until nothing is. */
  begin(): void {
    this.#looking ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  /** Call with each message of the thread. */
  onSign(): void {
    this.#silentIntervals = 0;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#onChange(false);
  }

  onPong(): void {
    this.#isPinged = false;
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#silentIntervals = 0;
  }

  #look(): void {
    if (!this.#owes() && !this.#isSilent) return this.stop();
    this.#silentIntervals++;
    if (this.#silentIntervals > SILENT_INTERVALS_MAX && !this.#isSilent) {
      this.#isSilent = true;
      this.#onChange(true);
    }
    if (!this.#isPinged) this.#ping();
    this.#isPinged = true;
  }
}
