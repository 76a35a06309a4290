import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeSyncMessage, encodeSyncMessage } from '@menglian/sync/messages';
import { signTransaction } from '@menglian/types/transaction';
import { expect, it, onTestFinished } from 'vitest';
import { STATUS_ANSWER_INTERVAL_MS } from './blockService.js';
import { MemoryGroup } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');

it('tells a peer that is behind its height at once, and not again for a while', async () => {
  const group = new MemoryGroup(suite, { count: 2 });
  onTestFinished(async () => {
    await group.stop();
    expect(group.failures).toEqual([]);
  });
  const [node, peer] = [await group.start(0), await group.start(1)];
  const random = new SeededRandom(5);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const data = new Uint8Array(0);
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const { raw } = signTransaction(
    suite,
    { ...fields, nonce, to: '5002'.padStart(40, '0'), data, extraData: data },
    random.bytes(32),
  );
  node.view.submit(raw);
  while (node.ledger.head().number + peer.ledger.head().number < 2) await sleep(5);

  /** Statuses on their way to the peer since the last look: announcements come by themselves, but seldom. */
  let told = 0;
  group.link = (from, _to, plane, payload) => {
    const message = plane === 'sync' ? decodeSyncMessage(payload) : undefined;
    if (message?.ok === true && message.value.kind === 'status' && from === node.nodeId) told++;
    return payload;
  };
  /** The peer's group was started anew on the same link, with so many blocks. */
  const begin = (number: number) => {
    const { genesisHash } = node.ledger;
    const hash = new Uint8Array(32);
    const status = encodeSyncMessage({ kind: 'status', number, hash, genesisHash, lowest: 0, snapshot: 0 });
    node.group.onMessage(peer.nodeId, 'sync', status);
  };
  const answersTo = async (number: number, times: number) => {
    told = 0;
    for (let count = 0; count < times; count++) begin(number);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    return told;
  };
  // Their first words to each other were answered, too.
  await sleep(STATUS_ANSWER_INTERVAL_MS);
  expect(await answersTo(1, 1)).toBe(0);
  expect(await answersTo(0, 1)).toBe(1);
  expect(await answersTo(0, 10)).toBe(0);
});
