import { Consensus } from '@menglian/sdk/services/consensus';
import { HotAccounts } from '@menglian/sdk/services/hotAccounts';
import { LightClients } from '@menglian/sdk/services/lightClients';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClearingNetwork, HOT_GROUP } from './clearingNetwork.js';
import { RelayProcess } from './relayProcess.js';

/**
 * Goal: sums arrive while the sealers who prove them change. Method: one of four sealers of a group of users is made an observer and then
 * a sealer again, each in turn, while payments are made, closed and booked.
 */

const GROUP = 2;
const CHANGES = 10;
const PAYMENTS_A_CHANGE = 40;
const MERCHANTS = ['one', 'two'];

let network: ClearingNetwork;
let relay: RelayProcess;

beforeAll(async () => {
  network = await ClearingNetwork.start(10);
  relay = new RelayProcess(network.relayConfigPath);
  await network.open(MERCHANTS);
}, 120_000);

afterAll(async () => {
  await relay?.end('SIGKILL');
  await network?.stop();
});

describe('clearing while members change', () => {
  it(`goes on over ${CHANGES} changes of sealers`, async () => {
    const client = network.client(GROUP);
    const consensus = new Consensus(client);
    const sealers = await client.getSealerList();
    for (let change = 0; change < CHANGES; change++) {
      const nodeId = sealers[Math.floor(change / 2) % sealers.length]!;
      await (change % 2 === 0 ? consensus.addObserver(nodeId) : consensus.addSealer(nodeId));
      await network.paymentLoad(GROUP, MERCHANTS).run(PAYMENTS_A_CHANGE);
      await network.settled(GROUP, MERCHANTS);
    }
    const { payments, totals } = await network.count(GROUP);
    expect(payments).toBeGreaterThanOrEqual(CHANGES * PAYMENTS_A_CHANGE);
    const hot = new HotAccounts(network.client(HOT_GROUP));
    const chain = await network.identity(GROUP);
    for (const merchant of MERCHANTS) {
      expect(await hot.get(merchant)).toMatchObject({ balance: totals.get(merchant) });
      expect((await hot.shadow(merchant, chain)).lastEpoch).toBeGreaterThanOrEqual(CHANGES / 2);
    }
    const known = new LightClients(network.client(HOT_GROUP));
    const anchors = new Set<string>();
    const height = await client.getBlockNumber();
    for (let number = 1; number <= height; number++) anchors.add((await known.sealersAt(chain, number)).join());
    // Four lists of three, and the one of four.
    expect(anchors.size).toBe(5);
  }, 300_000);
});
