// Loaded into a node before its own code, in every thread of it. What it does to the thread of one group, a test tells it by
// files: `end-group` ends it as an error of the program would, with an exception that nobody catches; as long as `hold-group`
// is there it stands still.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';

const LOOK_MS = 20;
const folder = process.env.MENGLIAN_TEST_BREAK_FOLDER;
const groupId = Number(process.env.MENGLIAN_TEST_BREAK_GROUP);

if (workerData?.genesis?.groupId === groupId) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => {
    while (existsSync(join(folder, 'hold-group'))) Atomics.wait(never, 0, 0, LOOK_MS);
    if (!existsSync(join(folder, 'end-group'))) return;
    rmSync(join(folder, 'end-group'));
    throw new Error('the test ends this group');
  }, LOOK_MS).unref();
}
