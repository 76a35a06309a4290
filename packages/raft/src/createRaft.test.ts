import { toHex } from '@menglian/base/bytes';
import type { Result } from '@menglian/base/result';
import type { ConsensusEngine, EngineOptions } from '@menglian/consensus-core/ports';
import { describe, expect, it } from 'vitest';
import { createConfiguration } from './core/configuration.js';
import { createRaft } from './createRaft.js';
import { recordsOf } from './records.js';
import { ChainGroup, type HostedNode, nodeIdOf } from './testing/chainGroup.js';

const [A, B, C, D, E] = [0, 1, 2, 3, 4].map(nodeIdOf) as [string, string, string, string, string];

function chainOf(node: HostedNode): string {
  return `${node.head.height} blocks, the last is ${toHex(node.head.hash).slice(0, 8)}`;
}

function transactionsOf(node: HostedNode): string[] {
  return node.blocks.flatMap(({ proposal }) => proposal.transactionHashes.map(toHex));
}

/** All nodes have the same chain; each transaction is in it once. */
function expectAgreement(group: ChainGroup, transactions: readonly string[]): void {
  const chains = [...group.nodes.values()].map(chainOf);
  for (const chain of chains) expect(chain).toEqual(chains[0]);
  const ordered = transactionsOf(group.node(A));
  expect(ordered.length).toBe(transactions.length);
  expect(new Set(ordered).size).toBe(transactions.length);
}

/** A replica on its own, of a group of one. */
function start(change: Partial<EngineOptions>): Result<ConsensusEngine> {
  const { head } = new ChainGroup(1).node(A);
  const crypto = { hash: () => new Uint8Array(32), sign: () => new Uint8Array(65), verify: () => false };
  const chain = { hashAt: () => undefined, orderAt: () => undefined };
  return createRaft({ chainId: 1n, groupId: 1, nodeId: A, head, records: [], ...change }, { crypto, chain });
}

function submitMany(group: ChainGroup, count: number): string[] {
  return Array.from({ length: count }, () => group.submit());
}

describe('a group of replicas', () => {
  it.each([1, 2, 3, 4, 5])('of %i orders, executes, certifies and stores', (sealers) => {
    const group = new ChainGroup(sealers, 1);
    group.run(3000);
    const transactions = submitMany(group, 21);
    group.run(2000);
    expectAgreement(group, transactions);
    for (const { signers, proposal } of group.node(A).blocks) {
      expect(signers.length).toBeGreaterThan(proposal.sealers.length / 2);
    }
  });

  it('has several heights in flight, in order, and no more than the window', () => {
    const group = new ChainGroup(4);
    group.run(3000);
    submitMany(group, 60);
    group.run(2000);
    const inFlight = group.leader()!.asked.flatMap((effect) => (effect.kind === 'seal' ? [effect.inFlight] : []));
    expect(Math.max(...inFlight)).toBeGreaterThan(2);
    expect(Math.max(...inFlight)).toBeLessThan(8);
    expect(group.node(A).head.height).toBe(31);
  });

  it('that has nothing to do says nothing but heartbeats and writes nothing', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    for (const node of group.nodes.values()) node.asked.length = 0;
    const term = group.leader()!.engine!.status().view;
    group.run(60_000);
    for (const node of group.nodes.values()) {
      expect([...new Set(node.asked.map(({ kind }) => kind))].toSorted()).toEqual(['send', 'wakeAt']);
      expect(node.engine!.status()).toMatchObject({ view: term, height: 0, phase: 'idle' });
    }
  });

  it('goes on when its leader dies, with what was in flight', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const transactions = submitMany(group, 30);
    group.run(60);
    const old = group.leader()!;
    group.stop(old.id);
    group.run(4000);
    group.start(old.id);
    group.run(2000);
    expectAgreement(group, transactions);
    expect(group.leader()!.id).not.toBe(old.id);
  });

  it('survives that all of them lose power, at any moment', () => {
    for (let afterMs = 0; afterMs <= 120; afterMs += 10) {
      const group = new ChainGroup(3);
      group.run(3000);
      const transactions = submitMany(group, 12);
      group.run(afterMs);
      for (const id of [A, B, C]) group.stop(id);
      group.run(1000);
      for (const id of [A, B, C]) group.start(id);
      group.run(5000);
      expectAgreement(group, transactions);
    }
  });

  it('hands over when its leader retires, without waiting for a timeout', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const old = group.leader()!;
    group.input(old.id, { kind: 'retire' });
    group.run(100);
    expect(group.leader()!.id).not.toBe(old.id);
    const transactions = submitMany(group, 3);
    group.run(1000);
    expectAgreement(group, transactions);
  });

  it('lets a node that was away catch up: by the log if little is missing, by block sync if much', () => {
    for (const missed of [6, 800]) {
      const group = new ChainGroup(3);
      group.run(3000);
      const away = [A, B, C].find((id) => id !== group.leader()!.id)!;
      group.stop(away);
      const transactions = submitMany(group, missed);
      group.run(missed < 100 ? 1000 : 9000);
      group.start(away);
      group.run(5000);
      expectAgreement(group, transactions);
    }
  });

  it('does not acknowledge what it cannot execute', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const leader = group.leader()!;
    const others = [A, B, C].filter((id) => id !== leader.id);
    const lost = group.submit();
    for (const id of others) group.node(id).missing.add(lost);
    group.run(1000);
    for (const node of group.nodes.values()) expect(node.head.height).toBe(0);
    expect(leader.engine!.status().phase).not.toBe('decided');
    // The leader goes away for good, and with it the transaction: the others are not held up by what only it had.
    group.stop(leader.id);
    group.pending.delete(lost);
    const transactions = submitMany(group, 4);
    group.run(5000);
    for (const id of others) expect(transactionsOf(group.node(id)).toSorted()).toEqual(transactions.toSorted());
  });

  it('notices a replica that computes something else, which stores nothing', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    group.node(B).divergesFrom = 1;
    submitMany(group, 2);
    group.run(2000);
    expect([A, B, C].map((id) => group.node(id).head.height)).toEqual([2, 0, 2]);
    const accused = (id: string) =>
      new Set(group.node(id).evidence.map((evidence) => `${evidence.kind} ${evidence.nodeId}`));
    expect(accused(A)).toEqual(new Set([`divergentResult ${B}`]));
    expect(accused(B)).toEqual(new Set([`divergentResult ${A}`, `divergentResult ${C}`]));
  });
});

