import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeSpareTimeOnly } from '../measure/spareTime.js';

// Does until it is told to end what a loaded node does to its machine: objects, texts and garbage, and writes that must be on
// the disk (`busyProcesses.ts`).

const ITEMS = 2000;
const TURN_MS = 10;

/** About what a group stores that gets 15,000 transactions a second: a block of some hundred twenty times a second. */
const BLOCK_BYTES = 384 * 1024;
const BLOCK_INTERVAL_MS = 50;
const FILE_BYTES_MAX = 256 * 1024 * 1024;

if (process.argv[2] === 'spare') takeSpareTimeOnly(process.pid);
const folder = mkdtempSync(join(tmpdir(), 'menglian-busy-'));
const items = Array.from({ length: ITEMS }, (_, index) => ({ index, text: `${index}`.repeat(8) }));
let text = JSON.stringify(items);

function computeForATurn(): void {
  const endMs = performance.now() + TURN_MS;
  while (performance.now() < endMs) text = JSON.stringify(JSON.parse(text));
  setImmediate(computeForATurn);
}

async function store(): Promise<void> {
  const file = await open(join(folder, 'blocks'), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  for (let position = 0; ; position = (position + BLOCK_BYTES) % FILE_BYTES_MAX) {
    await file.write(block, 0, block.length, position);
    await file.datasync();
    await sleep(BLOCK_INTERVAL_MS);
  }
}

process.on('disconnect', () => process.exit());
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
computeForATurn();
await store();
