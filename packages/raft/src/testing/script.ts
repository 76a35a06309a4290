/**
 * Interaction scripts: a text of commands, each followed by `----` and by what the cores then did. Played anew, the text
 * must come out the same; a difference is a change of behaviour, to be read and accepted or not.
 *
 *     cluster <voters> [<learners> [single]]   nodes n1, n2, …; one clock; messages wait in a pool until they are
 *                                        delivered; `single`: one entry in a message
 *     quick                              from here on only roles and commits are told     close     everything again
 *     run <ms>                           time passes everywhere, messages take 10 ms
 *     wait <ms> [<node>]                 time passes everywhere or at one node, nothing is delivered
 *     deliver [<from> <to> [<kind>]]     what waits now; `*` for anybody
 *     settle                             deliver until nothing waits
 *     drop | twice <from> <to> [<kind>]  lose it; deliver it and keep it in the pool
 *     reverse                            what was sent last comes first
 *     cut <a> <b>,<c>    mend            links
 *     crash <node>       start <node>    add <node>     the disk stays; a new one, with an empty disk
 *     campaign <node>    propose <node> <text>    transfer <node> [<target>]
 *     change <node> [+<voter>] [~<learner>] [-<removed>] …
 *     hold <node>        accept <node>   refuse <node>      the application and the entries not accepted yet
 *     compact <node> <index>             sync <node>        the application fetches what the others have applied
 *     status             log <node>      progress <leader>  pool
 */
