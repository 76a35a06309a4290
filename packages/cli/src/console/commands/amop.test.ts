import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Amop, AmopHandler, AmopMessage } from '@menglian/sdk/node/channel/amop';
import { afterAll, describe, expect, it } from 'vitest';
import { runLine } from '../run.js';
import { testSession } from '../testing/testSession.js';

const root = mkdtempSync(join(tmpdir(), 'menglian-amop-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const KEY = `0x${'ab'.repeat(64)}`;
const OTHER_KEY = `0x${'cd'.repeat(64)}`;

/** Messages that stay within this test. Each subscription is told to `send` something. */
class FakeAmop {
  readonly calls: string[] = [];
  readonly accepted = new Map<string, readonly string[]>();
  handler: AmopHandler | undefined;

  get acceptedTopics(): readonly string[] {
    return [...this.accepted.keys()];
  }

  readonly subscribe = (topic: string, handler: AmopHandler) => this.#begin(`subscribe ${topic}`, handler);
  readonly subscribePrivate = (topic: string, account: { publicKey: string }, handler: AmopHandler) =>
    this.#begin(`subscribePrivate ${topic} ${account.publicKey.length}`, handler);
  readonly acceptPrivate = (topic: string, keys: readonly string[]) => this.accepted.set(topic, keys);
  readonly publish = async (topic: string, content: string) => this.#answer(`publish ${topic} ${content}`);
  readonly publishPrivate = async (topic: string, content: string) =>
    this.#answer(`publishPrivate ${topic} ${content}`);
  readonly multicast = async (topic: string, content: string) => void this.calls.push(`multicast ${topic} ${content}`);
  readonly multicastPrivate = async (topic: string, content: string) =>
    void this.calls.push(`multicastPrivate ${topic} ${content}`);

  async send(content: string | Uint8Array, wantsAnswer = true): Promise<unknown> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const message: AmopMessage = { topic: 'prices', content: bytes, wantsAnswer };
    return this.handler?.(message);
  }

  #begin(call: string, handler: AmopHandler): () => void {
    this.calls.push(call);
    this.handler = handler;
    return () => {
      this.calls.push('unsubscribe');
      this.handler = undefined;
    };
  }

  #answer(call: string): Uint8Array {
    this.calls.push(call);
    return new TextEncoder().encode('thank you');
  }
}

function startSession(amop?: FakeAmop) {
  const said: string[] = [];
  const interrupt = new AbortController();
  const session = testSession({
    folder: root,
    ...(amop !== undefined && { amop: amop as unknown as Amop }),
    terminal: { say: (text) => said.push(text), interrupt: interrupt.signal },
  });
  const run = async (line: string) => {
    const outcome = await runLine(session, line);
    return outcome?.ok === true ? outcome.value.json : outcome?.reason.code;
  };
  return { run, said, interrupt };
}

describe('messages between clients', () => {
  it('come until there are enough, each with its answer', async () => {
    const amop = new FakeAmop();
    const { run, said } = startSession(amop);
    const listening = run('subscribeTopic prices 2 "thank you"');
    await expect.poll(() => amop.handler).toBeDefined();
    expect(await amop.send('tea: 12 a box')).toBe('thank you');
    expect(await amop.send(Uint8Array.of(0xff, 0x00), false)).toBe('thank you');
    expect(await amop.send('too late')).toBeUndefined();
    expect(await listening).toEqual([
      { topic: 'prices', content: 'tea: 12 a box', isBroadcast: false },
      { topic: 'prices', content: '0xff00', isBroadcast: true },
    ]);
    expect([said, amop.calls]).toEqual([
      ['prices: tea: 12 a box', 'prices: 0xff00'],
      ['subscribe prices', 'unsubscribe'],
    ]);
  });

  it('come until somebody does not want to wait any more', async () => {
    const amop = new FakeAmop();
    const { run, said, interrupt } = startSession(amop);
    const listening = run('subscribePrivateTopics offers');
    await expect.poll(() => amop.handler).toBeDefined();
    await amop.send('tea');
    interrupt.abort();
    expect(await listening).toHaveLength(1);
    expect(said[0]).toMatch(/^public key 0x[0-9a-f]{128}$/);
    expect(amop.calls).toEqual(['subscribePrivate offers 130', 'unsubscribe']);
  });

  it('do not pile up', async () => {
    const amop = new FakeAmop();
    const { run, interrupt } = startSession(amop);
    const listening = run('subscribeTopic prices');
    await expect.poll(() => amop.handler).toBeDefined();
    for (let index = 0; index < 1200; index++) await amop.send(String(index));
    for (let index = 0; index < 6; index++) await amop.send(String(index).repeat(4 * 1024 * 1024));
    interrupt.abort();
    const kept = (await listening) as { content: string }[];
    expect(kept.map(({ content }) => [content[0], content.length])).toEqual(
      ['2', '3', '4', '5'].map((first) => [first, 4 * 1024 * 1024]),
    );
  });

  it('go to one subscriber, to all, or to those whose keys were accepted', async () => {
    const amop = new FakeAmop();
    const { run } = startSession(amop);
    expect(await run('sendAmopMsg prices "tea: 12"')).toEqual({ topic: 'prices', answer: 'thank you' });
    await run('broadcastAmopMsg prices salt');
    await run(`publishPrivateTopic offers ${KEY}`);
    expect(await run(`publishPrivateTopic offers ${OTHER_KEY}`)).toEqual({
      topic: 'offers',
      publicKeys: [KEY, OTHER_KEY],
    });
    expect(amop.accepted.get('offers')).toEqual([KEY, OTHER_KEY]);
    await run('sendAmopMsg offers tea');
    await run('broadcastAmopMsg offers tea');
    expect(amop.calls).toEqual([
      'publish prices tea: 12',
      'multicast prices salt',
      'publishPrivate offers tea',
      'multicastPrivate offers tea',
    ]);
  });

  it('need the channel', async () => {
    const { run } = startSession();
    for (const line of [
      'subscribeTopic a',
      'sendAmopMsg a b',
      'broadcastAmopMsg a b',
      `publishPrivateTopic a ${KEY}`,
    ]) {
      expect(await run(line)).toBe('C20');
    }
  });

  it('have a key that is a key', async () => {
    const { run } = startSession(new FakeAmop());
    expect(await run('publishPrivateTopic offers 0x12')).toBe('C03');
  });
});
