import { BenchChain } from '../chain/benchChain.js';
import { describeEnvironment } from '../measure/environment.js';
import { say } from '../measure/progress.js';
import { ChannelBench, LARGE_BYTES, UNDER_WAY } from './channelBench.js';
import type { ChannelOptions, ChannelReport, ChannelRound } from './channelReport.js';

/** Measures the SDK port on a fresh chain, and removes the chain again. @param ports as the chain builder takes them */
export async function runChannel(options: ChannelOptions, ports: string): Promise<ChannelReport> {
  const environment = describeEnvironment();
  return BenchChain.use({ nodes: options.nodes, consensus: 'pbft', sm: false, ports }, async (chain) => {
    const rounds = await measureRounds(chain, Number(ports.split(',')[1]), options);
    return {
      benchmark: 'channel',
      version: 1,
      environment,
      options,
      largeBytes: LARGE_BYTES,
      underWay: UNDER_WAY,
      rounds,
    };
  });
}

async function measureRounds(chain: BenchChain, channelPort: number, options: ChannelOptions): Promise<ChannelRound[]> {
  const bench = await ChannelBench.start(chain, channelPort, options);
  try {
    const rounds: ChannelRound[] = [];
    say('warming up');
    await bench.round();
    for (let round = 1; round <= options.rounds; round++) {
      say(`round ${round} of ${options.rounds}`);
      rounds.push(await bench.round());
    }
    say('');
    return rounds;
  } finally {
    bench.stop();
  }
}
