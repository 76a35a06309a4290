import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';
import { Libp2pNetwork } from '@menglian/network/libp2pNetwork';
import { CRASH_FILE, FRAMES_FILE, NEIGHBOUR_VARIABLE, STALL_FILE } from './neighbourTriggers.js';

/** How often a node looks for its files. */
const LOOK_MS = 50;

/** Rubbish that one node sends to each of the others each time: 23 MiB a second, which leaves it time for its own work. */
const FRAMES = [
  { module: 'consensus', bytes: 64 * 1024, each: 2 },
  { module: 'transactions', bytes: 256 * 1024, each: 2 },
  { module: 'sync', bytes: 512 * 1024, each: 1 },
] as const;

const groupId = Number(process.env[NEIGHBOUR_VARIABLE]);

/** An exception that nobody catches ends the thread, as an error of the program would. */
function crashWhenTold(): void {
  const timer = setInterval(() => {
    if (!existsSync(CRASH_FILE)) return;
    rmSync(CRASH_FILE, { force: true });
    throw new Error('the benchmark ends this thread');
  }, LOOK_MS);
  timer.unref();
}

/** The thread stands still, as behind a disk that does not answer: it reads no message, sends none, and takes no processor. */
function stallWhenTold(): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const timer = setInterval(() => {
    while (existsSync(STALL_FILE)) Atomics.wait(never, 0, 0, LOOK_MS);
  }, LOOK_MS);
  timer.unref();
}

/** Frames of the neighbour group that mean nothing, from a node that is a member of it. */
function sendFramesWhenTold(): void {
  const payloads = FRAMES.map((frame) => ({ ...frame, payload: randomBytes(frame.bytes) }));
  const { start } = Libp2pNetwork.prototype;
  Libp2pNetwork.prototype.start = async function startWithFrames() {
    setInterval(() => {
      if (!existsSync(FRAMES_FILE)) return;
      const to = this.peers().map(({ nodeId }) => nodeId);
      for (const { module, payload, each } of payloads) {
        for (let sent = 0; sent < each; sent++)
          for (const one of to) this.send(one, { group: groupId, module }, payload);
      }
    }, LOOK_MS).unref();
    await start.call(this);
  };
}

/** Loaded into a node before its own code (`neighbourEnvironment`). Without its files the node works as ever. */
if (isMainThread) sendFramesWhenTold();
else if ((workerData as { genesis?: { groupId?: number } } | null)?.genesis?.groupId === groupId) {
  crashWhenTold();
  stallWhenTold();
}
