import type { Localized } from '@menglian/cli/language';

/** One way to do the work of a case. */
export interface Subject {
  /** what runs: `menglian`, or the name of an npm package */
  readonly name: string;
  /** of the package; empty for our own */
  readonly version: string;
  /** Makes what the next `run` needs; not measured. */
  prepare?(): void | Promise<void>;
  /** Does the work some times, for some milliseconds. @returns how often */
  run(): number | Promise<number>;
}

/** The same work done by us and by libraries, to be measured by turns in one process. */
export interface PreparedCase {
  readonly ours: Subject;
  readonly others: readonly Subject[];
  /** Removes what preparing made outside of memory. */
  close?(): Promise<void>;
}

export interface MicroCase {
  readonly name: string;
  readonly description: Localized;
  prepare(): Promise<PreparedCase>;
}

/** Keeps results alive, so that no compiler may leave out the work. */
export class Sink {
  value = 0;

  take(bytes: { readonly length: number } | undefined): void {
    this.value = (this.value + (bytes?.length ?? 1)) | 0;
  }
}
