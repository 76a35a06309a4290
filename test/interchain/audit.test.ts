import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { pemOfAccount } from '@menglian/sdk/account/pem';
import { type Client, createClient } from '@menglian/sdk/client';
import type { Hash } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { Balances } from '@menglian/sdk/services/balances';
import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { ShadowAccounts } from '@menglian/sdk/services/shadowAccounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';
import { menglian } from './relayProcess.js';

/**
 * Goal: an auditor with read access to one node of each chain proves a hot account, and no node can lie to it. Method: four nodes
 * with a hot group and two of users, payments, real relays and the real command; then the same through a node that lies, once for each lie.
 */

const [HOT, NORTH, SOUTH] = [1, 2, 3] as const;
const SHOP = 'the shop 店';

let cluster: Cluster;
let owner: Account;
const clients = new Map<number, Client>();
const identities = new Map<number, Hash>();

async function relay(...args: readonly string[]): Promise<void> {
  const done = await menglian('relay', ...args, '--config', join(cluster.folder, 'relay.ini'));
  expect(done).toMatchObject({ code: 0, error: '' });
}

/** @param url of a node that is asked about the group in the place of an honest one */
function audit(instead: { readonly group: number; readonly url: string } | undefined, ...more: readonly string[]) {
  const place = (group: number) => `${group === instead?.group ? instead.url : cluster.clients[group]!.url},${group}`;
  const users = [NORTH, SOUTH].flatMap((group) => ['--user', place(group)]);
  return menglian('audit', 'hot-account', SHOP, '--hot', place(HOT), ...users, ...more);
}

beforeAll(async () => {
  cluster = await Cluster.build(4);
  cluster.startAll();
  await cluster.linked(3);
  const [node] = cluster.clients;
  for (const group of [NORTH, SOUTH]) {
    const settings = { timestamp: String(1_700_000_000_000 + group), sealers: await node!.call('getSealerList', HOT) };
    for (const one of cluster.clients) {
      await one.call('generateGroup', group, settings);
      expect(await one.call('startGroup', group)).toMatchObject({ code: '0x0' });
    }
  }
  owner = await randomAccount(SUITE);
  for (const groupId of [HOT, NORTH, SOUTH]) {
    const client = await createClient({ transport: httpTransport(node!.url), groupId, account: owner, pollMs: 20 });
    clients.set(groupId, client);
    identities.set(groupId, await client.getBlockHash(0));
  }
  writeFileSync(join(cluster.folder, 'relay.pem'), pemOfAccount(owner), { mode: 0o600 });
  const chain = (group: number) => `[chain.${group}]\nname=chain${group}\ngroup_id=${group}\nurl.0=${node!.url}\n`;
  writeFileSync(
    join(cluster.folder, 'relay.ini'),
    `[relay]\nkey_file=relay.pem\npoll_ms=100\nclear_seconds=1\n${[HOT, NORTH, SOUTH].map(chain).join('')}`,
  );
  await relay('register', '--money');
  const accounts = new HotAccounts(clients.get(HOT)!);
  await accounts.create(SHOP, owner.address);
  for (const group of [NORTH, SOUTH]) await accounts.attach(SHOP, identities.get(group)!);
  await relay('--once');
  for (const group of [NORTH, SOUTH]) {
    const balances = new Balances(clients.get(group)!);
    await balances.setIssuer(owner.address);
    await balances.issue(owner.address, 1_000_000n);
  }
  await pay(NORTH, 100n, 25n);
  await pay(SOUTH, 7n);
  await relay('--once');
  await pay(NORTH, 3n, 4n, 5n);
  await relay('--once');
  await accounts.grant(SHOP, identities.get(NORTH)!, 50n);
  await accounts.withdraw(SHOP, owner.address, 10n);
  await relay('--once');
  await new ShadowAccounts(clients.get(NORTH)!).payOut(SHOP, { to: owner.address, amount: 8n });
  await pay(SOUTH, 1000n);
}, 180_000);

afterAll(async () => {
  for (const client of clients.values()) client.close();
  await cluster?.stop();
});

async function pay(group: number, ...amounts: readonly bigint[]): Promise<void> {
  const shadows = new ShadowAccounts(clients.get(group)!);
  await Promise.all(amounts.map(async (amount) => shadows.pay(SHOP, amount)));
}

describe('an audit of real chains', () => {
  it('proves what was paid, booked, granted and is open', async () => {
    const { code, out, error } = await audit(undefined, '--json');
    expect(error).toContain('[INFO] no --trust file');
    const report = JSON.parse(out) as { readonly findings: readonly unknown[] };
    expect([code, report.findings]).toEqual([0, []]);
    expect(report).toMatchObject({
      account: SHOP,
      isRight: true,
      hot: {
        identity: identities.get(HOT),
        owner: owner.address,
        settled: { amountIn: '144', amountOut: '0', payments: '6' },
        granted: '50',
        withdrawn: '10',
        balance: '84',
      },
      shadows: [
        {
          identity: identities.get(NORTH),
          epochs: [
            { epoch: '1', amountIn: '125', payments: '2' },
            { epoch: '2', amountIn: '12', payments: '3' },
          ],
          open: { amountIn: '0', amountOut: '8', payments: '1' },
          granted: '50',
          inFlight: '0',
          quota: '42',
        },
        { epochs: [{ amountIn: '7' }], open: { amountIn: '1000' } },
      ],
    });
  });

  it('goes on while they do', async () => {
    const end = new AbortController();
    const paying = (async () => {
      while (!end.signal.aborted) await pay(NORTH, 1n, 1n);
    })();
    const clearing = relay('--once');
    for (let count = 0; count < 3; count++) {
      const { code, out } = await audit(undefined);
      expect([code, out]).toEqual([0, expect.stringContaining('[RIGHT]')]);
    }
    end.abort();
    await Promise.all([paying, clearing]);
  });

  it('believes chains by their blocks 0', async () => {
    const trust = join(cluster.folder, 'chains.txt');
    writeFileSync(trust, [...identities.values()].join('\n'));
    expect(await audit(undefined, '--trust', trust)).toMatchObject({ code: 0, error: '' });
    writeFileSync(trust, [...identities.values()].slice(0, 2).join('\n'));
    const refused = await audit(undefined, '--trust', trust);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`its block 0 is ${identities.get(SOUTH)}, which the trust file does not name`);
  });

  it('misses a chain that the account is attached to', async () => {
    const { url } = cluster.clients[0]!;
    const { code, out } = await menglian('audit', 'hot-account', SHOP, '--hot', `${url},1`, '--user', `${url},2`);
    expect(code).toBe(1);
    expect(out).toContain(`the account is attached to chain ${identities.get(SOUTH)} too, which was not named`);
  });
});

