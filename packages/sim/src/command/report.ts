/** What came of many seeds. */
import { ruleOf } from './shrink.js';
import type { Target, UnitReport } from './unitOfWork.js';

const PROGRESS_EVERY_MS = 500;

export class Report {
  readonly #target: Target;
  readonly #from: number;
  readonly #last: number;
  readonly #startedMs = Date.now();
  #toldMs = 0;
  #count = 0;
  #blocks = 0;
  #events = 0;
  #simulatedMs = 0;
  #worstRecovery = { seed: 0, recoveryMs: 0 };
  readonly #marks = new Map<string, number>();
  readonly violations: { readonly seed: number; readonly violation: string }[] = [];

  constructor(target: Target, from: number, last: number) {
    this.#target = target;
    this.#from = from;
    this.#last = last;
  }

  add({ seed, violation, height, simulatedMs, events, recoveryMs, marks }: UnitReport): void {
    this.#count++;
    this.#blocks += height;
    this.#events += events;
    this.#simulatedMs += simulatedMs;
    if (recoveryMs > this.#worstRecovery.recoveryMs) this.#worstRecovery = { seed, recoveryMs };
    for (const [mark, times] of marks) this.#marks.set(mark, (this.#marks.get(mark) ?? 0) + times);
    if (violation !== undefined) this.violations.push({ seed, violation });
  }

  /** A line now and then. */
  progress(): string | undefined {
    const nowMs = Date.now();
    if (nowMs - this.#toldMs < PROGRESS_EVERY_MS) return undefined;
    this.#toldMs = nowMs;
    const total = this.#last - this.#from + 1;
    const perSecond = Math.round((1000 * this.#count) / (nowMs - this.#startedMs));
    return `${this.#count} of ${total} seeds, ${perSecond}/s, ${this.violations.length} violations `;
  }

  json(cpuMs: number): Readonly<Record<string, unknown>> {
    const seconds = (Date.now() - this.#startedMs) / 1000;
    return {
      engine: this.#target,
      from: this.#from,
      seeds: this.#count,
      violations: this.violations,
      seconds: Math.round(seconds),
      seedsPerSecond: rounded(this.#count / seconds),
      seedsPerProcessorSecond: rounded((1000 * this.#count) / cpuMs),
      simulatedSeconds: Math.round(this.#simulatedMs / 1000),
      blocks: this.#blocks,
      events: this.#events,
      worstRecovery: this.#worstRecovery,
      marks: Object.fromEntries([...this.#marks].sort(([a], [b]) => a.localeCompare(b))),
    };
  }

  text(cpuMs: number): string {
    const { seeds, seconds, seedsPerSecond, seedsPerProcessorSecond, simulatedSeconds, blocks } = this.json(cpuMs);
    const marks = [...this.#marks].sort(([a], [b]) => a.localeCompare(b)).map(([mark, times]) => `${mark} ${times}`);
    const { seed, recoveryMs } = this.#worstRecovery;
    return [
      `engine ${this.#target}, seeds ${this.#from} to ${this.#last}`,
      `${String(seeds)} seeds in ${String(seconds)} s: ${String(seedsPerSecond)} a second, ${String(seedsPerProcessorSecond)} a processor second`,
      `${String(simulatedSeconds)} simulated seconds, ${String(blocks)} blocks, ${this.#events} events`,
      `slowest recovery after healing: ${recoveryMs} ms (seed ${seed})`,
      `marks: ${marks.join(', ')}`,
      `violations: ${this.violations.length}`,
      ...this.violations.map(
        ({ seed: failed, violation }) => `  seed ${failed}: ${ruleOf(violation)}: ${violation.slice(0, 300)}`,
      ),
      '',
    ].join('\n');
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