import { playTranscript } from '@menglian/base/testing/transcript';
import { utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { ConfigurationChange } from '../core/confchange.js';
import { configurationOf, type RaftCore } from '../core/state.js';
import { askWhetherToCampaign } from '../core/election.js';
import { accept, refuse } from '../core/follower.js';
import { propose } from '../core/leader.js';
import { proposeMembership } from '../core/membership.js';
import { transferLeadership } from '../core/transfer.js';
import { Cluster, type Envelope } from './cluster.js';
import { describeConfiguration, describeEntry, describeMessage } from './describe.js';

const LINK_MS = 10;
const SETTLE_ROUNDS_MAX = 100;

class Script {
  readonly #output: string[] = [];
  #cluster: Cluster | undefined;
  #isQuick = false;

  /** @returns what it gave */
  command(line: string): string[] {
    const [name = '', ...words] = line.split(' ');
    if (name === 'cluster') this.#cluster = this.#create(words);
    else this.#perform(name, words);
    return this.#output.splice(0);
  }

  get #all(): Cluster {
    invariant(this.#cluster !== undefined, 'raft/script-without-cluster');
    return this.#cluster;
  }

  #create([voters = '3', learners = '0', tuning]: readonly string[]): Cluster {
    const names = Array.from({ length: Number(voters) + Number(learners) }, (_, i) => `n${i + 1}`);
    const cluster = new Cluster(
      names.slice(0, Number(voters)),
      names.slice(Number(voters)),
      tuning === 'single' ? { maxMessageBytes: 1 } : {},
    );
    cluster.trace = (text, detail) => {
      if (!detail || !this.#isQuick) this.#output.push(text);
    };
    return cluster;
  }

  #perform(name: string, words: readonly string[]): void {
    const cluster = this.#all;
    const [first = '', second = ''] = words;
    const ofWords = envelopeFilter(words);
    switch (name) {
      case 'quick':
      case 'close':
        this.#isQuick = name === 'quick';
        return;
      case 'run':
        return this.#run(Number(first));
      case 'wait':
        return cluster.tick(cluster.nowMs + Number(first), second === '' ? undefined : second);
      case 'deliver':
        cluster.deliver(ofWords);
        return;
      case 'settle':
        for (let round = 0; cluster.pool.length > 0; round++) {
          invariant(round < SETTLE_ROUNDS_MAX, 'raft/script-never-settles');
          cluster.deliver();
        }
        return;
      case 'drop':
        cluster.pool = cluster.pool.filter((envelope) => !ofWords(envelope));
        return;
      case 'twice':
        cluster.deliver(ofWords, true);
        return;
      case 'reverse':
        cluster.pool.reverse();
        return;
      case 'cut':
        for (const other of second.split(',')) cluster.cut(first, other);
        return;
      case 'mend':
        return cluster.mend();
      case 'crash':
        return cluster.crash(first);
      case 'start':
        return cluster.start(first);
      case 'add':
        return cluster.add(first);
      case 'campaign':
        return cluster.act(first, askWhetherToCampaign);
      case 'propose':
        return cluster.act(first, (core) => this.#answer(propose(core, utf8Bytes(second))));
      case 'transfer':
        return cluster.act(first, (core) => {
          if (!transferLeadership(core, second === '' ? undefined : second))
            this.#output.push('nobody to hand over to');
        });
      case 'change':
        return cluster.act(first, (core) => this.#answer(proposeMembership(core, words.slice(1).map(changeOf), 0)));
      case 'hold':
        cluster.node(first).isHolding = true;
        return;
      case 'accept':
        cluster.node(first).isHolding = false;
        return cluster.act(first, (core) => accept(core, core.log.lastIndex));
      case 'refuse':
        return cluster.act(first, refuse);
      case 'compact':
        return cluster.act(first, ({ log }) => log.compactTo(Number(second), cluster.node(first).applied.length));
      case 'sync':
        return cluster.sync(first);
      default:
        return this.#show(name, first);
    }
  }

  #run(durationMs: number): void {
    const cluster = this.#all;
    for (const endMs = cluster.nowMs + durationMs; cluster.nowMs < endMs;) {
      const due = cluster.pool.splice(0);
      cluster.tick(cluster.nowMs + LINK_MS);
      for (const { from, to, message } of due) cluster.receive(from, to, message);
    }
  }

  #answer(result: { readonly ok: boolean; readonly reason?: string }): void {
    if (!result.ok) this.#output.push(`refused: ${result.reason}`);
  }

  #show(name: string, of: string): void {
    const cluster = this.#all;
    switch (name) {
      case 'status':
        for (const { id, core } of cluster.nodes.values()) this.#output.push(`${id} ${describeCore(core)}`);
        return;
      case 'log': {
        const { log } = cluster.core(of);
        this.#output.push(`begins after ${log.compaction.index}.${log.compaction.term}`);
        for (const entry of log.range(log.firstIndex, log.lastIndex)) this.#output.push(describeEntry(entry));
        return;
      }
      case 'progress':
        for (const [id, progress] of cluster.core(of).progress) {
          const { mode, match, next, isPaused, inflightMessages } = progress;
          const paused = isPaused ? ', paused' : '';
          this.#output.push(`${id} ${mode} match ${match} next ${next} in flight ${inflightMessages}${paused}`);
        }
        return;
      case 'pool':
        for (const { from, to, message } of cluster.pool) {
          this.#output.push(`${from} → ${to} ${describeMessage(message)}`);
        }
        return;
      default:
        invariant(false, 'raft/script-unknown-command', name);
    }
  }
}

function describeCore(core: RaftCore | undefined): string {
  if (core === undefined) return 'is down';
  const { role, term, leader, log } = core;
  const cursors = `log ${log.firstIndex}-${log.lastIndex} stable ${log.stable} commit ${log.committed}`;
  const configuration = describeConfiguration(configurationOf(core));
  return `${role} term ${term} leader ${leader ?? 'unknown'} ${cursors} ${configuration}`;
}

function envelopeFilter([from = '*', to = '*', kind]: readonly string[]): (envelope: Envelope) => boolean {
  return (envelope) =>
    (from === '*' || envelope.from === from) &&
    (to === '*' || envelope.to === to) &&
    (kind === undefined || envelope.message.kind === kind);
}

function changeOf(word: string): ConfigurationChange {
  const nodeId = word.slice(1);
  if (word.startsWith('+')) return { kind: 'addVoter', nodeId };
  return { kind: word.startsWith('~') ? 'addLearner' : 'remove', nodeId };
}

/** Plays the commands of a transcript. @returns the transcript with the output that they gave */
export function playScript(transcript: string): string {
  const script = new Script();
  return playTranscript(transcript, (line) => script.command(line));
}
