// Loaded into a node before its own code, in every thread of it: ends the process as a loss of power would, at a write of
// its database that a test names in a file, `before 7`: before, during or after the seventh write since the file was made.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const path = process.env.MENGLIAN_TEST_KILL_FILE;
const { ChainedBatch } = createRequire(import.meta.url)('classic-level/chained-batch');
const write = ChainedBatch.prototype._write;
let writes = 0;

function killNow() {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way; nothing may happen meanwhile.
  for (;;);
}

ChainedBatch.prototype._write = async function writeAndPerhapsDie(options) {
  if (!existsSync(path)) return write.call(this, options);
  const [moment, number] = readFileSync(path, 'utf8').split(' ');
  writes++;
  if (writes !== Number(number)) return write.call(this, options);
  if (moment === 'before') killNow();
  const written = write.call(this, options);
  if (moment === 'during') killNow();
  await written;
  killNow();
};
