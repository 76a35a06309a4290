import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClearingNetwork, HOT_GROUP, USER_GROUPS } from './clearingNetwork.js';
import { Crashes, STEPS } from './crashes.js';
import { menglian } from './relayProcess.js';

/**
 * Goal: no cent is lost, doubled or booked twice, whatever is killed when. Method: payers of three groups pay eight merchants while, after
 * each step of clearing in turn, relays and nodes are killed with SIGKILL; then the hot accounts hold what the raw transactions say.
 * Sizes: MENGLIAN_LONG=1 for 100,000 payments, else 3,000.
 */

const isLong = process.env['MENGLIAN_LONG'] === '1';
const PAYMENTS = isLong ? 100_000 : 3000;
/** A relay and each node after each step; in the short run a relay and one node. */
const CRASHES = (isLong ? 5 : 2) * STEPS.length;
const MORE_PAYMENTS = 30;
const MERCHANTS = Array.from({ length: 8 }, (_, index) => `merchant ${index + 1}`);
const PAYERS = 60;
const MINUTE_MS = 60_000;

let network: ClearingNetwork;
let crashes: Crashes;

beforeAll(async () => {
  network = await ClearingNetwork.start(PAYERS);
  crashes = new Crashes(network);
  await network.open(MERCHANTS);
}, 2 * MINUTE_MS);

afterAll(async () => {
  await crashes?.stop();
  await network?.stop();
});

describe('clearing while relays and nodes are killed', () => {
  it(
    `books ${PAYMENTS} payments to the cent, each epoch once`,
    async () => {
      const share = Math.ceil(PAYMENTS / USER_GROUPS.length);
      const loads = USER_GROUPS.map((groupId) => network.paymentLoad(groupId, MERCHANTS));
      crashes.start();
      await Promise.all(loads.map(async (load) => load.run(share)));
      // Clearing has something to do until everything was killed after each of its steps.
      while (crashes.turns < CRASHES) {
        await Promise.all(USER_GROUPS.map(async (group) => network.paymentLoad(group, MERCHANTS).run(MORE_PAYMENTS)));
      }
      await crashes.finish();
      for (const group of USER_GROUPS) await network.settled(group, MERCHANTS);

      const counts = await Promise.all(USER_GROUPS.map(async (group) => network.count(group)));
      for (const [index, { payments }] of counts.entries()) {
        expect(payments).toBeGreaterThanOrEqual(loads[index]!.acknowledged.size);
      }
      const hot = new HotAccounts(network.client(HOT_GROUP));
      for (const merchant of MERCHANTS) {
        const paid = counts.reduce((sum, { totals }) => sum + (totals.get(merchant) ?? 0n), 0n);
        expect(await hot.get(merchant)).toMatchObject({ balance: paid, settledIn: paid, settledOut: 0n });
      }
      // oxlint-disable-next-line no-console -- what was killed when is a result
      console.log(`killed: ${[...crashes.counts].map(([what, times]) => `${what} ${times}`).join(', ')}`);
    },
    30 * MINUTE_MS,
  );

  it('has booked each epoch of each merchant and group once, in order', async () => {
    const hot = new HotAccounts(network.client(HOT_GROUP));
    const booked = new Map<string, { epochs: bigint[]; payments: bigint }>();
    for (const { args } of await hot.settled.find()) {
      const key = `${args.accountHash} ${args.chain}`;
      const { epochs, payments } = booked.get(key) ?? { epochs: [], payments: 0n };
      booked.set(key, { epochs: [...epochs, args.epoch], payments: payments + args.payments });
    }
    expect(booked.size).toBe(MERCHANTS.length * USER_GROUPS.length);
    for (const { epochs } of booked.values()) expect(epochs).toEqual(epochs.map((_, index) => BigInt(index + 1)));
    const payments = [...booked.values()].reduce((sum, one) => sum + one.payments, 0n);
    expect(payments).toBeGreaterThanOrEqual(PAYMENTS);
  });

  it(
    'is what an auditor finds from headers and proofs alone',
    async () => {
      const place = (group: number) => `${network.cluster.clients[1]!.url},${group}`;
      const users = USER_GROUPS.flatMap((group) => ['--user', place(group)]);
      const audited = await menglian('audit', 'hot-account', MERCHANTS[0]!, '--hot', place(HOT_GROUP), ...users);
      expect(audited).toMatchObject({ code: 0 });
      // oxlint-disable-next-line no-console -- the report is for people
      console.log(audited.out);
    },
    10 * MINUTE_MS,
  );
});