type Json = Record<string, unknown>;
/** Changes what an honest node answered; undefined: leaves it. */
type Lie = (method: string, params: readonly unknown[], truth: Json) => unknown;

describe('a node that lies is found out', () => {
  let node: Server;
  let url: string;
  let lie: Lie;

  beforeAll(async () => {
    node = createServer((request, response) => {
      void text(request).then(async (body) => {
        const answered = await fetch(cluster.clients[0]!.url, { method: 'POST', body });
        const answer = (await answered.json()) as Json | Json[];
        const asked = JSON.parse(body) as { method: string; params: unknown[] };
        if (!Array.isArray(answer) && answer['error'] === undefined) {
          const truth = answer['result'] as Json;
          answer['result'] = (await lie(asked.method, asked.params, truth)) ?? truth;
        }
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    node.closeAllConnections();
    await new Promise((resolve) => node.close(resolve));
  });

  async function foundOut(group: number, told: Lie): Promise<string> {
    lie = told;
    const { code, out } = await audit({ group, url });
    expect(code).toBe(1);
    expect(out).toContain(`[ERROR] group ${group} at ${url.slice('http://'.length)}`);
    return out;
  }

  /** Changes the first batch of receipts that has an event of a shadow account with an amount. */
  const inPayments = (change: (receipts: readonly Json[], index: number) => readonly Json[]): Lie => {
    return (method, _params, truth) => {
      if (!method.startsWith('getBatchReceipts')) return undefined;
      const receipts = truth['transactionReceipts'] as Json[];
      const isPayment = ({ logs }: Json) =>
        (logs as Json[]).some(
          ({ address, topics }) => String(address).endsWith('2006') && (topics as string[]).length === 4,
        );
      const index = receipts.findIndex(isPayment);
      if (index < 0) return undefined;
      const changed = change(receipts, index);
      const blockInfo = { ...(truth['blockInfo'] as Json), receiptsCount: changed.length };
      return { blockInfo, transactionReceipts: changed };
    };
  };

  it('when it leaves out a payment, or changes its amount', async () => {
    const without = inPayments((receipts, index) =>
      receipts
        .filter((_, place) => place !== index)
        .map((receipt, place) => ({ ...receipt, transactionIndex: `0x${place.toString(16)}` })),
    );
    const what = 'not proven: the receipts are not those that the header commits to';
    // Of a block with one payment nothing is left to tell.
    expect(await foundOut(NORTH, without)).toMatch(
      new RegExp(`block \\d+: (${what}|not proven: receipt 0 is missing)`),
    );
    const changed = inPayments((receipts, index) =>
      receipts.map((receipt, place) => {
        if (place !== index) return receipt;
        const logs = (receipt['logs'] as Json[]).map((log) => ({
          ...log,
          data: `0x01${String(log['data']).slice(4)}`,
        }));
        return { ...receipt, logs };
      }),
    );
    // The whole receipts, which are asked for then, are honest here: so the truth is found nevertheless.
    lie = changed;
    expect(await audit({ group: NORTH, url })).toMatchObject({ code: 0 });
  });

  it('when it changes a header, or shows too few signatures', async () => {
    const inHeader =
      (number: number, change: (header: Json) => Json): Lie =>
      (method, params, truth) =>
        method === 'getBlockHeaderByNumber' && Number(params[1]) === number ? change(truth) : undefined;
    expect(
      await foundOut(
        HOT,
        inHeader(4, (header) => ({ ...header, timestamp: '0x1' })),
      ),
    ).toContain('block 4: not proven: a signature of the header does not hold');
    const few = inHeader(5, (header) => ({ ...header, signatureList: (header['signatureList'] as []).slice(0, 2) }));
    expect(await foundOut(SOUTH, few)).toContain('block 5: not proven: too few sealers signed the header');
  });

  it('when it gives the blocks of another chain', async () => {
    const ofOther = (method: string, [, ...params]: readonly unknown[]) =>
      cluster.clients[0]!.call(method, SOUTH, ...params);
    const out = await foundOut(NORTH, (method, params) =>
      method === 'getClientVersion' || Number(params[1]) === 0 ? undefined : ofOther(method, params),
    );
    expect(out).toContain('block 1: not proven: the header names another parent');
  });

  it('when it says another balance than its blocks', async () => {
    const out = await foundOut(HOT, (method, _params, truth) => {
      if (method !== 'call') return undefined;
      const output = String(truth['output']);
      // The balance is the second word.
      return { ...truth, output: `${output.slice(0, 2 + 64)}${'1'.padStart(64, '0')}${output.slice(2 + 128)}` };
    });
    expect(out).toMatch(/the node says another state than its blocks: the balance is 1, where it must be \d+/);
  });
});
