import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { readRows, ROTATION_TABLE, VRF_KEYS_TABLE } from '@menglian/ledger/systemTables';
import { addressOfPublicKey, type NodeId } from '@menglian/types/address';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryGroup, type MemoryNode } from '../testing/memoryGroup.js';
import { Rotation } from './rotation.js';

const suite = await loadSuite('ecdsa');
const random = new SeededRandom(3);
const accountKey = random.bytes(32);
const groups: MemoryGroup[] = [];

/** A call of a system contract with arguments of text. */
function send(to: number, signature: string, ...texts: readonly string[]): SignedTransaction {
  const types = texts.map(() => 'string');
  const data = concatBytes(
    selector((bytes) => suite.hash(bytes), signature),
    encodeAbi(types, texts),
  );
  const fields = { gasPrice: 1n, gas: 1n, blockLimit: 500n, value: 0n, chainId: 1n, groupId: 1n };
  const nonce = BigInt(`0x${toHex(random.bytes(31))}`);
  const address = to.toString(16).padStart(40, '0');
  return signTransaction(suite, { ...fields, nonce, to: address, data, extraData: new Uint8Array(0) }, accountKey);
}

const harmless = () => send(0x1000, 'setValueByKey(string,string)', 'tx_gas_limit', '300000000');

/** @param working how many of the nodes work at a time, in epochs of three blocks */
async function startGroup(count: number, working: number): Promise<MemoryGroup> {
  const genesis = { consensusType: 'rpbft', epochSealerCount: working, epochBlockCount: 3 } as const;
  const group = new MemoryGroup(suite, { count, genesis });
  groups.push(group);
  for (let index = 0; index < count; index++) await group.start(index);
  return group;
}

const nodesOf = (group: MemoryGroup): MemoryNode[] => [...group.nodes.values()];
const workingOf = ({ ledger }: MemoryNode): readonly NodeId[] => ledger.membership().inStorageOrder.workingSealers;
const epochOf = ({ ledger }: MemoryNode) =>
  Number(readRows(ledger.view(), ROTATION_TABLE, 'epoch')[0]!.fields.get('epoch'));

async function until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(5);
  }
}

/** Submits to some node and waits until it is stored there. */
async function commit(group: MemoryGroup, transaction = harmless(), nodes = nodesOf(group)): Promise<void> {
  const { view, ledger } = random.pick(nodes);
  expect(view.submit(transaction.raw)).toMatchObject({ ok: true });
  await until(() => ledger.locate(transaction.hash) !== undefined);
}

/** Waits until all nodes have the same head. @returns it */
async function settle(group: MemoryGroup): Promise<number> {
  const heads = () => nodesOf(group).map(({ ledger }) => toHex(ledger.head().hash));
  await until(() => new Set(heads()).size === 1);
  return nodesOf(group)[0]!.ledger.head().number;
}

/** Commits until that many rotations were made. @returns the committees there were */
async function rotate(group: MemoryGroup, rotations: number): Promise<Set<string>> {
  const committees = new Set<string>();
  const [node] = nodesOf(group) as [MemoryNode];
  const target = epochOf(node) + rotations;
  while (epochOf(node) < target) {
    await commit(group);
    committees.add(workingOf(node).toSorted().join());
  }
  return committees;
}

afterEach(async () => {
  vi.restoreAllMocks();
  for (const group of groups.splice(0)) {
    await group.stop();
    expect(group.failures).toEqual([]);
  }
});

