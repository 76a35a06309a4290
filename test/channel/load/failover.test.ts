import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../e2e/cluster.js';
import { ChannelChain } from '../channelChain.js';
import { Sender } from '../sender.js';
import { tlsOptions } from '../tlsProfiles.js';
import { ContractCaller } from './contractCaller.js';
import { Tally } from './eventTally.js';
import { FailoverClient } from './failoverClient.js';
import { LoadClient } from './loadClient.js';

/**
 * Goal: when the node of a client is killed while the client waits for receipts and events, each of them reaches it once,
 * from the other node that it knows. Method: a chain of four real processes, SIGKILL at one of the two by turns with
 * transactions under way all the time, the client as an SDK would have to be.
 */

const IS_LONG = process.env['MENGLIAN_LONG'] === '1';
const NODES = 4;
const KILLS = IS_LONG ? 10 : 2;
/** Transactions under way at each moment. */
const UNDER_WAY = 20;
/** How long the client works in peace before the next kill. */
const PEACE_MS = 1000;

let chain: ChannelChain;
let client: FailoverClient | undefined;

beforeAll(async () => {
  chain = await ChannelChain.build({ agencies: Array.from({ length: NODES }, () => 'agency') });
  await chain.start(...Array.from({ length: NODES }, (_, index) => index));
});

afterAll(async () => {
  await client?.close();
  await chain?.stop();
});

const optionsOf = (index: number) => tlsOptions(chain.port(index), chain.sdkFolder, 'java');
const heightOf = async (index: number) => Number(await chain.http(index).call('getBlockNumber', 1));

async function deploy(): Promise<string> {
  const client = await LoadClient.connect(optionsOf(0), () => undefined);
  const { receipt } = await client.transact(new Sender().deploy().raw);
  await client.close();
  return receipt.contractAddress;
}

it(
  `a client whose node is killed ${KILLS} times gets each receipt and each event once`,
  async () => {
    const contract = await deploy();
    const caller = new ContractCaller(contract);
    const [receipts, events] = [new Tally(), new Tally()];
    const statuses = new Set<string>();
    const failover = new FailoverClient([optionsOf(0), optionsOf(1)], {
      contract,
      onEvent: ({ transactionHash }) => events.add(transactionHash),
    });
    client = failover;

    const sent: string[] = [];
    const end = new AbortController();
    const sendInTurn = async () => {
      let height = 0;
      while (!end.signal.aborted) {
        const signed = caller.set(height);
        sent.push(signed.hash);
        const { transactionHash, status, blockNumber } = await failover.transact(signed);
        receipts.add(transactionHash);
        statuses.add(status);
        height = Number(blockNumber);
      }
    };
    const sending = Promise.all(Array.from({ length: UNDER_WAY }, sendInTurn));

    for (let count = 0; count < KILLS; count++) {
      await sleep(PEACE_MS);
      const victim = count % 2;
      const connections = failover.connections;
      const receiptsBefore = receipts.size;
      await chain.node(victim).kill();
      await until(async () => Promise.resolve(failover.connections > connections), 'the client is at the other node');
      await until(async () => Promise.resolve(receipts.size > receiptsBefore + UNDER_WAY), 'receipts come again');
      await chain.start(victim);
      await until(async () => (await heightOf(victim)) >= (await heightOf(2)) - 1, 'the killed node is back');
    }
    end.abort();
    await sending;
    await until(async () => Promise.resolve(events.size >= sent.length), 'all events are here', 20_000).catch(
      () => undefined,
    );
    expect(failover.faults).toEqual([]);
    expect(receipts.faults(sent)).toEqual([]);
    expect(events.faults(sent)).toEqual([]);
    expect([...statuses]).toEqual(['0x0']);
    // There was something to lose.
    expect(failover.resent).toBeGreaterThan(0);
  },
  60_000 + KILLS * 30_000,
);
