// Loaded into a node before its own code, in every thread of it. At SIGUSR2 all threads collect their garbage, and the
// main thread writes what they hold into a file: {"threads": how many answered, "heapBytes", "externalBytes", "rssBytes"}.
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const path = process.env.MENGLIAN_TEST_HEAP_FILE;
const ANSWERS_WAIT_MS = 1000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const channel = new BroadcastChannel('menglian-test-heap');
channel.unref();

function held() {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return { heapUsed, external };
}

if (isMainThread) {
  let answers = [];
  channel.onmessage = ({ data }) => {
    if (data.heapUsed !== undefined) answers.push(data);
  };
  process.on('SIGUSR2', () => {
    answers = [held()];
    channel.postMessage({ ask: true });
    setTimeout(() => {
      const sum = (key) => answers.reduce((total, answer) => total + answer[key], 0);
      const rssBytes = process.memoryUsage.rss();
      const text = JSON.stringify({
        threads: answers.length,
        heapBytes: sum('heapUsed'),
        externalBytes: sum('external'),
        rssBytes,
      });
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }, ANSWERS_WAIT_MS);
  });
} else {
  channel.onmessage = ({ data }) => {
    if (data.ask === true) channel.postMessage(held());
  };
}
