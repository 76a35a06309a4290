import { toPrefixedHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { Log } from '@menglian/types/receipt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SdkError } from '../sdkError.js';
import { ChainReader, type ProvenBlock } from './chainReader.js';
import type { Finding } from './finding.js';
import { FakeChain } from './testing/fakeChain.js';

const suite = await loadSuite('ecdsa');
const CONTRACT = '2006'.padStart(40, '0');
const OTHER = '77'.repeat(20);

function log(text: string, address = CONTRACT): Log {
  return { address, topics: [suite.hash(utf8Bytes(text))], data: utf8Bytes(text) };
}

/** Five blocks; the third has three transactions, the fourth none. */
function chainOf(options: Partial<ConstructorParameters<typeof FakeChain>[1]> = {}): FakeChain {
  const chain = new FakeChain(suite, { groupId: 1, ...options });
  chain.add([[log('a')]]);
  chain.add([[], [log('b', OTHER)]]);
  chain.add([[log('c')], [log('d'), log('e')], []]);
  chain.add();
  chain.add([[log('f')]]);
  return chain;
}

async function read(chain: FakeChain): Promise<{ blocks: ProvenBlock[]; finding: Finding | undefined }> {
  const reader = new ChainReader(chain.client, { label: 'shop', addresses: [`0x${CONTRACT}`] });
  const origin = await reader.open();
  const blocks: ProvenBlock[] = [];
  if (!origin.ok) return { blocks, finding: origin.reason };
  expect(origin.value.identity).toBe(toPrefixedHex(chain.identity));
  for await (const block of reader.blocks(chain.height)) {
    if (!block.ok) return { blocks, finding: block.reason };
    blocks.push(block.value);
  }
  return { blocks, finding: undefined };
}

/** What is wrong, and where. */
async function problemOf(chain: FakeChain): Promise<string> {
  const { finding } = await read(chain);
  expect(finding === undefined || finding.chain === 'shop').toBe(true);
  return finding === undefined ? 'none' : `${finding.blockNumber}: ${finding.subject}`;
}

describe('a chain is read', () => {
  it('with all its logs of the contracts that were asked for', async () => {
    const { blocks, finding } = await read(chainOf());
    expect(finding).toBeUndefined();
    expect(blocks.map(({ number, logs }) => [number, logs.map(({ transactionIndex }) => transactionIndex)])).toEqual([
      [1, [0]],
      [2, []],
      [3, [0, 1, 1]],
      [4, []],
      [5, [0]],
    ]);
  });

  it('on from where it was left', async () => {
    const chain = chainOf();
    const reader = new ChainReader(chain.client, { label: 'shop', addresses: [] });
    await reader.open();
    const numbers: number[] = [];
    for (const last of [2, 2, 5]) {
      for await (const block of reader.blocks(last)) numbers.push(block.ok ? block.value.number : -1);
    }
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  it('when gas is charged: whole receipts say what remains', async () => {
    expect((await read(chainOf({ remainGas: 5n }))).blocks.length).toBe(5);
  });

  it('when its sealers change and enough of those before agree', async () => {
    const chain = chainOf();
    chain.changeSealers([1, 2, 3, 4, 5]);
    chain.add();
    chain.changeSealers([2, 3, 4, 5]);
    chain.add();
    expect(await problemOf(chain)).toBe('none');
    chain.changeSealers([6, 7, 8, 9]);
    chain.add();
    expect(await problemOf(chain)).toBe('8: the sealers are others than before, and too few of those before signed');
  });

  it('by the rule of its consensus', async () => {
    const chain = chainOf({ consensusType: 'raft' });
    chain.blocks[3]!.signatures = chain.sign(chain.blocks[3]!.header, [0, 1, 2]);
    expect(await problemOf(chain)).toBe('none');
    chain.blocks[3]!.signatures = chain.sign(chain.blocks[3]!.header, [0, 1]);
    expect(await problemOf(chain)).toBe('3: too few sealers signed the header');
  });

  it('with many more blocks than are asked for ahead', async () => {
    const chain = chainOf();
    while (chain.height < 60) chain.add([[log(`block ${chain.height}`)]]);
    const { blocks } = await read(chain);
    expect(blocks.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });
});

it('a receipt does not say where it is', async () => {
  for (const remainGas of [0n, 5n]) {
    const chain = chainOf({ remainGas });
    const truth = (await read(chain)).blocks.map(({ logs }) => logs);
    chain.lie = (method, _params, answer) => {
      if (method === 'getTransactionReceipt') {
        return { ...(answer as object), blockNumber: 9, transactionIndex: 9, blockHash: `0x${'ab'.repeat(32)}` };
      }
      if (!method.startsWith('getBatch')) return answer;
      const batch = answer as { blockInfo: object };
      return { ...batch, blockInfo: { ...batch.blockInfo, blockNumber: 9 } };
    };
    expect((await read(chain)).blocks.map(({ logs }) => logs)).toEqual(truth);
  }
});

describe('a node is caught', () => {
  it('when a header was changed', async () => {
    const chain = chainOf();
    chain.blocks[3]!.header = { ...chain.blocks[3]!.header, timestampMs: 1 };
    expect(await problemOf(chain)).toBe('3: a signature of the header does not hold');
  });

  it('when too few sealers signed', async () => {
    const chain = chainOf();
    chain.blocks[2]!.signatures = chain.sign(chain.blocks[2]!.header, [0, 1]);
    expect(await problemOf(chain)).toBe('2: too few sealers signed the header');
  });

  it('when it gives one block in the place of another', async () => {
    const chain = chainOf();
    chain.blocks[3] = chain.blocks[5]!;
    expect(await problemOf(chain)).toBe('3: the header is of block 5');
  });

  it('when it leaves out the parent', async () => {
    const [chain, other] = [chainOf(), chainOf()];
    other.rewrite(2, (receipts) => receipts.toReversed());
    chain.blocks[3] = other.blocks[3]!;
    expect(await problemOf(chain)).toBe('3: the header names another parent');
  });

  it('when it leaves out a receipt, changes one, or their order', async () => {
    const changes = [
      (list: readonly object[]) => list.slice(0, -1),
      (list: readonly object[]) => list.map((one, index) => (index === 1 ? { ...one, gasUsed: '0x1' } : one)),
      (list: readonly object[]) => list.map((one, index) => (index === 1 ? { ...one, logs: [] } : one)),
      (list: readonly object[]) => list.toReversed().map((one, index) => ({ ...one, transactionIndex: index })),
    ];
    for (const [index, change] of changes.entries()) {
      const chain = chainOf();
      chain.lie = (method, params, truth) => {
        const isThird = method.startsWith('getBatch') && Number(params[1]) === 3;
        if (!isThird && method !== 'getTransactionReceipt') return truth;
        if (method === 'getTransactionReceipt') {
          const receipt = truth as { transactionIndex: number };
          return receipt.transactionIndex === 1 ? { ...receipt, logs: [], gasUsed: '0x1' } : truth;
        }
        const { blockInfo, transactionReceipts } = truth as { blockInfo: object; transactionReceipts: object[] };
        const list = change(transactionReceipts);
        return { blockInfo: { ...blockInfo, receiptsCount: list.length }, transactionReceipts: list };
      };
      const what = 'the receipts are not those that the header commits to';
      expect(await problemOf(chain), String(index)).toBe(`3: ${what}`);
    }
  });

  it('when it names other transactions, receipts of another block, or fewer than it counts', async () => {
    const third = (change: (batch: { blockInfo: object; transactionReceipts: object[] }) => object) => {
      const chain = chainOf();
      chain.lie = (method, params, truth) =>
        method.startsWith('getBatch') && Number(params[1]) === 3
          ? change(truth as { blockInfo: object; transactionReceipts: object[] })
          : truth;
      return problemOf(chain);
    };
    const hash = `0x${'ab'.repeat(32)}`;
    const renamed = (list: object[]) =>
      list.map((one, index) => (index === 0 ? { ...one, transactionHash: hash } : one));
    expect(
      await third(({ blockInfo, transactionReceipts }) => ({
        blockInfo,
        transactionReceipts: renamed(transactionReceipts),
      })),
    ).toBe('3: the transactions are not those that the header commits to');
    expect(await third((batch) => ({ ...batch, blockInfo: { ...batch.blockInfo, blockHash: hash } }))).toBe(
      '3: the receipts are of another block than the header',
    );
    expect(await third((batch) => ({ ...batch, blockInfo: { ...batch.blockInfo, receiptsCount: 2 ** 50 } }))).toBe(
      '3: receipt 3 is missing',
    );
  });

  it('when block 0 is none', async () => {
    const chain = chainOf();
    chain.blocks[0]!.header = { ...chain.blocks[0]!.header, extraData: [] };
    expect(await problemOf(chain)).toBe('0: block 0 has no mark of its chain');
    chain.blocks[0]!.header = { ...chain.blocks[0]!.header, extraData: [utf8Bytes('1-ab,-pbft-')] };
    expect(await problemOf(chain)).toBe('0: the mark of block 0 names no sealers');
    chain.blocks[0]!.header = chain.blocks[1]!.header;
    expect(await problemOf(chain)).toBe('0: the header is of block 1, not of block 0');
  });
});

/** Paths of all values that are no objects. */
function leavesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
}

function changedAt(value: unknown, [name, ...path]: readonly string[], change: (leaf: unknown) => unknown): unknown {
  if (name === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = changedAt(copy[name], path, change);
  return copy;
}

/** Another value of its kind: a digit, a number or a character is another one. */
function mutated(leaf: unknown, at: number): unknown {
  if (typeof leaf === 'number') return leaf + 1 + (at % 3);
  const text = String(leaf);
  const place = Math.min(text.length - 1, 2 + (at % Math.max(1, text.length - 2)));
  return `${text.slice(0, place)}${text[place] === '7' ? '8' : '7'}${text.slice(place + 1)}`;
}

it('whatever a node changes in one answer, an auditor sees the truth or nothing', async () => {
  const truth = (await read(chainOf())).blocks.map(({ logs }) => logs);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 8 }), fc.nat(), fc.nat(), async (turn, leaf, at) => {
      const chain = chainOf();
      let asked = 0;
      chain.lie = (_method, _params, answer) => {
        if (asked++ !== turn) return answer;
        const leaves = leavesOf(answer);
        return changedAt(answer, leaves[leaf % leaves.length]!, (value) => mutated(value, at));
      };
      const reader = new ChainReader(chain.client, { label: 'shop', addresses: [`0x${CONTRACT}`] });
      try {
        const origin = await reader.open();
        // Another block 0 is another chain: its identity says so.
        if (!origin.ok || origin.value.identity !== toPrefixedHex(chain.identity)) return;
        let index = 0;
        for await (const block of reader.blocks(chain.height)) {
          if (!block.ok) return;
          expect(block.value.logs).toEqual(truth[index++]);
        }
      } catch (error) {
        if (!(error instanceof SdkError)) throw error;
      }
    }),
    { numRuns: 150 },
  );
});
