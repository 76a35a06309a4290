import { expect, describe, it } from 'vitest';
import { runWholeSeed } from './runWholeSeed.js';
import { calmWhole, ENGINES } from './wholeOptions.js';
import { WholeWorld } from './wholeWorld.js';

/**
 * Every failure names its seed and tells its story; `MENGLIAN_SEED=<seed>` runs that one alone, and it happens again exactly.
 * With MENGLIAN_LONG=1 many more seeds are run.
 */
const isLong = process.env['MENGLIAN_LONG'] === '1';
const oneSeed = process.env['MENGLIAN_SEED'];
const SEEDS = isLong ? 1000 : 15;
/** An hour of simulated time; ten minutes show nearly as much. */
const LONG_TIME_MS = isLong ? 3_600_000 : 600_000;
const LONG_TIMEOUT_MS = 3_600_000;

/** What the seeds must have reached between them: a simulator that never gets there proves nothing. */
const MARKS = [
  'change:addSealer',
  'change:setting',
  'clockJump',
  'crash:power',
  'pause',
  'viewEntered',
  ...(isLong ? ['change:remove', 'crash:crashAfter', 'crash:crashBefore', 'snapshotInstalled'] : []),
  ...(isLong ? ['disk:fail', 'disk:full', 'disk:silent', 'disk:detected', 'evidence', 'badBlock'] : []),
];

if (oneSeed !== undefined) {
  it(`seed ${oneSeed}`, { timeout: LONG_TIMEOUT_MS }, async () => {
    expect((await runWholeSeed(Number(oneSeed))).height).toBeGreaterThan(0);
  });
} else {
  describe('whole clusters in virtual time', () => {
    it(`keep every rule on ${SEEDS} bad days, and settle afterwards`, { timeout: LONG_TIMEOUT_MS }, async () => {
      const reached = new Set<string>();
      for (let seed = 1; seed <= SEEDS; seed++) {
        const outcome = await runWholeSeed(seed);
        expect(outcome.acknowledged).toBeGreaterThan(5);
        for (const mark of outcome.marks.keys()) reached.add(mark);
      }
      expect(MARKS.filter((mark) => !reached.has(mark))).toEqual([]);
    });

    it('do the same again with the same seed, to the last byte', async () => {
      for (const seed of [3, 6]) {
        expect(await runWholeSeed(seed)).toEqual(await runWholeSeed(seed));
      }
      const outcome = await runWholeSeed(7);
      expect(outcome.fingerprint).not.toBe((await runWholeSeed(6)).fingerprint);
    });

    for (const engine of ENGINES) {
      it(`${engine}: nothing happens while nobody wants anything, and the first transfer after it takes no longer than others`, async () => {
        const world = new WholeWorld({ ...calmWhole(1, engine), clientPauseMs: 20 });
        for (const node of world.nodes) node.start();
        await world.run(500);
        world.clients.begin();
        await world.run(3000);
        world.clients.isResting = true;
        await world.run(5000);
        const before = { height: world.audit.highest, views: world.marks.get('viewEntered') };
        world.sentBytes = 0;
        world.sentMessages = 0;
        await world.run(LONG_TIME_MS);
        expect({ height: world.audit.highest, views: world.marks.get('viewEntered') }).toEqual(before);
        expect(world.sentMessages / (4 * 3 * (LONG_TIME_MS / 1000))).toBeLessThan(3);
        expect(world.sentBytes / (4 * 3 * (LONG_TIME_MS / 1000))).toBeLessThan(500);
        world.clients.send(world.bank.transfer(world.clients.blockLimit()));
        await world.run(150);
        expect(world.audit.highest).toBe(before.height + 1);
      });

      it(`${engine}: commits within ten seconds of healing after a long time without a quorum`, async () => {
        const world = new WholeWorld({ ...calmWhole(2, engine), clientPauseMs: 1000 });
        for (const node of world.nodes) node.start();
        await world.run(500);
        world.clients.begin();
        await world.run(5000);
        for (const [from, to] of [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 2],
          [1, 3],
          [2, 3],
        ] as const) {
          world.links.cut(from, to);
          world.links.cut(to, from);
        }
        world.reviewSessions();
        await world.run(LONG_TIME_MS);
        const before = world.audit.highest;
        world.links.mend();
        world.reviewSessions();
        const healedMs = world.time.nowMs;
        while (world.members().some(({ height }) => height <= before)) {
          expect(world.time.nowMs - healedMs).toBeLessThan(10_000);
          await world.run(100);
        }
      });
    }
  });
}