describe('a replica', () => {
  it('that loses its last link to the leader does not wait for the whole timeout', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const old = group.leader()!;
    group.stop(old.id);
    group.run(20);
    for (const id of [A, B, C]) group.input(id, { kind: 'peerDown', nodeId: old.id });
    group.run(500);
    expect(group.leader()!.id).not.toBe(old.id);
  });

  it('that does not vote follows on when its leader is gone, whatever the links say', () => {
    const group = new ChainGroup(1, 1);
    group.run(3000);
    group.stop(A);
    group.input(B, { kind: 'peerDown', nodeId: A });
    group.run(5000);
    group.start(A);
    const transactions = submitMany(group, 3);
    group.run(3000);
    expectAgreement(group, transactions);
  });

  it('that alone loses the link to the leader is not followed, and follows again when it is back', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const { view, leader } = group.leader()!.engine!.status();
    const lonely = [A, B, C].find((id) => id !== leader)!;
    group.cut(lonely, leader!);
    group.input(lonely, { kind: 'peerDown', nodeId: leader! });
    group.run(5000);
    group.mend();
    group.run(500);
    for (const { engine } of group.nodes.values()) expect(engine!.status()).toMatchObject({ view, leader });
  });

  it('says what it holds in the words of the port', () => {
    const group = new ChainGroup(3, 1);
    group.run(3000);
    const term = group.leader()!.engine!.status().view;
    expect(group.node(A).engine!.status()).toMatchObject({
      kind: 'raft',
      nodeIndex: 0,
      sealers: [A, B, C],
      maxFaulty: 1,
      quorum: 2,
      view: term,
      toView: term,
      leaderFailed: false,
      connectedSealers: 3,
      phase: 'idle',
    });
    expect(group.node(A).engine!.status().viewsHeard).toContainEqual({ nodeId: A, view: term });
    expect(group.node(D).engine!.status().nodeIndex).toBe(undefined);
  });

  it('that begins in the middle of a chain, without a log, waits for somebody who has one', () => {
    const { head } = new ChainGroup(1).node(A);
    const [fresh, late] = [0, 40].map((height) => start({ head: { ...head, height } }));
    for (const engine of [fresh!, late!]) {
      for (let nowMs = 0; nowMs < 60_000; nowMs += 500) if (engine.ok) engine.value.step({ kind: 'tick', nowMs });
    }
    expect(fresh!.ok && fresh!.value.status().leader).toBe(A);
    expect(late!.ok && late!.value.status()).toMatchObject({ leader: undefined, view: 0 });
  });

  it('must be given a tick first', () => {
    const engine = start({});
    expect(engine.ok && (() => engine.value.step({ kind: 'retire' }))).toThrow('raft/first-input-is-a-tick');
  });

  it('does not start on records that it cannot read, nor on a ledger older than its log', () => {
    const value = new Uint8Array([9, 9, 9]);
    for (const key of ['raft.state', 'raft.compaction', 'raft.entry.1', 'votes.1']) {
      expect(start({ records: [{ key, value }] }).ok).toBe(false);
    }
    const configuration = createConfiguration([A]);
    const records = recordsOf({
      hardState: { term: 3, vote: undefined, committed: 40 },
      bounds: { compactionIndex: 40, lastIndex: 40 },
      compaction: { index: 40, term: 3, configuration, height: 30 },
      entries: [],
      deletions: [],
    }).map(({ key, value }) => ({ key, value: value! }));
    const { head } = new ChainGroup(1).node(A);
    expect(start({ records, head: { ...head, height: 30 } }).ok).toBe(true);
    expect(start({ records, head: { ...head, height: 29 } })).toEqual({
      ok: false,
      reason: 'the ledger is older than the log: block 30',
    });
  });
});

