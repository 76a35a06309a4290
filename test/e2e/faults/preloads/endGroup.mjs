// Loaded into a node before its own code, in every thread of it: ends the thread of one group as an error of the program
// would, with an exception that nobody catches, once a file is there that a test makes.
import { existsSync, rmSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const LOOK_MS = 20;
const path = process.env.MENGLIAN_TEST_END_FILE;
const groupId = Number(process.env.MENGLIAN_TEST_END_GROUP);

if (workerData?.genesis?.groupId === groupId) {
  setInterval(() => {
    if (!existsSync(path)) return;
    rmSync(path);
    throw new Error('the test ends this group');
  }, LOOK_MS).unref();
}
