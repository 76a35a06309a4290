import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { pemOfAccount } from '@menglian/sdk/account/pem';
import { type Client, createClient } from '@menglian/sdk/client';
import type { Hash } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { Balances } from '@menglian/sdk/services/balances';
import { Consensus } from '@menglian/sdk/services/consensus';
import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { hotAccountTotal } from '@menglian/sdk/services/hotAccountTotal';
import { LightClients } from '@menglian/sdk/services/lightClients';
import { Messages } from '@menglian/sdk/services/messages';
import { reconcileEpoch } from '@menglian/sdk/services/reconcileEpoch';
import { ShadowAccounts } from '@menglian/sdk/services/shadowAccounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, until } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';
import { type Ended, menglian, RelayProcess } from './relayProcess.js';

/**
 * Goal: money paid on one chain arrives on another by real relay processes, once, whatever becomes of them. Method: four nodes with two
 * groups; group 1 has the users, group 2 the hot accounts. Relays are killed and run in twos.
 */

const [USERS, HOT] = [1, 2] as const;
const SHOP = 'the shop 店';
const PAYERS = 8;

let cluster: Cluster;
let owner: Account;
let users: Client;
let hot: Client;
let chains: { readonly users: Hash; readonly hot: Hash };
let configPath: string;
const relays: RelayProcess[] = [];

const clientOf = async (groupId: number, account: Account): Promise<Client> => {
  const transport = httpTransport([3, 2, 1, 0].map((index) => `http://127.0.0.1:${cluster.rpcPort + index}`));
  return createClient({ transport, groupId, account, pollMs: 20 });
};

beforeAll(async () => {
  cluster = await Cluster.build(4);
  cluster.startAll();
  await cluster.linked(3);
  const [node] = cluster.clients;
  const settings = { timestamp: '1700000000000', sealers: await node!.call('getSealerList', USERS) };
  for (const one of cluster.clients) {
    await one.call('generateGroup', HOT, settings);
    expect(await one.call('startGroup', HOT)).toMatchObject({ code: '0x0' });
  }
  owner = await randomAccount(SUITE);
  [users, hot] = await Promise.all([clientOf(USERS, owner), clientOf(HOT, owner)]);
  const [usersChain, hotChain] = await Promise.all([users.getBlockHash(0), hot.getBlockHash(0)]);
  chains = { users: usersChain, hot: hotChain };
  configPath = join(cluster.folder, 'relay.ini');
  writeFileSync(join(cluster.folder, 'relay.pem'), pemOfAccount(owner), { mode: 0o600 });
  const urls = [0, 1, 2, 3].map((index) => `url.${index}=http://127.0.0.1:${cluster.rpcPort + index}`).join('\n');
  const chain = (groupId: number, name: string) => `[chain.${groupId}]\nname=${name}\ngroup_id=${groupId}\n${urls}\n`;
  const relay = '[relay]\nkey_file=relay.pem\npoll_ms=100\nclear_seconds=1\n';
  writeFileSync(configPath, `${relay}${chain(USERS, 'users')}${chain(HOT, 'hot')}`);
}, 120_000);

afterAll(async () => {
  for (const relay of relays) await relay.end('SIGKILL');
  users?.close();
  hot?.close();
  await cluster?.stop();
});

/** Runs `menglian relay …` to its end. */
async function run(...args: readonly string[]): Promise<Ended> {
  return menglian('relay', ...args, '--config', configPath);
}

/** Starts a relay that goes on. @returns it once it works */
async function start(): Promise<RelayProcess> {
  const relay = new RelayProcess(configPath);
  relays.push(relay);
  await until(async () => relay.told.length > 0, 'the relay has started');
  return relay;
}

/** Money to pay with. */
async function payers(): Promise<readonly Client[]> {
  const accounts = await Promise.all(Array.from({ length: PAYERS }, () => randomAccount(SUITE)));
  const clients = await Promise.all(accounts.map((account) => clientOf(USERS, account)));
  for (const { address } of accounts) await new Balances(users).issue(address, 1000n);
  return clients;
}

const balance = async () => (await new HotAccounts(hot).get(SHOP))!.balance;

/** Each message was taken that was sent, and every receiver was content. */
async function isAllTaken(): Promise<boolean> {
  const lanes = [
    [users, hot, chains.users, chains.hot],
    [hot, users, chains.hot, chains.users],
  ] as const;
  const taken = await Promise.all(
    lanes.map(async ([source, target, from, to]) => {
      const { lastTaken, failed } = await new Messages(target).inbox(from);
      expect(failed).toBe(0n);
      return lastTaken === (await new Messages(source).lastSent(to));
    }),
  );
  return taken.every(Boolean);
}

