import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeTransactionMessage, encodeTransactionMessage } from '@menglian/sync/messages';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { type Link, MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(7);
const accountKey = random.bytes(32);
const groups: MemoryGroup[] = [];

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

async function startGroup(): Promise<MemoryGroup> {
  const group = new MemoryGroup(suite, { count: 4 });
  groups.push(group);
  for (let index = 0; index < 4; index++) await group.start(index);
  return group;
}

function userSave(user: string): SignedTransaction {
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), 'userSave(string,uint256)'),
    encodeAbi(['string', 'uint256'], [user, 1n]),
  );
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const to = '5002'.padStart(40, '0');
  return signTransaction(suite, { ...fields, nonce, to, data, extraData: new Uint8Array(0) }, accountKey);
}

async function untilCommitted(group: MemoryGroup, transactions: readonly SignedTransaction[]): Promise<void> {
  const isCommitted = ({ ledger }: MemoryNode) => transactions.every(({ hash }) => ledger.locate(hash) !== undefined);
  const deadline = Date.now() + 40_000;
  while (![...group.nodes.values()].every(isCommitted)) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(10);
  }
}

/** What goes over the links of the transactions plane: nothing is pushed, only what was asked for arrives. */
function onlyAnswers(spoil: (from: string, bodies: readonly Uint8Array[]) => readonly Uint8Array[]): Link {
  const asked = new Set<string>();
  return (from, to, plane, payload) => {
    if (plane !== 'transactions') return payload;
    const message = decodeTransactionMessage(payload);
    if (!message.ok) return payload;
    if (message.value.kind === 'request')
      for (const hash of message.value.hashes) asked.add(`${to}>${from}/${toHex(hash)}`);
    if (message.value.kind !== 'bodies') return payload;
    const answers = message.value.transactions.filter((raw) => asked.has(`${from}>${to}/${toHex(suite.hash(raw))}`));
    const transactions = spoil(from, answers);
    return transactions.length === 0 ? undefined : encodeTransactionMessage({ kind: 'bodies', transactions });
  };
}

describe('missing transactions', () => {
  // F7 of the failures this family of systems had: an invalid answer to a proposal's request for missing transactions.
  const stranger = userSave('stranger');
  it.each([
    ['bytes that are no transaction', (bodies: readonly Uint8Array[]) => bodies.map(() => random.bytes(100))],
    ['other transactions', (bodies: readonly Uint8Array[]) => bodies.map(() => stranger.raw)],
    [
      'changed transactions',
      (bodies: readonly Uint8Array[]) => bodies.map((raw) => raw.map((byte, i) => (i === 60 ? byte ^ 1 : byte))),
    ],
    ['nothing', () => []],
    [
      'many that nobody asked for, and then the right ones',
      (bodies: readonly Uint8Array[]) => [...Array.from({ length: 500 }, () => random.bytes(50)), ...bodies],
    ],
  ])(
    'come from another node when the leader answers with %s',
    async (_what, spoil) => {
      const group = await startGroup();
      const [first] = group.nodes.values();
      // The liar is whoever leads; the others get what they lack from those that the leader did answer, or that know it.
      const { leader } = first!.view.consensusStatus();
      let answers = 0;
      group.link = onlyAnswers((from, bodies) => (from === leader && answers++ % 3 !== 0 ? spoil(bodies) : bodies));
      const sent = Array.from({ length: 5 }, (_, index) => userSave(`user${index}`));
      for (const transaction of sent) group.nodes.get(leader!)!.view.submit(transaction.raw);
      await untilCommitted(group, sent);
    },
    60_000,
  );
});

describe('a leader without transactions', () => {
  it('pulls those that others hold: they are announced after a while', async () => {
    const group = await startGroup();
    group.link = onlyAnswers((_from, bodies) => bodies);
    const [first] = group.nodes.values();
    const status = first!.view.consensusStatus();
    const other = [...group.nodes.values()].find(({ nodeId }) => nodeId !== status.leader)!;
    const sent = Array.from({ length: 20 }, (_, index) => userSave(`held${index}`));
    for (const transaction of sent) other.view.submit(transaction.raw);
    await untilCommitted(group, sent);
  }, 60_000);
});
