import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

/**
 * Loaded into a node before its own code (`profiledThreads`): SIGUSR2 begins to sample what all its threads do, and ends it
 * and writes a profile of each thread. Nothing happens without the signal.
 */
const SAMPLE_MICROS = 500;

const folder = process.env['MENGLIAN_BENCH_PROFILE'] ?? '.';
let session: Session | undefined;

/** While a file ends in `.started`, its thread has not yet written its profile. */
function pathOf(): string {
  const name = isMainThread ? 'main' : readFileSync('/proc/thread-self/comm', 'utf8').trim();
  return join(folder, `${process.pid}-${threadId}-${name}`);
}

function toggle(): void {
  const path = pathOf();
  if (session === undefined) {
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
    session.post('Profiler.start');
    writeFileSync(`${path}.started`, '');
    return;
  }
  session.post('Profiler.stop', (error, stopped) => {
    if (error === null) writeFileSync(`${path}.partial`, JSON.stringify(stopped.profile));
    if (error === null) renameSync(`${path}.partial`, `${path}.cpuprofile`);
    rmSync(`${path}.started`);
  });
  session.disconnect();
  session = undefined;
}

const channel = new BroadcastChannel('menglian-bench-profile');
channel.onmessage = toggle;
channel.unref();
if (isMainThread)
  process.on('SIGUSR2', () => {
    channel.postMessage('toggle');
    toggle();
  });
