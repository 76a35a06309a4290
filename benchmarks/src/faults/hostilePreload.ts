import { isMainThread } from 'node:worker_threads';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Libp2pNetwork } from '@menglian/network/libp2pNetwork';
import { readNodeFiles } from '@menglian/node/nodeFiles';
import { HostileSender } from './hostileSender.js';

/**
 * Loaded into a node before its own code (`hostileEnvironment`): it sends hostile view changes. Beside them it works as
 * ever, leads and votes; or it says nothing else in consensus, so that a turn to lead passes in vain each time.
 */
async function turnHostile(): Promise<void> {
  const files = readNodeFiles('config.ini');
  if (!files.ok) throw new Error(files.reason);
  const suite = await loadSuite(files.value.config.suite);
  const { start, broadcast } = Libp2pNetwork.prototype;
  Libp2pNetwork.prototype.start = async function startWithHostileSender() {
    const sender = new HostileSender(files.value, {
      suite,
      broadcast: (channel, payload, to) => broadcast.call(this, channel, payload, to),
    });
    this.onMessage((_, { module }, payload) => {
      if (module === 'consensus') sender.onMessage(payload);
    });
    sender.start(Number(process.env['MENGLIAN_BENCH_HOSTILE_PER_SECOND']));
    await start.call(this);
  };
  if (process.env['MENGLIAN_BENCH_HOSTILE_VOTES'] === 'true') return;
  Libp2pNetwork.prototype.broadcast = function broadcastNoVotes(channel, payload, to) {
    if (channel.module !== 'consensus') broadcast.call(this, channel, payload, to);
  };
}

// Threads of groups load this too; the links are the main thread's.
if (isMainThread) await turnHostile();
