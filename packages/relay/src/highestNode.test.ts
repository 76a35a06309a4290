import { setImmediate } from 'node:timers/promises';
import { sdkError } from '@menglian/sdk/sdkError';
import { FakeTransport, Refusal } from '@menglian/sdk/testing/fakeTransport';
import { beforeEach, describe, expect, it } from 'vitest';
import { HighestNode } from './highestNode.js';

/** What each node has as height, or why it does not answer. */
let heights: (number | Error | Refusal)[];
let nowMs: number;
let nodes: FakeTransport[];
let group: HighestNode;
beforeEach(() => {
  heights = [10, 10, 10];
  nowMs = 0;
  nodes = heights.map(
    (_, index) =>
      new FakeTransport((method) => {
        const height = heights[index]!;
        if (height instanceof Error) throw height;
        if (height instanceof Refusal) return height;
        return method === 'getBlockNumber' ? `0x${height.toString(16)}` : `node ${index}`;
      }),
  );
  group = new HighestNode(nodes, 1, () => nowMs);
});

const lost = sdkError('NoConnection', 'lost', 'wait');
const ask = async () => {
  const answer = await group.request({ method: 'getClientVersion', params: [] });
  await setImmediate();
  return answer;
};

describe('of several nodes', () => {
  it('the first is asked as long as it answers and is not far behind', async () => {
    expect(await ask()).toBe('node 0');
    heights = [10, 12, 12];
    nowMs = 6000;
    expect([await ask(), await ask()]).toEqual(['node 0', 'node 0']);
  });

  it('one that is cut off and answers of old blocks is left', async () => {
    await ask();
    heights = [10, 12, 13];
    nowMs = 6000;
    expect([await ask(), await ask()]).toEqual(['node 0', 'node 2']);
  });

  it('heights are compared now and then only, and by those who answer', async () => {
    for (let count = 0; count < 10; count++) await ask();
    expect(nodes[1]!.asked.length).toBe(1);
    heights = [lost, 20, 10];
    nowMs = 6000;
    expect(await ask()).toBe('node 1');
    heights = [30, new Refusal(-40_004, 'no such block'), 31];
    nowMs = 12_000;
    await expect(ask()).rejects.toMatchObject({ code: -40_004 });
    expect(await ask()).toBe('node 2');
  });

  it('the next is asked where one cannot be reached or has not the group, and all once', async () => {
    heights = [lost, new Refusal(-40_001, 'no such group'), 10];
    expect([await ask(), await ask()]).toEqual(['node 2', 'node 2']);
    heights = [lost, lost, lost];
    await expect(ask()).rejects.toMatchObject({ code: 'NoConnection' });
  });
});
