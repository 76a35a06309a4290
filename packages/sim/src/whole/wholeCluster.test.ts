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
const SEEDS = isLong ? 1000 : 18;
const LONG_TIMEOUT_MS = 3_600_000;

/** What a few seeds must have reached between them: a simulator that never gets there proves nothing. */
const MARKS = [
  'change:addSealer',
  'change:remove',
  'change:setting',
  'clockJump',
  'crash:crashAfter',
  'crash:crashBefore',
  'crash:power',
  'disk:fail',
  'disk:full',
  'pause',
  'viewEntered',
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
      it(`${engine}: nothing happens in an idle hour, and the first transfer after it takes no longer than others`, async () => {
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
        await world.run(3_600_000);
        expect({ height: world.audit.highest, views: world.marks.get('viewEntered') }).toEqual(before);
        expect(world.sentMessages / (4 * 3 * 3600)).toBeLessThan(2);
        expect(world.sentBytes / (4 * 3 * 3600)).toBeLessThan(500);
        world.clients.send(world.bank.transfer(world.clients.blockLimit()));
        await world.run(150);
        expect(world.audit.highest).toBe(before.height + 1);
      });
    }
  });
}
