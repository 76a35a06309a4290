import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { encodeAbi } from '@menglian/codec/abi';
import { type Abi, readAbi } from '@menglian/sdk/abi/abi';
import { randomAccount } from '@menglian/sdk/account/account';
import type { Client } from '@menglian/sdk/client';
import type { Contract } from '@menglian/sdk/contract';
import { GroupedClient } from '@menglian/sdk/groups/groupedClient';
import { type Address, bareAddress, type Hash, type Hex, hexOf } from '@menglian/sdk/hex';
import { Balances } from '@menglian/sdk/services/balances';
import { type CrossProgress, type CrossRequest, CrossTransactions } from '@menglian/sdk/services/crossTransactions';
import { GroupRouter } from '@menglian/sdk/services/groupRouter';
import { Messages } from '@menglian/sdk/services/messages';
import { systemAddress } from '@menglian/sdk/services/systemContract';
import { compileForSuite } from '@menglian/solidity/compileForSuite';
import { SuiteCompiler } from '@menglian/solidity/suiteCompiler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClearingNetwork, HOT_GROUP, USER_GROUPS } from './clearingNetwork.js';
import { RelayProcess } from './relayProcess.js';
import { until } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';

/**
 * Goal: what moves between two groups happens on both or on neither, whatever becomes of the relay, and no money is made or lost. Method:
 * four nodes with groups of users and relays in processes of their own; one person sends to newcomers.
 */

const MONEY = systemAddress(0x2005);
const OPENING = 1_000_000n;
const TOKENS = 1000n;
const [LEFT, RIGHT] = USER_GROUPS;
const FOLLOW = { pollMs: 50, timeoutMs: 100_000 } as const;
/** So many blocks do not come here. */
const NEVER = 10_000;

/** One group of users. */
interface Side {
  readonly group: number;
  readonly chain: Hash;
  readonly client: Client;
  readonly cross: CrossTransactions;
  readonly balances: Balances;
  readonly messages: Messages;
}

let network: ClearingNetwork;
let left: Side;
let right: Side;
let owner: Address;
const newcomers: Address[] = [];
const relays: RelayProcess[] = [];

async function sideOf(group: number): Promise<Side> {
  const client = network.client(group);
  const [cross, balances, messages] = [new CrossTransactions(client), new Balances(client), new Messages(client)];
  await balances.issue(owner, OPENING);
  return { group, chain: await network.identity(group), client, cross, balances, messages };
}

beforeAll(async () => {
  network = await ClearingNetwork.start(0);
  owner = network.operator.address;
  [left, right] = await Promise.all([sideOf(LEFT), sideOf(RIGHT)]);
}, 120_000);

afterAll(async () => {
  await Promise.all(relays.map(async (relay) => relay.end('SIGKILL')));
  await network?.stop();
});

function startRelay(): RelayProcess {
  const relay = new RelayProcess(network.relayConfigPath);
  relays.push(relay);
  return relay;
}

async function relaying<T>(work: () => Promise<T>): Promise<T> {
  const relay = startRelay();
  try {
    return await work();
  } finally {
    await relay.end('SIGTERM');
  }
}

async function newcomer(): Promise<Address> {
  const { address } = await randomAccount(SUITE);
  newcomers.push(address);
  return address;
}

const parcel = (to: Address, amount: bigint): Hex =>
  hexOf(encodeAbi(['address', 'uint256'], [bareAddress(to, 'the receiver'), amount]));

function moneyTo(target: Side, to: Address, amount: bigint, timeoutBlocks = NEVER): CrossRequest {
  const { chain } = target;
  return { chain, participant: MONEY, remoteParticipant: MONEY, data: parcel(to, amount), timeoutBlocks };
}

/** @returns how it ended, on the source and on the target */
async function ended(progress: AsyncGenerator<CrossProgress, CrossProgress>): Promise<readonly string[]> {
  for (;;) {
    const { done, value } = await progress.next();
    if (done === true) return [value.source, value.target];
  }
}

/** Whether the target has taken all that the source sent. @throws when a receiver refused some of it */
async function hasAll(target: Side, source: Side): Promise<boolean> {
  const [sent, { lastTaken, failed }] = await Promise.all([
    source.messages.lastSent(target.chain),
    target.messages.inbox(source.chain),
  ]);
  expect(failed).toBe(0n);
  return lastTaken === sent;
}

