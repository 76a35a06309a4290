import { answersTooLong, internalError, type Outcome } from '@menglian/rpc/errors';
import { ANSWER_CHARACTERS_MAX } from '@menglian/rpc/limits';
import { joinedRequests } from '@menglian/rpc/methods/groupMethods';
import type { GroupRequest } from '@menglian/rpc/ports';
import { Pace } from './pace.js';

/** Time for requests before the messages of other nodes, above all those of consensus, get their turn. */
const SLICE_MS = 10;

/** Time for one source before the next one has its turn. */
const TURN_MS = 5;

/** Requests answered together, where that is cheaper than one by one. */
const JOINED_MAX = 512;

/** Characters of the answers to all batches that are not answered in full; one that has few so far goes on above it. */
export const ALL_ANSWER_CHARACTERS_MAX = 512 * 1024 * 1024;
const FEW_CHARACTERS = 64 * 1024;

/** Outcomes are handed over when they have so many characters, or the batch is done: the other thread shall not take much at once. */
export const PART_CHARACTERS = 1024 * 1024;

interface Batch {
  readonly number: number;
  readonly requests: readonly GroupRequest[];
  /** requests that were run */
  done: number;
  /** in all their answers */
  characters: number;
  /** Outcomes that were not handed over, and their characters. */
  outcomes: Outcome[];
  partCharacters: number;
}

/** What waits of one client. */
interface Source {
  /** in order of arrival, at least one */
  readonly batches: Batch[];
  /**
   * Time for it. Below 0 after a request that took longer than a turn: it leaves out turns until that is made good. Above 0
   * where the end of a slice cut its turn short.
   */
  leftMs: number;
}

/**
 * Runs the requests of clients a short time at once, so that a long batch does not stop the chain. Clients take turns, so
 * that dear requests of one make only itself wait; those of one client are answered in order of arrival. Bounded by the
 * clients' thread, in number (`BATCHES_MAX`) and in bytes.
 */
export class RequestQueue {
  readonly #run: (requests: readonly GroupRequest[]) => Outcome[];
  readonly #answer: (number: number, outcomes: Outcome[]) => void;
  readonly #onError: (error: unknown) => void;
  readonly #nowMs: () => number;
  /** Who has something waiting, in the order of their turns. */
  readonly #sources = new Map<number, Source>();
  #immediate: NodeJS.Immediate | undefined;
  #untilMs = 0;
  /** of all batches that wait */
  #characters = 0;
  /** of joined requests */
  readonly #pace = new Pace({ sliceMs: SLICE_MS / 2, countMax: JOINED_MAX });

  constructor(components: {
    /** given one request, or several that `joinedRequests` joins */
    readonly run: (requests: readonly GroupRequest[]) => Outcome[];
    /** given outcomes of a batch, in the order of its requests: all, or the next ones */
    readonly answer: (number: number, outcomes: Outcome[]) => void;
    /** a request did what none may do */
    readonly onError: (error: unknown) => void;
    readonly nowMs: () => number;
  }) {
    this.#run = components.run;
    this.#answer = components.answer;
    this.#onError = components.onError;
    this.#nowMs = components.nowMs;
  }

  /**
   * @param source who asks
   * @param number handed back with the answers
   */
  push(source: number, number: number, requests: readonly GroupRequest[]): void {
    const batch: Batch = { number, requests, done: 0, characters: 0, outcomes: [], partCharacters: 0 };
    const waiting = this.#sources.get(source);
    if (waiting === undefined) this.#sources.set(source, { batches: [batch], leftMs: 0 });
    else waiting.batches.push(batch);
    // Within one turn of the event loop all pushes share one slice.
    if (this.#immediate === undefined) this.#beginSlice();
    this.#work();
  }

  /** Answers nothing any more. */
  stop(): void {
    this.#sources.clear();
    clearImmediate(this.#immediate);
  }

  #beginSlice(): void {
    this.#untilMs = this.#nowMs() + SLICE_MS;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (this.#sources.size === 0) return;
      this.#beginSlice();
      this.#work();
    });
  }

  #work(): void {
    try {
      // Who is put back stands at the end, where the loop comes to it again.
      for (const [number, source] of this.#sources) {
        const startedAtMs = this.#nowMs();
        if (startedAtMs >= this.#untilMs) return;
        this.#sources.delete(number);
        source.leftMs += TURN_MS;
        if (source.leftMs > 0) this.#takeTurn(source, startedAtMs);
        if (source.batches.length > 0) this.#sources.set(number, source);
      }
    } catch (error) {
      this.stop();
      this.#onError(error);
    }
  }

  #takeTurn(source: Source, startedAtMs: number): void {
    const untilMs = Math.min(this.#untilMs, startedAtMs + source.leftMs);
    let nowMs = startedAtMs;
    for (let batch = source.batches[0]; batch !== undefined && nowMs < untilMs; batch = source.batches[0]) {
      nowMs = this.#runUntil(untilMs, batch);
      const isDone = batch.done === batch.requests.length;
      if (isDone || batch.partCharacters >= PART_CHARACTERS) this.#handOver(batch);
      if (!isDone) break;
      source.batches.shift();
      this.#characters -= batch.characters;
    }
    source.leftMs -= nowMs - startedAtMs;
  }

  #handOver(batch: Batch): void {
    this.#answer(batch.number, batch.outcomes);
    batch.outcomes = [];
    batch.partCharacters = 0;
  }

  /** Runs at least one request of the batch. @returns what time it is */
  #runUntil(untilMs: number, batch: Batch): number {
    const { requests } = batch;
    let nowMs: number;
    do {
      const count = joinedRequests(requests, batch.done, this.#pace.count);
      for (const outcome of this.#runTogether(batch, count)) this.#note(batch, outcome);
      nowMs = this.#nowMs();
    } while (nowMs < untilMs && batch.done < requests.length && batch.partCharacters < PART_CHARACTERS);
    return nowMs;
  }

  #note(batch: Batch, outcome: Outcome): void {
    batch.done += 1;
    batch.outcomes.push(outcome);
    if (!outcome.ok) return;
    batch.characters += outcome.json.length;
    batch.partCharacters += outcome.json.length;
    this.#characters += outcome.json.length;
  }

  #runTogether({ requests, done, characters }: Batch, count: number): Outcome[] {
    const joined = requests.slice(done, done + count);
    if (characters > ANSWER_CHARACTERS_MAX) return joined.map(() => ({ ok: false, error: answersTooLong() }));
    if (this.#characters > ALL_ANSWER_CHARACTERS_MAX && characters > FEW_CHARACTERS) return joined.map(tooManyAnswers);
    const startedAtMs = this.#nowMs();
    const answers = this.#run(joined);
    if (count > 1) this.#pace.took(count, this.#nowMs() - startedAtMs);
    return answers;
  }
}

function tooManyAnswers(): Outcome {
  const comment = `the answers to all clients are longer than ${ALL_ANSWER_CHARACTERS_MAX} characters`;
  return { ok: false, error: internalError(comment, 'ask again later, or for less in one batch') };
}