describe('a group of rPBFT', () => {
  it('rotates while transactions flow, each block signed by those that worked', async () => {
    const group = await startGroup(5, 4);
    const committees = await rotate(group, 8);
    const [node] = nodesOf(group) as [MemoryNode];
    expect(committees.size).toBeGreaterThan(2);
    expect(new Set([...committees].join().split(',')).size).toBe(5);
    await settle(group);
    const keys = group.genesis.sealers.filter((id) => readRows(node.ledger.view(), VRF_KEYS_TABLE, id).length === 1);
    expect(keys.length).toBeGreaterThanOrEqual(4);
    let rotations = 0;
    for (let number = 1; number <= node.ledger.head().number; number++) {
      const block = node.view.block(number)!;
      const { header, signatures, transactionCount } = block;
      expect(header.sealerList).toHaveLength(4);
      expect(signatures.length).toBeGreaterThanOrEqual(3);
      for (let index = 0; index < transactionCount; index++) {
        const transaction = block.signedTransaction(index);
        const isRotation =
          transaction.to === '1011'.padStart(40, '0') && toHex(transaction.data).startsWith('df04e6b2');
        if (!isRotation) continue;
        rotations++;
        expect(index).toBe(0);
        expect(transaction.sender).toBe(addressOfPublicKey(suite, fromHex(header.sealerList[header.sealer]!)));
        expect(block.receipt(0).status).toBe(0);
      }
    }
    expect(rotations).toBe(epochOf(node));
    expect(node.view.sealers()).toEqual([...node.view.workingSealers(), ...node.view.sealers().slice(4)]);
  }, 60_000);

  it.each<[string, number, (block: SignedTransaction[], old: SignedTransaction) => SignedTransaction[]]>([
    ['omits', 1, (block) => block.slice(1)],
    ['misplaces', 1, (block) => block.toReversed()],
    ['repeats an old', 2, (block, old) => [old, ...block.slice(1)]],
  ])(
    'refuses a leader that %s rotation, and the next leader rotates',
    async (_, times, spoil) => {
      const group = await startGroup(5, 4);
      const hostile = addressOfPublicKey(suite, fromHex(group.genesis.sealers[1]!));
      const open = Rotation.prototype.openBlock;
      const spoilt = { count: 0 };
      let old: SignedTransaction | undefined;
      vi.spyOn(Rotation.prototype, 'openBlock').mockImplementation(function (this: Rotation, ...values) {
        const block = open.apply(this, values);
        const [first] = block;
        if (first?.sender !== hostile || !this.isReserved(first)) return block;
        old ??= first;
        spoilt.count++;
        return spoil(block, old);
      });
      while (spoilt.count < times) await rotate(group, 1);
      await rotate(group, 1);
      const evidence = nodesOf(group).flatMap(({ logs }) => logs.filter((line) => line.includes('badProposal')));
      expect(evidence.length).toBeGreaterThan(0);
      await settle(group);
    },
    120_000,
  );

  it('fills the place of a working sealer that is removed, in the next block', async () => {
    const group = await startGroup(5, 4);
    await rotate(group, 2);
    for (let round = 0; round < 2; round++) {
      await settle(group);
      const removed = workingOf(nodesOf(group)[0]!)[0]!;
      const staying = nodesOf(group).filter(({ nodeId }) => nodeId !== removed);
      await commit(group, send(0x1003, 'remove(string)', removed), staying);
      // Nobody sends it blocks any more, and it may have missed the one that removed it.
      await group.crash(group.genesis.sealers.indexOf(removed));
      await settle(group);
      expect(workingOf(nodesOf(group)[0]!)).toHaveLength(3);
      await commit(group);
      await settle(group);
      expect(workingOf(nodesOf(group)[0]!)).toHaveLength(4 - round);
      expect(nodesOf(group)[0]!.view.sealers()).not.toContain(removed);
    }
    await rotate(group, 2);
  }, 60_000);

  it('goes on after all nodes stop and start again, and while one is away', async () => {
    const group = await startGroup(5, 4);
    await rotate(group, 2);
    const stores = [];
    for (let index = 0; index < 5; index++) stores.push((await group.crash(index)).store);
    for (let index = 0; index < 5; index++) await group.start(index, stores[index]);
    await rotate(group, 2);
    const away = await group.crash(0);
    await rotate(group, 2);
    const back = await group.start(0, away.store);
    await until(() => back.ledger.head().number === nodesOf(group)[0]!.ledger.head().number);
    await rotate(group, 2);
    await settle(group);
  }, 120_000);

  it('takes no rotation from clients', async () => {
    const group = await startGroup(4, 4);
    const [node] = nodesOf(group) as [MemoryNode];
    const call = send(0x1011, 'rotateWorkingSealer(std::string, std::string, std::string)', '', '', '');
    expect(node.view.submit(call.raw)).toMatchObject({
      ok: false,
      reason: { comment: expect.stringMatching(/^TransactionRefused, txHash=/) },
    });
  });
});
