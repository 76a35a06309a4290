import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '@menglian/base/seededRandom';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { pemOfAccount } from '@menglian/sdk/account/pem';
import { Client } from '@menglian/sdk/client';
import type { Hash } from '@menglian/sdk/hex';
import { httpTransport } from '@menglian/sdk/http';
import { Balances } from '@menglian/sdk/services/balances';
import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { ShadowAccounts } from '@menglian/sdk/services/shadowAccounts';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Cluster, until } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';
import { countPayments, type PaymentCount } from './countPayments.js';
import { PaymentLoad } from './paymentLoad.js';
import { menglian } from './relayProcess.js';

export const HOT_GROUP = 1;
export const USER_GROUPS = [2, 3, 4] as const;
const GROUPS = [HOT_GROUP, ...USER_GROUPS];
const NODES = 4;
const ANSWER_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** Of a node that takes part. */
const BLOCKS_BEHIND_MAX = 3;
const SETTLED_TIMEOUT_MS = 180_000;
const OPENING = 10n ** 15n;

export const HOT_CHAIN_NAME = 'hot';
const nameOf = (group: number) => (group === HOT_GROUP ? HOT_CHAIN_NAME : `users${group}`);

const suite = await loadSuite(SUITE);

/** Four nodes with a group of hot accounts and three of users, who have money. */
export class ClearingNetwork {
  readonly cluster: Cluster;
  /** Of everything: the issuer, the owner of accounts, the first caller where there is no committee. */
  readonly operator: Account;
  /** The same people in each group of users. */
  readonly payers: readonly Account[];

  private constructor(cluster: Cluster, operator: Account, payers: readonly Account[]) {
    this.cluster = cluster;
    this.operator = operator;
    this.payers = payers;
  }

  static async start(payerCount: number): Promise<ClearingNetwork> {
    const cluster = await Cluster.build(NODES);
    cluster.startAll();
    await cluster.linked(NODES - 1);
    const operator = await randomAccount(SUITE);
    const payers = await Promise.all(Array.from({ length: payerCount }, () => randomAccount(SUITE)));
    const network = new ClearingNetwork(cluster, operator, payers);
    await network.#makeGroups();
    network.#writeRelayConfig();
    const { code, out, error } = await menglian('relay', 'register', '--money', '--config', network.relayConfigPath);
    if (code !== 0) throw new Error(`the chains do not know one another: ${out}${error}`);
    await Promise.all(USER_GROUPS.map(async (group) => network.#issue(group)));
    return network;
  }

  get relayConfigPath(): string {
    return join(this.cluster.folder, 'relay.ini');
  }

  /** Whether a node has, of each group, about as many blocks as the others. */
  async isCurrent(index: number): Promise<boolean> {
    const heights = async (node: number) =>
      Promise.all(GROUPS.map(async (group) => this.cluster.clients[node]!.call('getBlockNumber', group).then(Number)));
    const [own, others] = await Promise.all([heights(index), heights((index + 1) % NODES)]).catch(() => [[], []]);
    return own!.length > 0 && own!.every((height, place) => height >= others![place]! - BLOCKS_BEHIND_MAX);
  }

  /** Opens accounts that can be paid to in all groups of users. Their messages are carried by a relay, which must run. */
  async open(accounts: readonly string[]): Promise<void> {
    const hot = new HotAccounts(this.client(HOT_GROUP));
    const identities = await Promise.all(USER_GROUPS.map(async (group) => this.identity(group)));
    await Promise.all(accounts.map(async (account) => hot.create(account, this.operator.address)));
    await Promise.all(accounts.flatMap((account) => identities.map(async (chain) => hot.attach(account, chain))));
    for (const group of USER_GROUPS) {
      const shadows = new ShadowAccounts(this.client(group));
      await until(async () => (await shadows.list()).length === accounts.length, `group ${group} has shadow accounts`);
    }
  }

  /** Of one node and group. */
  client(group: number, node = 0): Client {
    const transport = httpTransport(this.cluster.clients[node]!.url, { timeoutMs: ANSWER_TIMEOUT_MS });
    return new Client(suite, { transport, account: this.operator, chainId: 1, groupId: group, pollMs: POLL_MS });
  }

  /** What other chains know a group by. */
  async identity(group: number): Promise<Hash> {
    return this.client(group).getBlockHash(0);
  }

  /** Of a group of users; the same each time. */
  paymentLoad(groupId: number, merchants: readonly string[]): PaymentLoad {
    const { payers } = this;
    return new PaymentLoad(this.cluster.clients, { groupId, payers, merchants, random: new SeededRandom(groupId) });
  }

  /**
   * Waits until every epoch with payments is closed and known to be booked, and the node of `client` knows it: of payments whose
   * receipts another node showed it may not have heard yet.
   */
  async settled(group: number, accounts: readonly string[]): Promise<void> {
    await this.#caughtUp(group);
    const shadows = new ShadowAccounts(this.client(group));
    await until(
      async () => {
        const states = await Promise.all(accounts.map(async (account) => shadows.get(account)));
        return states.every((state) => state!.openCount === 0n && state!.settledEpoch === state!.openEpoch - 1n);
      },
      `group ${group} is settled`,
      SETTLED_TIMEOUT_MS,
    );
    await this.#caughtUp(HOT_GROUP);
  }

  /** Waits until the node of `client` has every block that any node has by now. */
  async #caughtUp(group: number): Promise<void> {
    const heightOf = async (node: number) => this.cluster.clients[node]!.call('getBlockNumber', group).then(Number);
    const heights = await Promise.all(this.cluster.clients.map(async (_, node) => heightOf(node).catch(() => 0)));
    const highest = Math.max(...heights);
    await until(async () => (await heightOf(0)) >= highest, `node 0 has block ${highest} of group ${group}`);
  }

  async count(group: number): Promise<PaymentCount> {
    return countPayments(suite, this.cluster.clients.at(-1)!, group);
  }

  async #makeGroups(): Promise<void> {
    const { clients } = this.cluster;
    const sealers = await clients[0]!.call('getSealerList', HOT_GROUP);
    for (const group of USER_GROUPS) {
      const settings = { timestamp: String(1_700_000_000_000 + group), sealers };
      await Promise.all(clients.map(async (client) => client.call('generateGroup', group, settings)));
      await Promise.all(clients.map(async (client) => client.call('startGroup', group)));
    }
  }

  #writeRelayConfig(): void {
    const { folder, clients } = this.cluster;
    writeFileSync(join(folder, 'relay.pem'), pemOfAccount(this.operator), { mode: 0o600 });
    const urls = clients.map(({ url }, index) => `url.${index}=${url}\n`).join('');
    const chains = GROUPS.map((group) => `[chain.${group}]\nname=${nameOf(group)}\ngroup_id=${group}\n${urls}`);
    const relay = '[relay]\nkey_file=relay.pem\npoll_ms=100\nclear_seconds=1\n';
    writeFileSync(this.relayConfigPath, `${relay}${chains.join('')}`);
  }

  async #issue(group: number): Promise<void> {
    const balances = new Balances(this.client(group));
    await balances.setIssuer(this.operator.address);
    await Promise.all(this.payers.map(async ({ address }) => balances.issue(address, OPENING)));
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
  }
}
