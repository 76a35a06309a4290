import { setImmediate } from 'node:timers/promises';
import type { RelayPorts } from '../ports.js';

/** Time that passes at once when somebody waits. */
export class FakePorts implements RelayPorts {
  elapsedMs = 0;
  readonly slept: number[] = [];
  /** Called before each pause: where tests look at what happened, and stop. */
  onSleep: () => void = () => {};

  nowMs(): number {
    return this.elapsedMs;
  }

  async sleep(delayMs: number, _signal: AbortSignal): Promise<void> {
    this.elapsedMs += delayMs;
    this.slept.push(delayMs);
    this.onSleep();
    await setImmediate();
  }
}
