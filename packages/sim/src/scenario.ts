/**
 * Golden transcripts: a text of commands, each followed by `----` and by what the cluster then did. The runner plays the
 * commands and writes the same text anew; a difference is a change of behaviour, to be read and accepted or not.
 *
 *     cluster 4 [hostile <replica> <behaviour>]   a new cluster; no loss, links of 10 ms
 *     submit [n]          a client sends n transactions to every replica
 *     run <ms>            time passes
 *     crash <replica>     power off          start <replica>     power on, same disk
 *     cut <a> <b>         no link between them, both ways        mend     all links work again
 *     jam <kinds> <replicas>   these messages never reach these replicas: jam commit,checkpoint 1,2
 *     diverge <replica> <height>   its executor computes other results from this height on
 *     status
 */
import { invariant } from '@menglian/base/invariant';
import { MESSAGE_CODES, type MessageKind } from '@menglian/pbft/messages';
import { type HostileBehaviour, HOSTILE_BEHAVIOURS } from './options.js';
import { calm } from './swarm.js';
import { World } from './world.js';

const OUTPUT_MARK = '----';

/** Plays the commands of a transcript. @returns the transcript with the output that they gave */
export function playScenario(transcript: string): string {
  const lines: string[] = [];
  let world: World | undefined = undefined;
  let output: string[] = [];
  for (const line of commandsOf(transcript)) {
    lines.push(line);
    if (line === '' || line.startsWith('#')) continue;
    const [name = '', ...words] = line.split(' ');
    if (name === 'cluster') {
      world = createCluster(words);
      traceInto(world, () => output);
      world.startAll();
    } else {
      invariant(world !== undefined, 'sim/scenario-without-cluster');
      perform(world, name, words, (text) => output.push(text));
    }
    if (output.length > 0) lines.push(OUTPUT_MARK, ...output, '');
    output = [];
  }
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

/** The transcript without the output of its last playing. */
function commandsOf(transcript: string): string[] {
  const commands: string[] = [];
  let isOutput = false;
  for (const line of transcript.split('\n')) {
    if (line === OUTPUT_MARK) isOutput = true;
    else if (line === '') {
      isOutput = false;
      commands.push(line);
    } else if (!isOutput) commands.push(line);
  }
  return commands;
}

function createCluster(words: readonly string[]): World {
  const [replicas, , hostileIndex, behaviour] = words;
  const hostile = HOSTILE_BEHAVIOURS.filter((known): known is HostileBehaviour => known === behaviour);
  const options = calm(1);
  return new World({
    ...options,
    replicas: Number(replicas),
    hostile,
    hostileIndexes: hostile.map(() => Number(hostileIndex)),
    network: { ...options.network, minimumDelayMs: 10, meanDelayMs: 0 },
    persistMs: 0,
    executeMs: 0,
    storeMs: 0,
    maxTransactions: 100,
  });
}

function traceInto(world: World, output: () => string[]): void {
  world.trace = (node, describe) => {
    const text = describe();
    if (text !== undefined) output().push(`${String(world.scheduler.nowMs).padStart(6)} ms  r${node.index} ${text}`);
  };
}

function perform(world: World, name: string, words: readonly string[], print: (text: string) => void): void {
  const numbers = words.map(Number);
  const [first = 0, second = 0] = numbers;
  const node = (): World['nodes'][number] => world.nodes[first]!;
  switch (name) {
    case 'submit':
      for (let i = 0; i < (first || 1); i++) {
        const transaction = world.submit();
        for (const replica of world.nodes) replica.give(transaction);
      }
      return;
    case 'run':
      world.scheduler.runUntil(world.scheduler.nowMs + first);
      return;
    case 'crash':
      return node().crash();
    case 'start':
      return node().start();
    case 'cut':
      world.network.cut(first, second);
      return world.network.cut(second, first);
    case 'mend':
      world.network.jam([], []);
      return world.network.mend();
    case 'jam': {
      const kinds = (words[0] ?? '').split(',') as MessageKind[];
      const receivers = (words[1] ?? '').split(',').map(Number);
      return world.network.jam(
        kinds.map((kind) => MESSAGE_CODES[kind]),
        receivers,
      );
    }
    case 'diverge':
      node().divergesFrom = second;
      return;
    case 'status':
      for (const replica of world.nodes) print(describeStatus(replica));
      return;
    default:
      invariant(false, 'sim/unknown-command', name);
  }
}

function describeStatus(node: World['nodes'][number]): string {
  if (node.engine === undefined) return `r${node.index} is down at height ${node.height}`;
  const { view, toView, phase } = node.engine.status();
  const wanted = view === toView ? '' : `, asks for view ${toView}`;
  return `r${node.index} height ${node.height} view ${view} ${phase}${wanted}`;
}
