import type { Effect } from '@menglian/consensus-core/ports';
import { describe, expect, it } from 'vitest';
import { EffectRunner } from './effectRunner.js';

const persist = (key: string): Effect => ({ kind: 'persist', records: [{ key, value: new Uint8Array(0) }] });
const send = (name: string): Effect => ({ kind: 'send', to: [name], payload: new Uint8Array(0) });

/** A runner on a disk that answers when told to, and what happened so far. */
function createRunner() {
  const events: string[] = [];
  const failures: unknown[] = [];
  const writes: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const runner: EffectRunner = new EffectRunner({
    persist: (effects) => {
      events.push(`write ${effects.map((effect) => effect.records[0]!.key).join(' ')}`);
      return new Promise((resolve, reject) => writes.push({ resolve, reject }));
    },
    perform: (effect) => {
      events.push(effect.kind === 'send' ? `send ${effect.to[0]}` : effect.kind);
      if (effect.kind === 'send' && effect.to[0] === 'bomb') throw new Error('broken');
      if (effect.kind === 'send' && effect.to[0] === 'question') runner.push([persist('answer'), send('answer')]);
    },
    fail: (error) => failures.push(error),
  });
  return { runner, events, failures, writes };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the effect runner', () => {
  it('lets nothing leave before what it depends on is on disk', async () => {
    const { runner, events, writes } = createRunner();
    runner.push([send('a'), persist('x'), send('b')]);
    await settle();
    expect(events).toEqual(['write x']);
    writes[0]!.resolve();
    await runner.idle();
    expect(events).toEqual(['write x', 'send a', 'send b']);
  });

  it('gathers what comes while the disk writes into one further write', async () => {
    const { runner, events, writes } = createRunner();
    runner.push([persist('1'), send('one')]);
    runner.push([persist('2'), send('two')]);
    runner.push([persist('3'), send('three')]);
    writes[0]!.resolve();
    await settle();
    expect(events).toEqual(['write 1', 'send one', 'write 2 3']);
    writes[1]!.resolve();
    await runner.idle();
    expect(events).toEqual(['write 1', 'send one', 'write 2 3', 'send two', 'send three']);
  });

  it('keeps the order when an effect brings further ones at once', async () => {
    const { runner, events, writes } = createRunner();
    runner.push([send('question'), send('a')]);
    runner.push([send('b')]);
    await settle();
    expect(events).toEqual(['send question', 'send a', 'write answer']);
    writes[0]!.resolve();
    await runner.idle();
    runner.push([send('c')]);
    expect(events).toEqual(['send question', 'send a', 'write answer', 'send answer', 'send b', 'send c']);
  });

  it('does nothing more once the disk or an effect failed', async () => {
    for (const isDisk of [true, false]) {
      const { runner, events, failures, writes } = createRunner();
      runner.push(isDisk ? [persist('x'), send('a')] : [send('bomb'), send('a')]);
      await settle();
      writes[0]?.reject(new Error('disk'));
      await runner.idle();
      expect(failures).toHaveLength(1);
      runner.push([send('later')]);
      await runner.idle();
      expect(events).not.toContain('send a');
      expect(events).not.toContain('send later');
    }
  });
});
