import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { expect, it } from 'vitest';
import { bytesOf, type Hash, type Hex, hexOf } from '../hex.js';
import { fakePorts } from '../testing/fakePorts.js';
import type { Caller } from '../transaction/requests.js';
import { type CrossProgress, CrossTransactions } from './crossTransactions.js';

const suite = await loadSuite('ecdsa');
const ID: Hash = `0x${'1d'.repeat(32)}`;
const CHAIN: Hash = `0x${'c1'.repeat(32)}`;
const TOKEN: Hex = `0x${'70'.repeat(20)}`;
const REQUEST = { chain: CHAIN, participant: TOKEN, remoteParticipant: TOKEN, data: '0x01', timeoutBlocks: 5 } as const;

const called = (signature: string): Hex => hexOf(selector((data) => suite.hash(data), signature));
const BEGIN = called('begin(bytes32,address,address,bytes,uint256)');
const CANCEL = called('cancel(bytes32)');
const FINISH = called('finish(bytes32)');

/** One side: it goes from state to state, one each time it is asked, and stays at the last. */
class Side {
  readonly sent: string[] = [];
  height = 1;
  code = 1n;
  readonly service: CrossTransactions;

  constructor(
    readonly states: number[],
    signs = true,
  ) {
    const state = (): number => (this.states.length > 1 ? this.states.shift()! : this.states[0]!);
    const caller = {
      suite,
      account: signs ? {} : undefined,
      getBlockNumber: async () => this.height,
      call: async () => {
        const types = ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256'];
        const token = TOKEN.slice(2);
        const chain = bytesOf(CHAIN, 'chain');
        const output = encodeAbi(types, [BigInt(state()), chain, token, token, '0'.repeat(40), 6n]);
        return { status: 0, output: hexOf(output), currentBlockNumber: this.height };
      },
      execute: async ({ data }: { data: string }) => {
        const name = data.slice(0, 10);
        this.sent.push(name);
        const output = name === BEGIN ? ID : hexOf(encodeAbi(['int256'], [this.code]));
        return { status: 0, output, logs: [] };
      },
    };
    this.service = new CrossTransactions(caller as unknown as Caller);
  }
}

async function shown(run: AsyncGenerator<CrossProgress, CrossProgress>): Promise<readonly string[]> {
  const steps: string[] = [];
  for (let step = await run.next(); !step.done; step = await run.next())
    steps.push(`${step.value.source} ${step.value.target}`);
  return steps;
}

const options = () => ({ ports: fakePorts(), pollMs: 1000, timeoutMs: 60_000 });

it('shows every change on both sides, each once, until the end', async () => {
  const [source, target] = [new Side([1, 1, 1, 5, 5]), new Side([0, 2, 2, 2, 5])];
  const steps = await shown(source.service.run(target.service, REQUEST, options()));
  expect(steps).toEqual(['preparing unknown', 'preparing ready', 'confirmed ready', 'confirmed confirmed']);
  expect([source.sent, target.sent]).toEqual([[BEGIN], []]);
});

it('ends where the other side refused', async () => {
  const [source, target] = [new Side([1, 7]), new Side([0, 3])];
  expect(await shown(source.service.follow(target.service, ID, options()))).toEqual([
    'preparing unknown',
    'cancelled refused',
  ]);
});

it('cancels when the time-out is over and not before, and finishes what is stuck', async () => {
  const [source, target] = [new Side([1, 1, 6, 7]), new Side([0, 2, 2, 6, 7])];
  source.height = 4;
  const run = source.service.follow(target.service, ID, options());
  await run.next();
  await run.next();
  expect(source.sent).toEqual([]);
  source.height = 5;
  await shown(run);
  expect([source.sent, target.sent]).toEqual([[CANCEL, FINISH], [FINISH]]);
});

it('goes on when somebody else was faster, and only looks where it shall or where nobody signs', async () => {
  const faster = new Side([1, 7]);
  faster.height = 100;
  faster.code = -60_502n;
  const target = new Side([7]);
  expect(await shown(faster.service.follow(target.service, ID, options()))).toHaveLength(2);
  const refused = new Side([1, 7]);
  refused.height = 100;
  refused.code = -50_000n;
  await expect(shown(refused.service.follow(target.service, ID, options()))).rejects.toMatchObject({ code: -50000 });
  for (const [looking, acts] of [
    [new Side([1, 4, 5]), false],
    [new Side([1, 4, 5], false), true],
  ] as const) {
    looking.height = 100;
    await shown(looking.service.follow(new Side([5]).service, ID, { ...options(), acts }));
    expect(looking.sent).toEqual([]);
  }
});

it('gives up waiting after a while and says how far it is', async () => {
  const run = new Side([1]).service.follow(new Side([2]).service, ID, options());
  await expect(shown(run)).rejects.toMatchObject({ code: 'Timeout', message: expect.stringContaining('preparing') });
});

it('reads a transaction, and does not believe a state that there is not', async () => {
  expect(await new Side([2]).service.get(ID)).toEqual({
    state: 'ready',
    chain: CHAIN,
    participant: TOKEN,
    remoteParticipant: TOKEN,
    initiator: `0x${'0'.repeat(40)}`,
    deadlineBlock: 6,
  });
  await expect(new Side([8]).service.get(ID)).rejects.toMatchObject({ code: 'BadAnswer' });
});
