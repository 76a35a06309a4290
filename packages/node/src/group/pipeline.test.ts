import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { consensusName, isConsensusKey } from '@menglian/ledger/keys';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { KeyValueStore, WriteOperation } from '@menglian/storage/ports';
import type { GenesisConfig } from '@menglian/types/genesis';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';
import { SlowStore } from '../testing/slowStore.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(77);
const accountKey = random.bytes(32);
const groups: MemoryGroup[] = [];

const DISK_MS = 30;
const VOTES = /^engine\/votes\.(\d+)$/;

/** A group of slow disks, and for each how far its votes went above what it had stored. */
class SlowGroup {
  readonly group: MemoryGroup;
  readonly disks: KeyValueStore[] = [];
  readonly stores: SlowStore[] = [];
  readonly leads: number[] = [];

  constructor(genesis: Partial<GenesisConfig>) {
    this.group = new MemoryGroup(suite, { count: 4, genesis });
    groups.push(this.group);
  }

  async start(index: number): Promise<MemoryNode> {
    const disk = (this.disks[index] ??= openMemoryStore());
    const store = new SlowStore(disk, DISK_MS, (batch) => this.#note(index, batch));
    this.stores[index] = store;
    return this.group.start(index, store);
  }

  async startAll(): Promise<MemoryNode[]> {
    return Promise.all([0, 1, 2, 3].map((index) => this.start(index)));
  }

  /** Loses what is not on the disk. */
  async cutPower(index: number): Promise<void> {
    this.stores[index]!.cut();
    await this.group.crash(index);
  }

  #note(index: number, batch: readonly WriteOperation[]): void {
    const head = this.group.nodes.get(this.group.genesis.sealers[index]!)?.ledger.head().number ?? 0;
    for (const { key } of batch) {
      const height = Number(isConsensusKey(key) ? VOTES.exec(consensusName(key))?.[1] : undefined);
      if (!Number.isNaN(height)) this.leads[index] = Math.max(this.leads[index] ?? 0, height - head);
    }
  }
}

function call(address: string, signature: string, types: string[], values: (string | bigint)[]): SignedTransaction {
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), signature),
    encodeAbi(types, values),
  );
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const to = address.padStart(40, '0');
  return signTransaction(suite, { ...fields, nonce, to, data, extraData: new Uint8Array(0) }, accountKey);
}

const save = (user: string) => call('5002', 'userSave(string,uint256)', ['string', 'uint256'], [user, 1n]);
const saves = (name: string, count: number) => Array.from({ length: count }, (_, index) => save(`${name}${index}`));
const configure = (key: string, value: string) =>
  call('1000', 'setValueByKey(string,string)', ['string', 'string'], [key, value]);
const member = (action: 'addObserver' | 'addSealer' | 'remove', nodeId: string) =>
  call('1003', `${action}(string)`, ['string'], [nodeId]);

async function until(condition: () => boolean, timeoutMs = 40_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(5);
  }
}

const nodesOf = ({ group }: SlowGroup): MemoryNode[] => [...group.nodes.values()];
const submit = ({ view }: MemoryNode, sent: readonly SignedTransaction[]) => {
  for (const { raw } of sent) expect(view.submit(raw)).toMatchObject({ ok: true });
};
const hasAll = ({ ledger }: MemoryNode, sent: readonly SignedTransaction[]) =>
  sent.every(({ hash }) => ledger.locate(hash) !== undefined);

/** Every node holds all of them, once, in the same chain. */
async function settle(slow: SlowGroup, sent: readonly SignedTransaction[]): Promise<void> {
  await until(() => nodesOf(slow).every((node) => hasAll(node, sent)));
  await until(() => new Set(nodesOf(slow).map(({ ledger }) => toHex(ledger.head().hash))).size === 1);
  for (const { ledger } of nodesOf(slow)) expect(ledger.totals().transactions).toBe(BigInt(sent.length));
}

