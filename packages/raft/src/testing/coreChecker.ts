/** What must hold over all nodes, whatever happens to them (Raft, figure 3). */
import { utf8Text } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { Entry } from '../core/entry.js';
import type { RaftMessage } from '../core/messages.js';
import type { RaftCore } from '../core/state.js';

interface Watched {
  readonly id: string;
  readonly core: RaftCore | undefined;
}

export class CoreChecker {
  readonly #leaders = new Map<number, string>();
  readonly #terms = new Map<string, number>();
  readonly #committed = new Map<number, string>();
  /** In which term each index was committed: that of the first who knew, its leader. */
  readonly #committedIn = new Map<number, number>();
  readonly #votes = new Map<string, string>();
  /** Data entries committed so far, by index: their number is the height of the application. */
  readonly #heights = new Map<number, number>();

  /** The application's height after this committed entry. */
  heightOf(entry: Entry): number {
    let height = this.#heights.get(entry.index);
    if (height === undefined) {
      height = this.#heights.size + 1;
      this.#heights.set(entry.index, height);
    }
    return height;
  }

  check(nodes: Iterable<Watched>): void {
    for (const { id, core } of nodes) {
      if (core === undefined) continue;
      const { term, role, log } = core;
      invariant(term >= (this.#terms.get(id) ?? 0), 'raft/check-term-fell', id);
      this.#terms.set(id, term);
      if (role === 'leader') this.#agree(this.#leaders, term, id, 'two-leaders');
      invariant(log.committed <= log.stable && log.stable <= log.lastIndex, 'raft/check-cursors', id);
      for (let index = log.firstIndex; index <= log.committed; index++) {
        const entry = log.entry(index)!;
        const data = entry.content.kind === 'data' ? utf8Text(entry.content.data) : entry.content.kind;
        this.#agree(this.#committed, index, `${entry.term} ${data}`, 'committed-differs');
        if (!this.#committedIn.has(index)) this.#committedIn.set(index, term);
        if (entry.content.kind === 'data') this.heightOf(entry);
      }
      if (role === 'leader') this.#checkCompleteness(core);
    }
  }

  /** What leaves a node must be on its disk; one vote in a term. */
  checkSent(id: string, core: RaftCore, message: RaftMessage): void {
    const { recorded } = core;
    invariant(recorded.term === core.term && recorded.vote === core.vote, 'raft/check-sent-before-written', id);
    invariant(core.log.written === core.log.stable, 'raft/check-entries-before-written', id);
    if (message.kind === 'appendResponse' && message.hint === undefined) {
      invariant(message.index <= core.log.stable, 'raft/check-acknowledged-unwritten', id);
    }
    if (message.kind === 'voteResponse' && message.isGranted) {
      this.#agree(this.#votes, `${id} ${message.term}`, core.vote ?? '', 'two-votes');
    }
  }

  /** A leader has every entry that was committed before its term, and in it. */
  #checkCompleteness(core: RaftCore): void {
    for (const [index, known] of this.#committed) {
      if (index <= core.log.compaction.index) continue;
      const entry = core.log.entry(index);
      if (this.#committedIn.get(index)! > core.term) continue;
      const term = Number(known.split(' ')[0]);
      invariant(
        entry !== undefined && entry.term === term,
        'raft/check-leader-completeness',
        `${core.nodeId} ${index}`,
      );
    }
  }

  #agree<K>(known: Map<K, string>, key: K, value: string, code: string): void {
    const before = known.get(key);
    if (before === undefined) known.set(key, value);
    else invariant(before === value, `raft/check-${code}`, `${String(key)}: ${before} and ${value}`);
  }
}
