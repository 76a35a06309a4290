import { expect } from 'vitest';
import { IS_SM } from '../e2e/suite.js';
import { newSeq, rpcBody, type ConformanceClient } from './conformanceClient.js';
import { PUSH_SEQ, readTopicBody, TYPE, type Frame } from './frames.js';
import type { TLS_PROFILES } from './tlsProfiles.js';

/** What each SDK sends when it connects, in its own way of writing, and what it needs from the answers to go on. */
export interface SdkProfile {
  readonly tls: keyof typeof TLS_PROFILES;
  /** of the messages after `connect` */
  readonly protocol: 1 | 3;
  /** Ends when the SDK would let its application begin, subscribed to the blocks of group 1. */
  readonly connect: (client: ConformanceClient) => Promise<void>;
  /** The height in a block notification, found in the way of the SDK. */
  readonly blockNumber: (notification: Frame) => number;
  /** Types that it can hear without failing. */
  readonly knows: readonly number[];
}

interface Version {
  readonly 'Supported Version': string;
  readonly 'FISCO-BCOS Version': string;
  readonly 'Chain Id': string;
}

const BLOCK_TOPIC = '_block_notify_1';

export const SDK_PROFILES: Readonly<Record<string, SdkProfile>> = {
  java: { tls: 'java', protocol: 3, connect: connectJava, blockNumber: jsonBlockNumber, knows: Object.values(TYPE) },
  'java on JDK 8': {
    tls: 'java8',
    protocol: 3,
    connect: connectJava,
    blockNumber: jsonBlockNumber,
    knows: Object.values(TYPE),
  },
  python: {
    tls: 'python',
    protocol: 1,
    connect: connectPython,
    blockNumber: pythonBlockNumber,
    knows: Object.values(TYPE),
  },
  // Any other type is an exception that nobody catches.
  nodejs: {
    tls: 'nodejs',
    protocol: 1,
    connect: connectNodejs,
    blockNumber: nodejsBlockNumber,
    knows: [TYPE.rpc, TYPE.registerEvent, TYPE.receipt, TYPE.blockNotify, TYPE.eventPush],
  },
  go: { tls: 'go', protocol: 3, connect: connectGo, blockNumber: jsonBlockNumber, knows: Object.values(TYPE) },
};

async function connectJava(client: ConformanceClient): Promise<void> {
  expectTwoPointX(await client.rpc<Version>('getClientVersion'));
  const shake = await client.ask(TYPE.handshake, '{"maximumSupport":3,"minimumSupport":1,"clientType":"java-sdk"}');
  const { protocol, nodeVersion } = JSON.parse(shake.data.toString('utf8')) as { [key: string]: unknown };
  expect(protocol).toBe(3);
  expect(nodeVersion).toMatch(/^2\.\d+\.\d+$/);
  const beat = await client.ask(TYPE.heartbeat, '{"heartBeat":0}');
  expect(beat.data.toString()).toBe('{"heartBeat":1}\n');

  const groups = await client.rpc<number[]>('getGroupList');
  expect(groups).toEqual([1]);
  for (const group of groups) expect(await client.rpc('getBlockNumber', group)).toMatch(/^0x[0-9a-f]+$/);
  expectTwoPointX(await client.rpc<Version>('getClientVersion'));
  // It reports its topics after each change, sometimes twice in a row.
  client.send(TYPE.reportTopics, `["${BLOCK_TOPIC}"]`);
  client.send(TYPE.reportTopics, `["${BLOCK_TOPIC}"]`);

  expect(await client.rpc('getGroupList')).toContain(1);
  // So it learns the suite of the chain.
  const { 'FISCO-BCOS Version': version } = await client.rpc<Version>('getClientVersion');
  expect(version.includes('gm')).toBe(IS_SM);
}

async function connectPython(client: ConformanceClient): Promise<void> {
  // With spaces, as its JSON library writes.
  const text = await client.rpcText('{"jsonrpc": "2.0", "method": "getBlockNumber", "params": [1], "id": 1}');
  expect(Number((JSON.parse(text) as { result: string }).result)).toBeGreaterThanOrEqual(0);
  client.send(TYPE.reportTopics, `["${BLOCK_TOPIC}"]`);
  // Sent when it was quiet for some seconds; gets no answer.
  client.send(TYPE.heartbeat, '');
}

async function connectNodejs(client: ConformanceClient): Promise<void> {
  const text = await client.rpcText(rpcBody('getBlockNumber', 1));
  expect((JSON.parse(text) as { result: string }).result).toBeTruthy();
  client.send(TYPE.reportTopics, `["${BLOCK_TOPIC}"]`);
}

async function connectGo(client: ConformanceClient): Promise<void> {
  const shake = await client.ask(TYPE.handshake, '{"minimumSupport":1,"maximumSupport":3,"clientType":"Go-SDK"}');
  expect(JSON.parse(shake.data.toString('utf8'))).toMatchObject({ protocol: 3 });
  client.send(TYPE.reportTopics, `["${BLOCK_TOPIC}"]`);
  const version = await client.rpc<Version>('getClientVersion');
  expectTwoPointX(version);
  expect(version['FISCO-BCOS Version'].includes('gm')).toBe(IS_SM);
  // Compared with its configuration: another one, and it refuses to start.
  expect(version['Chain Id']).toBe('1');
  // Every half minute; it ignores what comes back.
  await client.ask(TYPE.heartbeat, '', newSeq());
}

function expectTwoPointX(version: Version): void {
  expect(version['Supported Version']).toMatch(/^2\.[1-9]\d*\.\d+$/);
}

function jsonBlockNumber({ seq, data }: Frame): number {
  const { topic, content } = readTopicBody(data);
  const { groupID, blockNumber } = JSON.parse(content.toString('utf8')) as { [key: string]: unknown };
  expect([seq, topic, groupID]).toEqual([PUSH_SEQ, BLOCK_TOPIC, 1]);
  return blockNumber as number;
}

/** Splits all of the payload, the topic included. */
function pythonBlockNumber({ data }: Frame): number {
  const [, number, ...more] = data.toString('utf8').split(',');
  expect(more).toEqual([]);
  return Number(number);
}

function nodejsBlockNumber({ data }: Frame): number {
  const { topic, content } = readTopicBody(data);
  expect(topic).toBe(BLOCK_TOPIC);
  const [group, number] = content.toString('utf8').split(',');
  expect(group).toBe('1');
  return Number(number);
}
