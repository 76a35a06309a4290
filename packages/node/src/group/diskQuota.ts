import type { LogLevel } from '../config/nodeConfig.js';
import type { Cancel, Timers } from './clock.js';

/** Rest between two measurements, ms. What a group writes meanwhile is not noticed. */
export const QUOTA_INTERVAL_MS = 5000;

/** The operator is warned from this part of the quota on. */
const WARNING_PART = 0.9;

/**
 * A group that follows others beyond its quota stops at so many times of it. Twice, because a database that tidies its
 * files needs room for both versions of them, and what it writes first is not packed.
 */
const STOP_FACTOR = 2;

const MEGABYTE = 1024 * 1024;

export interface DiskQuotaComponents {
  /** bytes of the group's files */
  readonly measure: () => Promise<number>;
  readonly timers: Timers;
  readonly log: (level: LogLevel, text: string) => void;
  /** The group is so far over its quota that it must be stopped; told again with each measurement. */
  readonly onExceeded: () => void;
}

/** What of the quota others of the group's thread ask. */
export interface DiskLimit {
  /** What to tell who sends a transaction; undefined while there is room. */
  readonly refusal: string | undefined;
}

export const NO_QUOTA: DiskLimit = { refusal: undefined };

type State = 'room' | 'warning' | 'full' | 'exceeded';

/**
 * Measures what a group has on the disk, by and by, and says when that is more than the operator gave it. A group over its
 * quota takes no transactions from clients and proposes no blocks, but votes for and stores what others propose: so it
 * harms nobody's safety, and the others go on as without one leader.
 */
export class DiskQuota implements DiskLimit {
  readonly #groupId: number;
  readonly #quotaBytes: number;
  readonly #components: DiskQuotaComponents;
  #state: State = 'room';
  #bytes = 0;
  #cancel: Cancel | undefined;
  #isStopped = false;

  /** @param options.quotaBytes 0: none */
  constructor(options: { readonly groupId: number; readonly quotaBytes: number }, components: DiskQuotaComponents) {
    this.#groupId = options.groupId;
    this.#quotaBytes = options.quotaBytes;
    this.#components = components;
  }

  get refusal(): string | undefined {
    if (this.#state === 'room' || this.#state === 'warning') return undefined;
    return `${this.#figures()} on this node: send to another node, or have its operator ${this.#remedy()}`;
  }

  /** Resolves when the first measurement is there. */
  async start(): Promise<void> {
    if (this.#quotaBytes > 0) await this.#measure();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  async #measure(): Promise<void> {
    const bytes = await this.#components.measure();
    if (this.#isStopped) return;
    this.#bytes = bytes;
    this.#enter(stateOf(bytes / this.#quotaBytes));
    this.#cancel = this.#components.timers.setTimer(() => void this.#measure(), QUOTA_INTERVAL_MS);
  }

  #enter(state: State): void {
    if (state !== this.#state) this.#tell(state);
    this.#state = state;
    if (state === 'exceeded') this.#components.onExceeded();
  }

  #tell(state: State): void {
    const { log } = this.#components;
    const prefix = `[g:${this.#groupId}] [QUOTA]`;
    if (state === 'room') return log('info', `${prefix} ${this.#figures()}: there is room again`);
    if (state === 'warning') return log('warning', `${prefix} ${this.#figures()}; soon: ${this.#remedy()}`);
    const what = state === 'full' ? 'takes no transactions and proposes no blocks' : 'is stopped here';
    log('error', `${prefix} ${this.#figures()}: the group ${what}; ${this.#remedy()}`);
  }

  #figures(): string {
    const [used, quota] = [this.#bytes, this.#quotaBytes].map((bytes) => (bytes / MEGABYTE).toFixed(1));
    return `group ${this.#groupId} has ${used} MB on the disk of [storage] quota_mb=${Number(quota)}`;
  }

  #remedy(): string {
    return `raise quota_mb in group.${this.#groupId}.ini, then stopGroup and startGroup`;
  }
}

function stateOf(part: number): State {
  if (part >= STOP_FACTOR) return 'exceeded';
  if (part >= 1) return 'full';
  return part >= WARNING_PART ? 'warning' : 'room';
}
