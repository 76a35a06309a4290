import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK, SYSTEM_TIMERS } from './clock.js';

const FOLDER = import.meta.dirname;

/** The source of the machine's time, and what runs on the group's thread beside the group. */
const EXEMPT = new Set(['clock.ts', 'groupThread.ts', 'requestQueue.ts']);

const MACHINE_TIME =
  /\bDate\b|\bperformance\b|\b(?:set|clear)(?:Timeout|Interval|Immediate)\(|Math\.random|process\.(?:nextTick|hrtime)|node:timers/;

describe('time of a group', () => {
  it('comes from the clock and the timers it is given, in every file', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    const offenders = files
      .filter((name) => !EXEMPT.has(name))
      .filter((name) =>
        MACHINE_TIME.test(readFileSync(join(FOLDER, name), 'utf8').replaceAll('timers.setInterval(', '')),
      );
    expect(offenders).toEqual([]);
  });

  it('runs what is due, and nothing that was taken back', async () => {
    const ran: string[] = [];
    const cancels = [
      SYSTEM_TIMERS.setTimer(() => ran.push('timer, cancelled'), 1),
      SYSTEM_TIMERS.setInterval(() => ran.push('interval, cancelled'), 1),
      SYSTEM_TIMERS.soon(() => ran.push('soon, cancelled')),
    ];
    for (const cancel of cancels) cancel();
    const cancelInterval = SYSTEM_TIMERS.setInterval(() => ran.push('interval'), 1);
    SYSTEM_TIMERS.setTimer(() => ran.push('timer'), 1);
    SYSTEM_TIMERS.soon(() => ran.push('soon'));
    const startedAtMs = SYSTEM_CLOCK.monotonicMs();
    while (ran.filter((name) => name === 'interval').length < 3) await sleep(1);
    cancelInterval();
    expect(new Set(ran)).toEqual(new Set(['soon', 'timer', 'interval']));
    expect(SYSTEM_CLOCK.monotonicMs()).toBeGreaterThanOrEqual(startedAtMs);
  });
});
