import { randomAccount } from '@menglian/sdk/account/account';
import { createClient, type Client } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { Cns } from '@menglian/sdk/services/cns';
import { CnsRoutes } from '@menglian/sdk/services/cnsRoutes';
import { Consensus } from '@menglian/sdk/services/consensus';
import { ContractLifeCycle } from '@menglian/sdk/services/contractLifeCycle';
import { GasCharge } from '@menglian/sdk/services/gasCharge';
import { Governance } from '@menglian/sdk/services/governance';
import { Permission } from '@menglian/sdk/services/permission';
import { Tables } from '@menglian/sdk/services/tables';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE } from '../../packages/sdk/examples/helloWorld.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';
import { SUITE } from './suite.js';

/** Services of the client for programs, against the system contracts of a real node. */

let cluster: Cluster;
let client: Client;

beforeAll(async () => {
  cluster = await Cluster.build(1);
  cluster.startAll();
  await cluster.linked(0);
  const transport = httpTransport(`http://127.0.0.1:${cluster.rpcPort}`);
  client = await createClient({ transport, account: await randomAccount(SUITE), pollMs: 20 });
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

const deploy = () => client.deploy({ abi: HELLO_WORLD_ABI, bytecode: HELLO_WORLD_BYTECODE[SUITE] });
const me = () => client.account!.address;

describe('services', () => {
  it('register and find names', async () => {
    const cns = new Cns(client);
    const [first, second] = [await deploy(), await deploy()];
    const register = (version: string, { address }: { address: `0x${string}` }) =>
      cns.register({ name: 'Hello', version, address, abi: HELLO_WORLD_ABI });
    expect((await register('1.0', first)).count).toBe(1);
    await register('2.0', second);
    await expect(register('2.0', first)).rejects.toMatchObject({ code: -51200 });
    expect((await cns.list('Hello')).map(({ version, address }) => [version, address])).toEqual([
      ['1.0', first.address],
      ['2.0', second.address],
    ]);
    expect((await cns.resolve('Hello')).version).toBe('2.0');
    expect((await cns.resolve('Hello', '1.0')).address).toBe(first.address);
    await expect(cns.resolve('Nobody')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(cns.resolve('Hello', '9')).rejects.toThrow('"Hello:9"');
    const found = await cns.contract('Hello', '1.0', HELLO_WORLD_ABI);
    await found.execute.set(['by name']);
    expect(await first.read.get()).toBe('by name');
    const untyped = await cns.contract('Hello', '1.0');
    expect(await untyped.read['get']!()).toBe('by name');
  });

  it('lead names to versions', async () => {
    await new Consensus(client).setConfig('enable_cns_route', 'on');
    const routes = new CnsRoutes(client);
    await expect(routes.get('Hello')).rejects.toMatchObject({ code: -60102 });
    await routes.set('Hello', { version: '1.0', nextVersion: '2.0', share: 1000 });
    expect(await routes.get('Hello')).toEqual({ version: '1.0', nextVersion: '2.0', share: 1000 });
    expect((await routes.resolve('Hello', me())).version).toBe('2.0');
    await routes.setShare('Hello', 0);
    expect((await routes.resolve('Hello', me())).version).toBe('1.0');
  });

  it('keep tables', async () => {
    const tables = new Tables(client);
    await expect(tables.describe('fruit')).rejects.toMatchObject({ code: 'NotFound' });
    await expect(tables.select('fruit', 'apple')).rejects.toMatchObject({ code: -50100 });
    await tables.create('fruit', 'name', ['color', 'price']);
    await expect(tables.create('fruit', 'name', ['color'])).rejects.toMatchObject({ code: -50001 });
    expect(await tables.describe('fruit')).toEqual({ keyField: 'name', valueFields: ['color', 'price'] });
    for (const [color, price] of [
      ['red', '5'],
      ['green', '9'],
      ['红', '30'],
    ] as const) {
      await tables.insert('fruit', 'apple', { color, price });
    }
    const dear = { where: { price: { gt: 5 } } };
    expect((await tables.select('fruit', 'apple', dear)).map(({ color }) => color)).toEqual(['green', '红']);
    expect(await tables.select('fruit', 'apple', { limit: { count: 1 } })).toEqual([
      { name: 'apple', color: 'red', price: '5' },
    ]);
    expect((await tables.update('fruit', 'apple', { price: '6' }, dear)).count).toBe(2);
    expect((await tables.remove('fruit', 'apple', { where: { color: { eq: 'red' } } })).count).toBe(1);
    expect((await tables.select('fruit', 'apple')).map(({ price }) => price)).toEqual(['6', '6']);
  });

  it('change settings and members', async () => {
    const consensus = new Consensus(client);
    await consensus.setConfig('tx_count_limit', 500);
    expect(await client.getSystemConfig('tx_count_limit')).toBe('500');
    await expect(consensus.setConfig('tx_count_limit', 0)).rejects.toMatchObject({ code: -51300 });
    const [sealer] = await client.getSealerList();
    await expect(consensus.remove(sealer!)).rejects.toMatchObject({ code: -51101 });
    const other = 'ab'.repeat(64);
    expect((await consensus.addObserver(other)).count).toBe(1);
    expect(await client.getObserverList()).toEqual([other]);
    expect((await consensus.remove(other)).count).toBe(1);
    expect((await consensus.remove(other)).count).toBe(0);
  });

  it('freeze contracts', async () => {
    const lifeCycle = new ContractLifeCycle(client);
    const hello = await deploy();
    await lifeCycle.freeze(hello.address);
    await expect(hello.read.get()).rejects.toMatchObject({ code: 'ContractFrozen' });
    await expect(lifeCycle.freeze(hello.address)).rejects.toMatchObject({ code: -51900 });
    await lifeCycle.unfreeze(hello.address);
    expect(await lifeCycle.status(hello.address)).toBe('The contract is available.');
    const other = (await randomAccount(SUITE)).address;
    await lifeCycle.grantManager(hello.address, other);
    expect(await lifeCycle.listManagers(hello.address)).toEqual([me(), other]);
    await lifeCycle.revokeManager(hello.address, other);
    await expect(lifeCycle.listManagers(other)).rejects.toMatchObject({ code: -51904 });
  });

  it('govern', async () => {
    const [governance, permission, gas] = [new Governance(client), new Permission(client), new GasCharge(client)];
    expect((await governance.grantMember(me())).isPassed).toBe(true);
    expect(await governance.listMembers()).toMatchObject([{ address: me() }]);
    expect([await governance.weightOf(me()), await governance.threshold()]).toEqual([1, 50]);
    const second = await randomAccount(SUITE);
    expect((await governance.grantMember(second.address)).isPassed).toBe(true);
    expect((await governance.setThreshold(60)).isPassed).toBe(false);
    expect(await governance.votesOnThreshold()).toMatchObject([{ subject: '0.600000', voter: me() }]);
    expect((await governance.setThreshold(60, { account: second })).isPassed).toBe(true);
    expect(await governance.votesOnThreshold()).toEqual([]);
    expect((await governance.setWeight(second.address, 3)).isPassed).toBe(false);
    expect(await governance.votesOnMember(second.address)).toEqual([
      { subject: 'update_weight', voter: me(), blockLimit: expect.any(Number), weight: 3 },
    ]);
    expect(await governance.threshold()).toBe(60);
    const operator = (await randomAccount(SUITE)).address;
    await governance.grantOperator(operator);
    expect((await governance.listOperators()).map(({ address }) => address)).toEqual([operator]);
    expect((await permission.list('_sys_tables_')).map(({ address }) => address)).toEqual([operator]);
    await governance.revokeOperator(operator);
    await permission.grant('fruit', operator);
    expect((await permission.list('fruit')).map(({ address }) => address)).toEqual([operator]);
    await permission.revoke('fruit', operator);
    await expect(permission.revoke('fruit', operator)).rejects.toMatchObject({ code: -51001 });
    await expect(governance.freezeAccount(operator)).rejects.toMatchObject({ code: -52008 });
    expect(await governance.accountStatus(me())).toBe('The account is available.');
    await gas.grantCharger(me());
    expect(await gas.listChargers()).toEqual([me()]);
    expect((await gas.charge(operator, 5000n)).remaining).toBe(5000n);
    expect((await gas.deduct(operator, 1000n)).remaining).toBe(4000n);
    expect(await gas.remaining(operator)).toBe(4000n);
    await expect(gas.deduct(operator, 0n)).rejects.toMatchObject({ code: -53001 });
  });
});
