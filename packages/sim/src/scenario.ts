/**
 * Golden transcripts: a text of commands, each followed by `----` and by what the cluster then did. The runner plays the
 * commands and writes the same text anew; a difference is a change of behaviour, to be read and accepted or not. Lines that
 * begin with `#` are the story's own words. Commands: scenarioCommands.ts and, for what hostile replicas say,
 * scenarioForgeries.ts.
 *
 *     cluster <replicas> [<option> <value>]…   a new cluster; no loss, links of 10 ms. Options: hostile <replica>:<behaviour>,
 *                                               members n, execute ms, store ms, limit transactions, window heights,
 *                                               timeout ms, stopped (nobody is started)
 */
import { playTranscript } from '@menglian/base/testing/transcript';
import { invariant } from '@menglian/base/invariant';
import { type HostileBehaviour, HOSTILE_BEHAVIOURS } from './options.js';
import { performCommand, type Stage } from './scenarioCommands.js';
import { SentMessages } from './scenarioForgeries.js';
import { calm } from './swarm.js';
import { World } from './world.js';

/** Plays the commands of a transcript. @returns the transcript with the output that they gave */
export function playScenario(transcript: string): string {
  let stage: Stage | undefined = undefined;
  let output: string[] = [];
  return playTranscript(transcript, (line) => {
    output = [];
    const [name = '', ...words] = line.split(' ');
    if (name === 'cluster') stage = openStage(words, (text) => output.push(text));
    else {
      invariant(stage !== undefined, 'sim/scenario-without-cluster');
      performCommand(stage, name, words);
    }
    return output;
  });
}

function openStage(words: readonly string[], print: (text: string) => void): Stage {
  const world = createCluster(words);
  const stage: Stage = { world, print, sent: new SentMessages(world), shown: [] };
  world.trace = (node, describe) => {
    const text = describe();
    if (text === undefined) return;
    if (stage.shown.length > 0 && !stage.shown.some((word) => text.includes(word))) return;
    print(`${String(world.scheduler.nowMs).padStart(6)} ms  r${node.index} ${text}`);
  };
  if (!words.includes('stopped')) world.startAll();
  return stage;
}

function createCluster(words: readonly string[]): World {
  const valueOf = (option: string): string | undefined => {
    const at = words.indexOf(option);
    return at < 0 ? undefined : words[at + 1];
  };
  const numberOf = (option: string, otherwise: number): number => Number(valueOf(option) ?? otherwise);
  const hostile = words.flatMap((word) => {
    const [index, behaviour] = word.split(':');
    const known = HOSTILE_BEHAVIOURS.filter((one): one is HostileBehaviour => one === behaviour);
    return known.map((one) => ({ index: Number(index), behaviour: one }));
  });
  const options = calm(1);
  const window = valueOf('window');
  const members = valueOf('members');
  return new World({
    ...options,
    replicas: Number(words[0]),
    hostile: hostile.map(({ behaviour }) => behaviour),
    hostileIndexes: hostile.map(({ index }) => index),
    ...(members === undefined ? {} : { genesisMembers: Number(members) }),
    network: { ...options.network, minimumDelayMs: 10, meanDelayMs: 0 },
    persistMs: 0,
    executeMs: numberOf('execute', 0),
    storeMs: numberOf('store', 0),
    maxTransactions: numberOf('limit', 100),
    consensusTimeoutMs: numberOf('timeout', 1000),
    ...(window === undefined ? {} : { windowHeights: Number(window) }),
  });
}