describe('money between two groups', () => {
  it('arrives', async () => {
    const [to, before] = [await newcomer(), await left.balances.balanceOf(owner)];
    const states = await relaying(async () => ended(left.cross.run(right.cross, moneyTo(right, to, 300n), FOLLOW)));
    expect(states).toEqual(['confirmed', 'confirmed']);
    expect(await left.balances.balanceOf(owner)).toBe(before - 300n);
    expect(await right.balances.balanceOf(to)).toBe(300n);
  });

  it('comes back when the other group refuses it', async () => {
    const [to, before] = [await newcomer(), await left.balances.balanceOf(owner)];
    await right.balances.allowChain(left.chain, false);
    const states = await relaying(async () => ended(left.cross.run(right.cross, moneyTo(right, to, 300n), FOLLOW)));
    await right.balances.allowChain(left.chain, true);
    expect(states).toEqual(['cancelled', 'refused']);
    expect(await left.balances.balanceOf(owner)).toBe(before);
    expect(await right.balances.balanceOf(to)).toBe(0n);
  });

  it('comes back when no relay is there in time, and that the other group was ready changes nothing later', async () => {
    const [to, before] = [await newcomer(), await left.balances.balanceOf(owner)];
    const answers = await right.messages.lastSent(left.chain);
    const { id } = await left.cross.begin(moneyTo(right, to, 300n, 3));
    expect(await left.balances.balanceOf(owner)).toBe(before - 300n);
    await expect(left.cross.cancel(id)).rejects.toMatchObject({ code: -60501 });
    await left.messages.mark();
    await left.cross.cancel(id, { account: await randomAccount(SUITE) });
    expect(await left.balances.balanceOf(owner)).toBe(before);
    expect((await right.cross.get(id)).state).toBe('unknown');
    await relaying(async () => {
      expect(await ended(left.cross.follow(right.cross, id, FOLLOW))).toEqual(['cancelled', 'cancelled']);
      await until(async () => hasAll(left, right), 'the late answer has come');
    });
    expect(await right.messages.lastSent(left.chain)).toBe(answers + 1n);
    expect((await left.cross.get(id)).state).toBe('cancelled');
    expect(await left.balances.balanceOf(owner)).toBe(before);
    expect(await right.balances.balanceOf(to)).toBe(0n);
  });

  it('arrives once, in both directions, though each relay is killed after the first step it made', async () => {
    // A relay that carried everything before it was dead tried nothing: then once more.
    for (let killed = 0; killed < 2;) killed += await moveWhileRelaysDie();
  }, 120_000);
});

/** @returns how many relays were killed until all had arrived */
async function moveWhileRelaysDie(): Promise<number> {
  const receivers = await Promise.all([1n, 20n, 300n].map(async (amount) => ({ amount, to: await newcomer() })));
  const ways = [
    [left, right],
    [right, left],
  ] as const;
  const begun = await Promise.all(
    ways.flatMap(([source, target]) =>
      receivers.map(async ({ to, amount }) => {
        const { id } = await source.cross.begin(moneyTo(target, to, amount));
        return { source, target, id };
      }),
    ),
  );
  const open = new Set(begun.map(({ id }) => id));
  const followed = Promise.all(
    begun.map(async ({ source, target, id }) => {
      const states = await ended(source.cross.follow(target.cross, id, FOLLOW));
      open.delete(id);
      return states;
    }),
  );
  let killed = 0;
  while (open.size > 0) {
    const relay = startRelay();
    const stepped = new Promise<void>((resolve) => {
      relay.onLine(({ step }) => {
        if (step?.kind === 'delivered') resolve();
      });
    });
    await Promise.race([stepped, followed]);
    await relay.end('SIGKILL');
    killed += 1;
  }
  expect(await followed).toEqual(begun.map(() => ['confirmed', 'confirmed']));
  for (const { to, amount } of receivers) {
    expect([await left.balances.balanceOf(to), await right.balances.balanceOf(to)]).toEqual([amount, amount]);
  }
  return killed;
}

describe('a token in Solidity', () => {
  it('moves between the groups, and both supplies say so', async () => {
    const { abi, bytecode } = compileToken();
    const deploy = async ({ client }: Side) => client.deploy({ abi, bytecode, args: [TOKENS] });
    const [here, there] = await Promise.all([deploy(left), deploy(right)]);
    await here.execute['allow']!([right.chain, there.address]);
    await there.execute['allow']!([left.chain, here.address]);
    const to = await newcomer();
    const states = await relaying(async () => {
      const [participant, remoteParticipant] = [here.address, there.address];
      const data = parcel(to, 300n);
      const request = { chain: right.chain, participant, remoteParticipant, data, timeoutBlocks: NEVER };
      return ended(left.cross.run(right.cross, request, FOLLOW));
    });
    expect(states).toEqual(['confirmed', 'confirmed']);
    const read = async (token: Contract<Abi>, name: string, ...args: readonly unknown[]) => token.read[name]!(args);
    expect(await read(here, 'balanceOf', owner)).toBe(TOKENS - 300n);
    expect(await read(there, 'balanceOf', to)).toBe(300n);
    expect([await read(here, 'totalSupply'), await read(there, 'totalSupply')]).toEqual([TOKENS - 300n, TOKENS + 300n]);
    expect(await read(there, 'expected')).toBe(0n);
  });
});

