import type { CryptoSuite } from '@menglian/crypto/suite';
import { SHARED_KEY_BYTES_MAX } from './limits.js';
import { NotSpeculative } from './notSpeculative.js';
import { Control, Mail, MailState, NO_ROOM, Question, type SharedBuffers, SharedMemory } from './sharedMemory.js';
import { Speculator } from './speculator.js';

/** How long a wait lasts before it looks whether it must stop, in milliseconds; it is woken for everything else. */
const LOOK_MS = 500;

/**
 * All that an execution worker does, to be called on a thread of its own: returns when it is told to stop.
 * @param worker its number, from 0
 * @param nowMicros for measuring only, from any start
 */
export function runExecutionWorker(
  buffers: SharedBuffers,
  worker: number,
  suites: { readonly suite: CryptoSuite; readonly ecdsa: CryptoSuite },
  nowMicros: () => number,
): void {
  const memory = new SharedMemory(buffers);
  const mail = new Mailbox(memory, worker);
  const speculator = new Speculator(memory, worker, suites, {
    askIndex: (key) => mail.ask(Question.Index, key),
    askParent: (key) => {
      const record = mail.ask(Question.ParentValue, key);
      if (record === NO_ROOM) throw new NotSpeculative('no room for a setting');
      return memory.record(record);
    },
    nowMicros,
  });
  const { control } = memory;
  let block = 0;
  for (;;) {
    Atomics.wait(control, Control.Block, block, LOOK_MS);
    if (Atomics.load(control, Control.Stop) !== 0) return;
    const newest = Atomics.load(control, Control.Block);
    if (newest === block) continue;
    block = newest;
    work(memory, speculator);
    Atomics.store(control, Control.IdleSince + worker, block);
    ring(control);
  }
}

function work({ control }: SharedMemory, speculator: Speculator): void {
  speculator.begin();
  for (;;) {
    const settled = Atomics.load(control, Control.Settled);
    const claim = speculator.claim();
    if (claim === 'nothing left' || Atomics.load(control, Control.Stop) !== 0) return;
    if (claim === 'wait') {
      ring(control);
      Atomics.wait(control, Control.Settled, settled, LOOK_MS);
      continue;
    }
    speculator.run(claim);
    if (claim >= Atomics.load(control, Control.Settled) + Atomics.load(control, Control.Lead)) ring(control);
  }
}

function ring(control: Int32Array): void {
  Atomics.add(control, Control.Doorbell, 1);
  Atomics.notify(control, Control.Doorbell);
}

/** Questions to the coordinator, one at a time: the thread stands still until the answer is there. */
class Mailbox {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #key: Uint8Array;

  constructor(memory: SharedMemory, worker: number) {
    const { words, key } = memory.mailbox(worker);
    this.#control = memory.control;
    this.#words = words;
    this.#key = key;
  }

  ask(question: number, key: Uint8Array): number {
    if (key.length > SHARED_KEY_BYTES_MAX) return NO_ROOM;
    this.#key.set(key);
    Atomics.store(this.#words, Mail.Question, question);
    Atomics.store(this.#words, Mail.KeyBytes, key.length);
    Atomics.store(this.#words, Mail.State, MailState.Asked);
    ring(this.#control);
    while (Atomics.load(this.#words, Mail.State) === MailState.Asked) {
      Atomics.wait(this.#words, Mail.State, MailState.Asked, LOOK_MS);
      if (Atomics.load(this.#control, Control.Stop) !== 0) throw new NotSpeculative('the pool stops');
    }
    return Atomics.load(this.#words, Mail.Answer);
  }
}