describe('members come and go by transactions', () => {
  it('a sealer joins, first as a learner, and then counts', () => {
    const group = new ChainGroup(2, 1);
    group.run(3000);
    const transactions = [...submitMany(group, 5), group.submit({ sealers: [A, B, C], observers: [] })];
    transactions.push(...submitMany(group, 8));
    group.run(3000);
    expectAgreement(group, transactions);
    // Two of three go on without the third, whoever it is.
    group.stop(group.leader()!.id);
    transactions.push(group.submit());
    group.run(5000);
    const alive = [...group.nodes.values()].filter(({ engine }) => engine !== undefined);
    for (const node of alive) expect(transactionsOf(node).length).toBe(transactions.length);
  });

  it('everything ordered above the change in the old epoch is ordered again', () => {
    const group = new ChainGroup(3, 1);
    group.run(3000);
    const transactions = [group.submit({ sealers: [A, B, C, D], observers: [] }), ...submitMany(group, 12)];
    group.run(3000);
    expectAgreement(group, transactions);
    const leader = group.leader()!;
    const sealed = leader.asked.filter(({ kind }) => kind === 'seal').length;
    expect(sealed).toBeGreaterThan(leader.blocks.length);
    expect(leader.blocks.map(({ proposal }) => proposal.sealers.length)).toEqual([3, 4, 4, 4, 4, 4, 4]);
  });

  it('a removed leader hands over; a removed node does not disturb', () => {
    const group = new ChainGroup(4);
    group.run(3000);
    const old = group.leader()!;
    const rest = [A, B, C, D].filter((id) => id !== old.id);
    const transactions = [group.submit({ sealers: rest, observers: [] })];
    group.run(500);
    expect(rest).toContain(group.leader()!.id);
    const term = group.leader()!.engine!.status().view;
    group.run(10_000);
    transactions.push(...submitMany(group, 4));
    group.run(1000);
    expect(group.leader()!.engine!.status().view).toBe(term);
    for (const id of rest) expect(transactionsOf(group.node(id)).length).toBe(transactions.length);
  });

  it('a new node with an empty disk becomes a sealer', () => {
    const group = new ChainGroup(3);
    group.run(3000);
    const transactions = submitMany(group, 700);
    group.run(9000);
    group.add(E);
    transactions.push(group.submit({ sealers: [A, B, C], observers: [E] }));
    group.run(3000);
    transactions.push(group.submit({ sealers: [A, B, C, E], observers: [] }));
    group.run(3000);
    transactions.push(...submitMany(group, 5));
    group.run(2000);
    expectAgreement(group, transactions);
    expect(group.node(E).blocks.at(-1)!.proposal.sealers).toContain(E);
  });

  it('all sealers are replaced at once', () => {
    const group = new ChainGroup(2, 2);
    group.run(3000);
    const transactions = [group.submit({ sealers: [C, D], observers: [A, B] }), ...submitMany(group, 6)];
    group.run(4000);
    expectAgreement(group, transactions);
    expect([C, D]).toContain(group.leader()!.id);
  });
});