afterEach(async () => {
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

describe('a group with several heights in flight', () => {
  it('votes on heights above those that its slow disks have not stored', async () => {
    const slow = new SlowGroup({ maxTransactions: 5 });
    const nodes = await slow.startAll();
    const sent = saves('user', 120);
    for (const [index, node] of nodes.entries()) submit(node, sent.slice(30 * index, 30 * (index + 1)));
    await settle(slow, sent);
    expect(Math.min(...slow.leads)).toBeGreaterThan(1);
    expect(Math.max(...slow.leads)).toBeLessThanOrEqual(8);
  });

  it('goes on when one node loses its power with heights in flight, and the node catches up', async () => {
    const slow = new SlowGroup({ maxTransactions: 5 });
    const [first] = await slow.startAll();
    const sent = saves('user', 100);
    submit(first!, sent);
    await until(() => first!.ledger.head().number >= 4);
    await slow.cutPower(2);
    const stored = first!.ledger.head().number;
    await until(() => first!.ledger.head().number >= stored + 4);
    await slow.start(2);
    await settle(slow, sent);
  });

  it('loses nothing that a node had stored when all lose their power at once', async () => {
    const slow = new SlowGroup({ maxTransactions: 5 });
    const nodes = await slow.startAll();
    const sent = saves('user', 100);
    submit(nodes[0]!, sent);
    await until(() => nodes[1]!.ledger.head().number >= 6);
    const heads = nodes.map(({ ledger }) => ({ ...ledger.head() }));
    await Promise.all([0, 1, 2, 3].map((index) => slow.cutPower(index)));
    const again = await slow.startAll();
    for (const { number, hash } of heads) {
      await until(() => again.every(({ ledger }) => ledger.head().number >= number));
      for (const { ledger } of again) expect(toHex(ledger.hashByNumber(number)!)).toBe(toHex(hash));
    }
    // What was in no block and on no disk is sent again, as its client would.
    const known = sent.filter((transaction) => !again.every((node) => hasAll(node, [transaction])));
    for (const { raw } of known) again[0]!.view.submit(raw);
    await settle(slow, sent);
  });

  it('lets a setting hold from the very next block on', async () => {
    const slow = new SlowGroup({ maxTransactions: 10 });
    const nodes = await slow.startAll();
    const change = configure('tx_count_limit', '3');
    const sent = [...saves('before', 60), change, ...saves('after', 60)];
    submit(nodes[0]!, sent);
    await settle(slow, sent);
    const { ledger } = nodes[0]!;
    const changed = ledger.locate(change.hash)!.number;
    expect(ledger.orderByNumber(changed)!.epoch).toBe(changed);
    for (let number = 1; number <= ledger.head().number; number++) {
      expect(ledger.blockByNumber(number)!.transactionCount).toBeLessThanOrEqual(number <= changed ? 10 : 3);
    }
    expect(ledger.blockByNumber(changed - 1)!.transactionCount).toBe(10);
  });

  it('lets members come and go from the very next block on', async () => {
    const slow = new SlowGroup({ maxTransactions: 5 });
    const nodes = await slow.startAll();
    const { sealers } = slow.group.genesis;
    const leaving = sealers[3]!;
    const changes = [member('addObserver', leaving), member('addSealer', leaving)];
    const sent: SignedTransaction[] = [];
    for (const [round, change] of changes.entries()) {
      const batch = [...saves(`before${round}`, 30), change, ...saves(`after${round}`, 30)];
      submit(nodes[0]!, batch);
      sent.push(...batch);
      await until(() => hasAll(nodes[0]!, [change]));
    }
    await settle(slow, sent);
    const { ledger } = nodes[0]!;
    const [left, back] = changes.map(({ hash }) => ledger.locate(hash)!.number) as [number, number];
    for (let number = 1; number <= ledger.head().number; number++) {
      const expected = number > left && number <= back ? sealers.slice(0, 3) : sealers;
      expect(ledger.blockByNumber(number)!.header.sealerList).toEqual(expected);
    }
  });
});