describe('a relay', () => {
  it('says what is to be done first, and does it when told to', async () => {
    const before = await run('--once');
    expect(before.code).toBe(1);
    expect(before.out).toContain('users takes no part in messages between chains: enable_interchain is not on');
    expect(before.out).toContain('menglian relay register');
    const registered = await run('register', '--money');
    expect(registered).toMatchObject({ code: 0, error: '' });
    expect(registered.out).toContain('users: switched enable_interchain on');
    expect(registered.out).toContain(`users: registered hot (${chains.hot}, pbft, 4 sealers at height`);
    expect(registered.out).toContain('hot: money of users may come');
    expect((await run('register', '--money')).out).toBe(
      '[INFO] users: knows hot already\n[INFO] hot: knows users already\n',
    );
    expect(await new LightClients(users).list()).toMatchObject([{ chain: chains.hot, name: 'hot', rule: 'pbft' }]);
    expect(await run('--once')).toEqual({ code: 0, out: '[INFO] nothing is left to carry\n', error: '' });
  });

  it('carries what there is, answers included, and ends', async () => {
    await new Balances(users).setIssuer(owner.address);
    const accounts = new HotAccounts(hot);
    await accounts.create(SHOP, owner.address);
    await accounts.attach(SHOP, chains.users);
    expect(await accounts.chains(SHOP)).toEqual([{ chain: chains.users, state: 'asked' }]);
    expect((await run('--once')).out).toMatch(/hot → users: handed over 1 messages[^]*users → hot: handed over 1/);
    expect(await accounts.chains(SHOP)).toEqual([{ chain: chains.users, state: 'open' }]);
    expect(await isAllTaken()).toBe(true);
    expect((await run('status')).out).toBe(
      'users → hot: 1 sent, 1 taken, 0 waiting, 0 refused by receivers\n' +
        'hot → users: 1 sent, 1 taken, 0 waiting, 0 refused by receivers\n',
    );
  });

  it('is killed in the middle of its work, again and again, and nothing is lost or booked twice', async () => {
    const clients = await payers();
    let paid = 0n;
    for (let round = 0; round < 4; round++) {
      const relay = await start();
      const before = await balance();
      await Promise.all(clients.map((client) => new ShadowAccounts(client).pay(SHOP, 5n)));
      paid += 5n * BigInt(PAYERS);
      expect((await hotAccountTotal(hot, [users], SHOP)).total).toBe(paid);
      // Somewhere between closing an epoch and its booking, another place in each round.
      if (round % 2 === 0) {
        await until(async () => (await new ShadowAccounts(users).get(SHOP))!.openCount < BigInt(PAYERS), 'a closing');
      } else await until(async () => (await balance()) > before, 'a booking');
      await relay.end('SIGKILL');
    }
    const [one, other] = await Promise.all([start(), start()]);
    await Promise.all(clients.map((client) => new ShadowAccounts(client).pay(SHOP, 7n)));
    paid += 7n * BigInt(PAYERS);
    await until(async () => (await balance()) === paid && (await isAllTaken()), 'all is booked');
    const codes = await Promise.all([one, other].map((relay) => relay.end('SIGTERM')));
    expect(codes).toEqual([0, 0]);
    expect([one, other].map(({ told }) => told.at(-1))).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
    const total = await hotAccountTotal(hot, [users], SHOP);
    expect(total).toMatchObject({ total: paid, balance: paid, chains: [{ amountIn: paid, unsettledIn: 0n }] });
    for (const client of clients) client.close();
  });

  it('brings money back to where it is paid out', async () => {
    const [to, before] = [(await randomAccount(SUITE)).address, await balance()];
    await new HotAccounts(hot).grant(SHOP, chains.users, 50n);
    await run('--once');
    await new ShadowAccounts(users).payOut(SHOP, { to, amount: 30n });
    expect(await new Balances(users).balanceOf(to)).toBe(30n);
    expect(await hotAccountTotal(hot, [users], SHOP)).toMatchObject({ total: before - 30n, balance: before - 50n });
    expect((await run('--once')).code).toBe(0);
    const statement = await new HotAccounts(hot).statement(SHOP, chains.users, await lastEpoch());
    expect(statement).toMatchObject({ account: SHOP, amountIn: 0n, amountOut: 30n, payments: 1n });
    for (let epoch = 1n; epoch <= (await lastEpoch()); epoch++) {
      const { isSame, transactions, payments } = await reconcileEpoch({ hot, user: users }, SHOP, epoch);
      expect([isSame, transactions.length]).toEqual([true, Number(payments)]);
    }
  });

  it('asks other nodes where one stops its group or is ended', async () => {
    const relay = await start();
    const payer = (await payers())[0]!;
    const isBooked = async (before: bigint) => (await balance()) > before;
    let before = await balance();
    expect(await cluster.clients[0]!.call('stopGroup', HOT)).toMatchObject({ code: '0x0' });
    await new ShadowAccounts(payer).pay(SHOP, 1n);
    await until(() => isBooked(before), 'a payment is booked without group 2 of node 0');
    expect(await cluster.clients[0]!.call('startGroup', HOT)).toMatchObject({ code: '0x0' });
    before = await balance();
    await cluster.nodes[1]!.kill();
    await new ShadowAccounts(payer).pay(SHOP, 1n);
    await until(() => isBooked(before), 'a payment is booked without node 1');
    cluster.start(1);
    await cluster.linked(3);
    expect(await relay.end('SIGTERM')).toBe(0);
    payer.close();
  });

  it('follows the sealers of a chain that leave one by one', async () => {
    const relay = await start();
    const payer = (await payers())[0]!;
    const sealers = await users.getSealerList();
    const known = async () =>
      (await new LightClients(hot).sealersAt(chains.users, await users.getBlockNumber())).length;
    await new Consensus(users).addObserver(sealers[0]!);
    await new ShadowAccounts(payer).pay(SHOP, 1n);
    await until(async () => (await known()) === 3, 'hot knows the three sealers of users');
    const before = await balance();
    await new ShadowAccounts(payer).pay(SHOP, 1n);
    await until(async () => (await balance()) > before, 'the payment is booked');
    expect(await relay.end('SIGINT')).toBe(0);
    payer.close();
  });
});

async function lastEpoch(): Promise<bigint> {
  return (await new HotAccounts(hot).shadow(SHOP, chains.users)).lastEpoch;
}
