/**
 * Golden transcripts of sync (and, see fetchStage.ts, of missing transactions): commands, each followed by `----` and by what the nodes then did.
 *
 *     chain <height> [change <blocks>] [snapshots <blocks>] [gap <blocks>]   blocks of four sealers; one leaves every so many
 *     node <name> <head>          a node that has the chain up to there; names are a, b, c …
 *     follower <name> <head>      the same, and consensus gives it new blocks while it is at the tip
 *     liar <name> <lie> <head>    see liars.ts
 *     start <names>   crash <names>   cut <name> <name>   mend   grow <blocks>   run <ms>   status
 */
import { playTranscript } from '@menglian/base/testing/transcript';
import { invariant } from '@menglian/base/invariant';
import { FetchStage } from './fetchStage.js';
import { LIES } from './liars.js';
import { nodeIdOf, SyncChain } from './syncChain.js';
import { memberName, SyncWorld } from './syncWorld.js';

/** Plays the commands of a transcript. @returns the transcript with the output that they gave */
export function playSyncScenario(transcript: string): string {
  const stage = new Stage();
  return playTranscript(transcript, (line) => {
    stage.perform(line.split(' '));
    return stage.takeOutput();
  });
}

/** Blocks that one node stored one after another are told in one line. */
interface StoredRange {
  readonly first: number;
  last: number;
  line: number;
}

class Stage {
  readonly #fetch = new FetchStage();
  #world: SyncWorld | undefined;
  #chain: SyncChain | undefined;
  #output: string[] = [];
  readonly #ranges = new Map<number, StoredRange>();

  takeOutput(): string[] {
    const output = this.#output;
    this.#output = [];
    this.#ranges.clear();
    return output;
  }

  perform([name = '', ...words]: readonly string[]): void {
    if (name === 'chain') return this.#create(words);
    const fetched = this.#fetch.perform(name, words);
    if (fetched !== undefined) return void this.#output.push(...fetched);
    const world = this.#world;
    invariant(world !== undefined, 'sim/scenario-without-chain');
    const indexes = () => [...words.join('')].map((letter) => letter.charCodeAt(0) - 0x61);
    switch (name) {
      case 'node':
        return void world.add({ head: Number(words[1]) });
      case 'follower':
        return void world.add({ head: Number(words[1]), isFollowing: true });
      case 'liar': {
        const lie = LIES.find((known) => known === words[1]);
        invariant(lie !== undefined, 'sim/scenario-lie', words[1]);
        return void world.add({ head: Number(words[2]), lie });
      }
      case 'start':
        return indexes().forEach((index) => world.start(index));
      case 'crash':
        return indexes().forEach((index) => world.stop(index));
      case 'cut':
        return world.cut(indexes()[0]!, indexes()[1]!);
      case 'mend':
        return world.mend();
      case 'grow':
        return world.grow(Number(words[0]));
      case 'run':
        return void world.scheduler.runUntil(world.scheduler.nowMs + Number(words[0]));
      case 'status':
        return this.#status(world);
      default:
        invariant(false, 'sim/scenario-command', name);
    }
  }

  #create(words: readonly string[]): void {
    const option = (name: string) => {
      const index = words.indexOf(name);
      return index < 0 ? undefined : Number(words[index + 1]);
    };
    const sealers = [0, 100, 101, 1].map(nodeIdOf);
    const changeEvery = option('change') ?? 0;
    const reserve = [102, 103, 104].map(nodeIdOf);
    const chain = new SyncChain({ seed: 1, sealers, reserve, changeEvery, blockBytes: 100 });
    chain.grow(Number(words[0]));
    const links = { lossPercent: 0, minimumDelayMs: 10, delaySpreadMs: 0 };
    const snapshotEvery = option('snapshots') ?? 0;
    const world = new SyncWorld({ seed: 1, chain, links, snapshotEvery, snapshotGap: option('gap') ?? 1000 });
    world.trace = (member, text) => this.#trace(member, text);
    this.#chain = chain;
    this.#world = world;
  }

  #trace(member: number, text: string): void {
    const number = /^stores block (\d+)$/.exec(text)?.[1];
    if (number === undefined) {
      this.#ranges.delete(member);
      this.#tell(member, text);
      return;
    }
    const range = this.#ranges.get(member);
    if (range?.last === Number(number) - 1) {
      range.last = Number(number);
      this.#output[range.line] = this.#line(member, `stores blocks ${range.first} to ${range.last}`);
      return;
    }
    this.#ranges.set(member, { first: Number(number), last: Number(number), line: this.#output.length });
    this.#tell(member, text);
  }

  #tell(member: number, text: string): void {
    this.#output.push(this.#line(member, text));
  }

  #line(member: number, text: string): string {
    const seconds = (this.#world!.scheduler.nowMs / 1000).toFixed(2).padStart(7);
    return `${seconds} ${memberName(member)} ${text}`;
  }

  #status(world: SyncWorld): void {
    for (const { index, disk, lie, node } of world.members) {
      const state = node === undefined ? 'is down' : node.snapshotSync.isActive ? 'fetches a snapshot' : 'is up';
      const base = disk.base > 0 ? `, bodies from ${disk.base + 1} on` : '';
      this.#output.push(
        `        ${memberName(index)} ${state}, head ${disk.head} of ${this.#chain!.height}${base}${lie ? ` (${lie})` : ''}`,
      );
    }
  }
}
