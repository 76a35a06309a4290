import { SeededRandom } from '@menglian/base/seededRandom';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inputCount, LONG_TIMEOUT_MS } from '../fuzz/attack.js';
import { ChannelChain } from './channelChain.js';
import { rpcBody, type ConformanceClient } from './conformanceClient.js';
import { frameText, readTopicBody, TYPE, type Frame } from './frames.js';
import { hostileFrame, outcomeOf, samples } from './hostileFrames.js';
import { Sender } from './sender.js';

/**
 * Goal: whatever a client with a certificate sends, the node answers or ends the connection, stays up, and serves others.
 * Method: frames that are almost right, several connections at a time; the stream is read here as the server must read it,
 * so that a connection that ends without reason, or does not end for one, is found. MENGLIAN_LONG=1 sends a million.
 */

const FRAMES = inputCount(20_000);
const ATTACKERS = 4;
const FRAMES_IN_A_WRITE = 40;
/** A frame that promises more than this is left alone with its connection. */
const FILLED_BYTES_MAX = 200_000;

const sender = new Sender();
const from = samples();
let chain: ChannelChain;

beforeAll(async () => {
  chain = await ChannelChain.build();
  await chain.start(0);
});

afterAll(async () => {
  await chain?.stop();
});

/** Whatever was asked: what a node says in JSON is JSON, on one line. */
function expectReadable(frame: Frame): void {
  const { type, data } = frame;
  const isEvent = type === TYPE.registerEvent || type === TYPE.unregisterEvent;
  if (!isEvent && type !== TYPE.rpc && type !== TYPE.handshake && type !== TYPE.eventPush) return;
  const text = (isEvent ? readTopicBody(data).content : data).toString('utf8');
  expect(text.endsWith('\n') && typeof JSON.parse(text) === 'object', frameText(frame)).toBe(true);
}

/** Sends one write of frames and waits until the server has dealt with it. @returns whether the connection is of use still */
async function strike(client: ConformanceClient, random: SeededRandom): Promise<boolean> {
  const frames = Array.from({ length: FRAMES_IN_A_WRITE }, () => hostileFrame(random, from));
  const stream = Buffer.concat(frames);
  const { mustEnd, mayEnd, missingBytes } = outcomeOf(stream);
  client.write(stream);
  if (missingBytes > FILLED_BYTES_MAX) {
    await client.destroy();
    return false;
  }
  if (missingBytes > 0) client.write(Buffer.alloc(missingBytes));
  if (mustEnd) {
    await client.ended;
  } else {
    await client.ask(TYPE.rpc, rpcBody('getGroupList')).catch((error: Error) => {
      if (client.isOpen || !mayEnd) throw new Error(`after ${stream.toString('hex')}`, { cause: error });
    });
  }
  for (const frame of client.received.splice(0)) expectReadable(frame);
  client.dropUntaken();
  expect(client.violations).toEqual([]);
  return client.isOpen;
}

async function attack(seed: number, frames: number): Promise<void> {
  const random = new SeededRandom(seed);
  let client: ConformanceClient | undefined;
  for (let sent = 0; sent < frames; sent += FRAMES_IN_A_WRITE) {
    client ??= await chain.connect('go');
    if (!(await strike(client, random))) client = undefined;
  }
  await client?.close();
}

/** What an honest client does all the while. */
async function serve(client: ConformanceClient): Promise<void> {
  expect((await client.ask(TYPE.heartbeat, '')).data.toString()).toBe('{"heartBeat":1}\n');
  const head = Number(await client.rpc('getBlockNumber', 1));
  const { receipt } = await client.transact(sender.save({ blockLimit: BigInt(head + 500) }).raw);
  expect(JSON.parse(receipt.data.toString())).toMatchObject({ status: '0x0' });
  client.received.length = 0;
}

it(
  'mutated frames disturb nobody else',
  async () => {
    const bystander = await chain.connect();
    await bystander.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3}');
    const attackers = Array.from({ length: ATTACKERS }, async (_, index) => attack(index + 1, FRAMES / ATTACKERS));
    const state = { isOver: false };
    const over = Promise.all(attackers).finally(() => {
      state.isOver = true;
    });
    const served = (async () => {
      while (!state.isOver) await serve(bystander);
    })();
    await Promise.all([over, served]);
    expect(chain.node().isRunning).toBe(true);
    await bystander.finish();
  },
  LONG_TIMEOUT_MS,
);
