import type { ExecutionThreads } from './ports.js';
import type { BlockResult } from '../ports.js';
import type { Coordinator } from './coordinator.js';
import { Control, createSharedBuffers, Mail, MailState, Question, SharedMemory } from './sharedMemory.js';

/** The workers as the group's thread meets them: it tells them of a block, answers their questions, and waits. */
export class WorkerTeam {
  readonly memory: SharedMemory;
  readonly workers: number;
  readonly #threads: ExecutionThreads;
  readonly #mail: readonly ReturnType<SharedMemory['mailbox']>[];
  readonly #stallMs: number;
  #isBroken = false;

  /** Starts the threads. */
  constructor(threads: ExecutionThreads, workers: number, stallMs: number) {
    this.#stallMs = stallMs;
    const buffers = createSharedBuffers(workers);
    this.memory = new SharedMemory(buffers);
    this.workers = workers;
    this.#threads = threads;
    this.#mail = Array.from({ length: workers }, (_, worker) => this.memory.mailbox(worker));
    threads.start(buffers);
  }

  /** Whether a block may be given to them: all run, and none is left in an earlier block. */
  get isReady(): boolean {
    if (this.#isBroken || !this.#threads.areRunning()) return false;
    const { control } = this.memory;
    const block = Atomics.load(control, Control.Block);
    for (let worker = 0; worker < this.workers; worker++) {
      if (Atomics.load(control, Control.IdleSince + worker) !== block) return false;
    }
    return true;
  }

  /**
   * Settles a block with the workers' help. The thread waits for them; one that says nothing for `stallMs` is given
   * up with all the others, and the rest of the block is executed here.
   * @param lead how many outcomes may wait for this thread: each time it wakes up costs, and what is settled late is read late
   */
  run(coordinator: Coordinator, lead: number): BlockResult {
    const { control } = this.memory;
    Atomics.store(control, Control.Lead, lead);
    Atomics.add(control, Control.Block, 1);
    Atomics.notify(control, Control.Block);
    for (;;) {
      const bell = Atomics.load(control, Control.Doorbell);
      this.#answer(coordinator);
      const step = coordinator.advance();
      if (step === 'finished') break;
      if (step === 'settled') {
        Atomics.notify(control, Control.Settled);
        continue;
      }
      if (Atomics.wait(control, Control.Doorbell, bell, this.#stallMs) !== 'timed-out') continue;
      this.#giveUp();
      coordinator.workAlone();
    }
    if (!this.#isBroken) this.#awaitIdle();
    return coordinator.finish();
  }

  stop(): void {
    this.#giveUp();
  }

  #answer(coordinator: Coordinator): void {
    for (const { words, key } of this.#mail) {
      if (Atomics.load(words, Mail.State) !== MailState.Asked) continue;
      const asked = key.slice(0, Atomics.load(words, Mail.KeyBytes));
      const isIndex = Atomics.load(words, Mail.Question) === Question.Index;
      Atomics.store(words, Mail.Answer, isIndex ? coordinator.indexOf(asked) : coordinator.parentRecord(asked));
      Atomics.store(words, Mail.State, MailState.Answered);
      Atomics.notify(words, Mail.State);
    }
  }

  /** All is settled: workers have nothing left to run, and come to see it. */
  #awaitIdle(): void {
    const { control } = this.memory;
    while (!this.isReady) {
      const bell = Atomics.load(control, Control.Doorbell);
      if (this.isReady) return;
      if (Atomics.wait(control, Control.Doorbell, bell, this.#stallMs) === 'timed-out') return this.#giveUp();
    }
  }

  #giveUp(): void {
    this.#isBroken = true;
    const { control } = this.memory;
    Atomics.store(control, Control.Stop, 1);
    Atomics.notify(control, Control.Block);
    Atomics.notify(control, Control.Settled);
    for (const { words } of this.#mail) Atomics.notify(words, Mail.State);
  }
}
