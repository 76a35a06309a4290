import { setTimeout as nextTurn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventCode, type EventRequest } from '@menglian/channel/events/eventRequest';
import { NOT_READY, type Outcome } from '@menglian/rpc/errors';
import type { ClientsToGroup, GroupToClients } from './clientsProtocol.js';
import { BATCHES_MAX, GroupLink } from './groupLink.js';
import { SILENT_INTERVALS_MAX } from './silenceWatch.js';

const SOURCE = 3;
const REFUSED: Outcome = { ok: false, error: NOT_READY };
const request = (method: string) => ({ method, params: [] });
const ports: MessagePort[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const port of ports.splice(0)) port.close();
});

/** A link and the other end of its port, which collects what is asked. */
function connect() {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const asked: Extract<ClientsToGroup, { kind: 'requests' }>[] = [];
  const silences: boolean[] = [];
  const pings: ClientsToGroup[] = [];
  let wake = (): void => {};
  port2.on('message', (message: Extract<ClientsToGroup, { kind: 'requests' | 'ping' }>) => {
    if (message.kind === 'ping') pings.push(message);
    else asked.push(message);
    wake();
  });
  const until = async (count: number) => {
    while (asked.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  const say = (message: GroupToClients) => port2.postMessage(message);
  const untilPinged = async (count: number) => {
    while (pings.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  const link = new GroupLink(port1, {
    onBlock: () => {},
    onReceipts: () => {},
    onEvents: () => {},
    onSilence: (isSilent) => silences.push(isSilent),
  });
  return { link, asked, silences, until, untilPinged, say, end: () => port2.close() };
}

/** A link to a group that is open. */
async function connectReady() {
  const connected = connect();
  connected.say({ kind: 'ready' });
  // The message is delivered in a later turn; until then requests are refused.
  for (;;) {
    const outcomes = connected.link.request(SOURCE, [request('first')]);
    await nextTurn();
    if (connected.asked.length > 0) return { ...connected, first: outcomes };
  }
}

describe('the link of the clients’ thread to a group', () => {
  it('refuses everything until the group is open', async () => {
    const { link, asked } = connect();
    expect(await link.request(SOURCE, [request('a'), request('b')])).toEqual([REFUSED, REFUSED]);
    expect(asked).toEqual([]);
  });

  it('is opened once requests are answered, and for ever when they never will be', async () => {
    const ready = connect();
    ready.say({ kind: 'ready' });
    await ready.link.opened();
    void ready.link.request(SOURCE, [request('first')]);
    await ready.until(1);
    const failed = connect();
    failed.link.fail();
    await failed.link.opened();
    const ended = connect();
    ended.end();
    await ended.link.opened();
  });

  it('gives each batch its own answers, in whatever order they come', async () => {
    const { link, say, until, asked, first } = await connectReady();
    const second = link.request(SOURCE, [request('second'), request('third')]);
    await until(2);
    expect(asked.map(({ requests }) => requests.map(({ method }) => method))).toEqual([['first'], ['second', 'third']]);
    const outcome = (json: string): Outcome => ({ ok: true, json });
    say({ kind: 'answers', number: asked[1]!.number, outcomes: [outcome('2'), outcome('3')] });
    expect(await second).toEqual([outcome('2'), outcome('3')]);
    say({ kind: 'answers', number: asked[0]!.number, outcomes: [outcome('1')] });
    expect(await first).toEqual([outcome('1')]);
  });

  it('puts together what comes in parts', async () => {
    const { link, say, until, asked } = await connectReady();
    const batch = link.request(SOURCE, ['a', 'b', 'c'].map(request));
    await until(2);
    const outcome = (json: string): Outcome => ({ ok: true, json });
    const { number } = asked[1]!;
    say({ kind: 'answers', number, outcomes: [outcome('1')] });
    say({ kind: 'answers', number, outcomes: [outcome('2'), REFUSED] });
    expect(await batch).toEqual([outcome('1'), outcome('2'), REFUSED]);
  });

  it('answers who waits when the group fails, and everybody after', async () => {
    const { link, first } = await connectReady();
    link.fail();
    expect(await first).toEqual([REFUSED]);
    expect(await link.request(SOURCE, [request('late')])).toEqual([REFUSED]);
  });

  it('answers who waits when the thread of the group ends', async () => {
    const { end, first } = await connectReady();
    end();
    expect(await first).toEqual([REFUSED]);
  });

  it('refuses at once when the group owes too many answers', async () => {
    const { link } = await connectReady();
    for (let count = 1; count < BATCHES_MAX; count++) void link.request(SOURCE, [request('more')]);
    expect(await link.request(SOURCE, [request('one too many')])).toEqual([REFUSED]);
  });

  it('answers who waits for a group that gives no sign of life, and goes on when it does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { link, say, until, untilPinged, silences, first, asked } = await connectReady();
    const watch = link.registerEvents(SOURCE, {} as EventRequest);
    const look = (intervals: number) => vi.advanceTimersByTime(2000 * intervals);
    look(SILENT_INTERVALS_MAX);
    // What is busy, and says so, may owe its answers for long.
    await untilPinged(1);
    say({ kind: 'pong' });
    const beat = link.opened().then(() => nextTurn());
    await beat;
    look(SILENT_INTERVALS_MAX);
    expect(silences).toEqual([]);
    look(1);
    expect(silences).toEqual([true]);
    expect(await first).toEqual([REFUSED]);
    expect(await watch).toBe(EventCode.groupNotFound);
    expect(await link.request(SOURCE, [request('meanwhile')])).toEqual([REFUSED]);
    look(10);
    await untilPinged(2);
    // What was asked before is answered late: nobody waits for it.
    say({ kind: 'answers', number: asked[0]!.number, outcomes: [{ ok: true, json: '1' }] });
    say({ kind: 'pong' });
    while (silences.length < 2) await nextTurn();
    expect(silences).toEqual([true, false]);
    const next = link.request(SOURCE, [request('next')]);
    await until(asked.length + 1);
    say({ kind: 'answers', number: asked.at(-1)!.number, outcomes: [{ ok: true, json: '2' }] });
    expect(await next).toEqual([{ ok: true, json: '2' }]);
  });

  it('does not look for signs where nothing is owed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { say, first, asked, silences } = await connectReady();
    expect(vi.getTimerCount()).toBe(1);
    say({ kind: 'answers', number: asked[0]!.number, outcomes: [{ ok: true, json: '1' }] });
    await first;
    vi.advanceTimersByTime(2000);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(100_000);
    expect(silences).toEqual([]);
  });
});