describe('a client of many groups', () => {
  it('works for each user in the home that the router gave, and for contracts and times where rules say', async () => {
    const router = new GroupRouter(network.client(HOT_GROUP));
    for (const { group, chain } of [left, right])
      await router.setGroup({ group, chain, weight: 1, capacity: 1000, warnAt: 0 });
    await router.assign('organisation', 'bank', RIGHT);
    await router.assign('contract', 'shop', LEFT);
    await router.setPeriod({ fromMs: 1000, untilMs: 2000, group: RIGHT });
    const grouped = new GroupedClient({ router, clientOf: (group) => network.client(group) });
    expect((await grouped.forContract('shop')).groupId).toBe(LEFT);
    expect((await grouped.at(1999)).groupId).toBe(RIGHT);
    await expect(grouped.at(2000)).rejects.toMatchObject({ code: 'NotFound' });
    expect((await grouped.forUser('ann', 'bank')).groupId).toBe(RIGHT);

    const users = Array.from({ length: 12 }, (_, index) => `user ${index}`);
    const homes = await Promise.all(
      users.map(async (user) => {
        const to = await newcomer();
        const home = await grouped.withUser(user, async (client) => {
          await new Balances(client).transfer(to, 5n);
          return client.groupId;
        });
        const [here, there] = home === LEFT ? [left, right] : [right, left];
        expect([await here.balances.balanceOf(to), await there.balances.balanceOf(to)]).toEqual([5n, 0n]);
        return home;
      }),
    );
    for (const [index, user] of users.entries())
      expect(await router.route('user', user)).toEqual({ group: homes[index], why: 'home' });
    const counts = [LEFT, RIGHT].map((group) => homes.filter((home) => home === group).length);
    expect((await router.groups()).map(({ group, users: count }) => [group, count])).toEqual([
      [LEFT, counts[0]],
      [RIGHT, counts[1]! + 1],
    ]);
  });

  it('follows who was moved, and uses no client of another chain', async () => {
    const router = new GroupRouter(network.client(HOT_GROUP));
    const grouped = new GroupedClient({ router, clientOf: (group) => network.client(group) });
    expect((await grouped.forUser('ann')).groupId).toBe(RIGHT);
    await router.move('ann', LEFT);
    grouped.forgetUser('ann');
    expect((await grouped.forUser('ann')).groupId).toBe(LEFT);
    const mistaken = new GroupedClient({ router, clientOf: () => network.client(RIGHT) });
    await expect(mistaken.forUser('ann')).rejects.toMatchObject({ code: 'BadArgument' });
  });
});

describe('at the end', () => {
  it('all messages were taken, and there is as much money as was issued', async () => {
    expect([await hasAll(left, right), await hasAll(right, left)]).toEqual([true, true]);
    const found = await Promise.all(
      [left, right].flatMap(({ balances }) =>
        [owner, ...newcomers].map(async (account) => balances.balanceOf(account)),
      ),
    );
    expect(found.reduce((sum, balance) => sum + balance, 0n)).toBe(2n * OPENING);
  });
});

function compileToken(): { readonly abi: Abi; readonly bytecode: Hex } {
  const soljson = readFileSync(createRequire(import.meta.url).resolve('solc-0.4.26/soljson.js'), 'utf8');
  const compiler = SuiteCompiler.open(soljson);
  if (!compiler.ok) throw new Error(compiler.reason.message);
  const folder = new URL('../../configs/contracts/', import.meta.url);
  const content = (name: string) => ({ content: readFileSync(new URL(name, folder), 'utf8') });
  const input = {
    language: 'Solidity',
    sources: { 'CrossToken.sol': content('CrossToken.sol'), 'CrossParticipant.sol': content('CrossParticipant.sol') },
    settings: { outputSelection: { '*': { '*': ['evm.bytecode.object', 'abi'] } } },
  };
  const compiled = compileForSuite(input, compiler.value, SUITE);
  if (!compiled.ok) throw new Error(compiled.reason.map(({ message }) => message).join('\n'));
  const token = compiled.value.output.contracts!['CrossToken.sol']!['CrossToken']!;
  return { abi: readAbi(token.abi), bytecode: `0x${token.evm!.bytecode!.object!}` };
}
