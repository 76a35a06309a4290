import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { DiskQuota, QUOTA_INTERVAL_MS } from './diskQuota.js';
import { folderBytes } from './folderBytes.js';

const MEGABYTE = 1024 * 1024;

/** A quota of 100 MB over files that a test makes as large as it likes. */
function quotaOf(quotaBytes = 100 * MEGABYTE) {
  const disk = { bytes: 0, measured: 0 };
  const logs: string[] = [];
  let exceeded = 0;
  let due: (() => void) | undefined;
  const quota = new DiskQuota(
    { groupId: 7, quotaBytes },
    {
      measure: () => {
        disk.measured++;
        return Promise.resolve(disk.bytes);
      },
      timers: {
        setTimer: (run, delayMs) => {
          expect(delayMs).toBe(QUOTA_INTERVAL_MS);
          due = run;
          return () => {
            due = undefined;
          };
        },
        setInterval: () => () => {},
        soon: () => () => {},
      },
      log: (level, text) => logs.push(`${level} ${text}`),
      onExceeded: () => exceeded++,
    },
  );
  const grow = async (megabytes: number) => {
    disk.bytes = megabytes * MEGABYTE;
    const run = due;
    due = undefined;
    run?.();
    await turn();
  };
  return { quota, disk, logs, grow, exceeded: () => exceeded, isWaiting: () => due !== undefined };
}

it('warns once from 90 % on, refuses from the quota on, and heals when there is room again', async () => {
  const { quota, logs, grow, exceeded } = quotaOf();
  await quota.start();
  await grow(89);
  expect([quota.refusal, logs]).toEqual([undefined, []]);
  await grow(90);
  await grow(99.9);
  expect(quota.refusal).toBeUndefined();
  expect(logs).toHaveLength(1);
  expect(logs[0]).toMatch(
    /^warning \[g:7\] \[QUOTA\] group 7 has 90\.0 MB .*quota_mb=100; soon: raise quota_mb in group\.7\.ini/,
  );
  await grow(100);
  expect(quota.refusal).toMatch(/^group 7 has 100\.0 MB .* send to another node, or .*stopGroup and startGroup$/);
  expect(logs[1]).toMatch(/^error .*takes no transactions and proposes no blocks/);
  await grow(50);
  expect(quota.refusal).toBeUndefined();
  expect(logs[2]).toMatch(/^info .*room again/);
  expect(exceeded()).toBe(0);
});

it('asks to be stopped from twice the quota on, with each measurement until it is', async () => {
  const { quota, logs, grow, exceeded, isWaiting } = quotaOf();
  await quota.start();
  await grow(200);
  await grow(201);
  expect(exceeded()).toBe(2);
  expect(logs).toEqual([expect.stringMatching(/^error .*the group is stopped here/)]);
  quota.stop();
  expect(isWaiting()).toBe(false);
});

it('knows at its start, before the group works', async () => {
  const { quota, disk } = quotaOf();
  disk.bytes = 150 * MEGABYTE;
  await quota.start();
  expect(quota.refusal).toBeDefined();
});

it('measures nothing without a quota, and waits for nothing after its end', async () => {
  const none = quotaOf(0);
  await none.quota.start();
  expect([none.disk.measured, none.isWaiting(), none.quota.refusal]).toEqual([0, false, undefined]);
  const ended = quotaOf();
  const started = ended.quota.start();
  ended.quota.stop();
  await started;
  expect(ended.isWaiting()).toBe(false);
});

it('counts all files of a folder, those of its folders too, and nothing that a link leads to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'menglian-bytes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'block'));
  for (let index = 0; index < 70; index++) writeFileSync(join(folder, 'block', `${index}.ldb`), Buffer.alloc(100));
  writeFileSync(join(folder, '.group_status'), 'RUNNING');
  symlinkSync('/usr', join(folder, 'link'));
  expect(await folderBytes(folder)).toBe(7007);
  expect(await folderBytes(join(folder, 'nothing'))).toBe(0);
});
