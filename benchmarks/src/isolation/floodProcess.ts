import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTls, tlsOptions } from '../channel/channelClient.js';
import { RpcConnection } from '../load/rpcConnection.js';
import { takeSpareTimeOnly } from '../measure/spareTime.js';
import type { FloodCounts, FloodData } from './floodProtocol.js';

/** Between two frames to one port: a handshake each. */
const FRAME_PAUSE_MS = 100;
const REFUSAL_PAUSE_MS = 20;
/** Claims four gigabytes, then sends some of them. */
const OVERSIZED_FRAME = Buffer.concat([Buffer.from('ffffffff0012', 'hex'), Buffer.alloc(256 * 1024, 'x')]);

const [data] = (await once(process, 'message')) as [FloodData];
const { urls, bodies, connections, pauseMs, channelPorts, sdkFolder, isSpare } = data;
const ending = new AbortController();
const counts = { posts: 0, unanswered: 0, refused: 0, frames: 0 };
let next = 0;

async function post(url: string): Promise<void> {
  let connection = new RpcConnection(url);
  while (!ending.signal.aborted) {
    const body = bodies[next++ % bodies.length]!;
    counts.posts++;
    try {
      const answer = await connection.post(Buffer.from(body.buffer, body.byteOffset, body.length));
      if (answer.includes('"error"')) counts.refused++;
      if (pauseMs > 0) await sleep(pauseMs);
    } catch {
      // Too long a body ends its connection.
      counts.unanswered++;
      connection.close();
      connection = new RpcConnection(url);
      await sleep(REFUSAL_PAUSE_MS);
    }
  }
  connection.close();
}

async function sendFrames(port: number): Promise<void> {
  while (!ending.signal.aborted) {
    try {
      const socket = await openTls(tlsOptions(sdkFolder, port));
      socket.on('error', () => undefined);
      socket.write(OVERSIZED_FRAME);
      counts.frames++;
      await sleep(FRAME_PAUSE_MS);
      socket.destroy();
    } catch {
      await sleep(FRAME_PAUSE_MS);
    }
  }
}

if (isSpare) takeSpareTimeOnly(process.pid);
process.on('message', () => ending.abort());
process.on('disconnect', () => process.exit());
const posting = urls.flatMap((url) => Array.from({ length: connections }, async () => post(url)));
process.send!('sends');
await Promise.all([...posting, ...channelPorts.map(sendFrames)]);
process.send!(counts satisfies FloodCounts, () => process.disconnect());
