/** What every consensus engine must do, whatever its protocol. Call inside a test file, once for each engine. */
import { describe, expect, it } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { ConsensusStatus, CreateEngine, Input } from '@menglian/consensus-core/ports';
import { certificateSize, type QuorumRule } from '@menglian/consensus-core/quorum';
import { engineNodeId } from './engineChain.js';
import { EngineGroup, type EngineGroupOptions } from './engineGroup.js';
import type { EngineHost } from './engineHost.js';

export interface ConsensusEngineSuite {
  readonly kind: ConsensusStatus['kind'];
  readonly create: CreateEngine;
  readonly rule: QuorumRule;
  readonly statementsIn: EngineGroupOptions['statementsIn'];
}

/** With MENGLIAN_LONG=1 more moments and more seeds. */
const isLong = process.env['MENGLIAN_LONG'] === '1';

/** Longer than any engine needs for an election or some view changes. */
const RECOVERY_MS = 60_000;
const SETTLE_MS = 6000;

export function describeConsensusEngine(name: string, suite: ConsensusEngineSuite): void {
  const { kind, rule } = suite;
  const make = (options: Partial<EngineGroupOptions> = {}): EngineGroup => {
    const group = new EngineGroup({ ...suite, sealers: 4, ...options });
    group.startAll();
    return group;
  };
  const status = (host: EngineHost): ConsensusStatus => host.engine!.status();

  describe(`consensus engine: ${name}`, () => {
    for (const sealers of [1, 2, 3, 4, 5, 7]) {
      it(`${sealers} sealers commit what clients send, in order, once, with certificates`, () => {
        const group = make({ sealers, observers: 1 });
        group.submit(20);
        group.runUntilDone(RECOVERY_MS);
        group.submit(7);
        group.runUntilDone(RECOVERY_MS);
        const counted = group.hosts.flatMap(({ chain }) =>
          Array.from({ length: chain.height }, (_, index) => chain.block(index + 1)!.proposal.transactionHashes.length),
        );
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(27 * group.hosts.length);
      });
    }

    it('says where it stands', () => {
      const group = make({ observers: 1 });
      group.submit(9);
      group.runUntilDone(RECOVERY_MS);
      group.run(SETTLE_MS);
      for (const [index, host] of group.hosts.entries()) {
        const shown = status(host);
        expect(shown).toMatchObject({
          kind,
          nodeId: host.nodeId,
          nodeIndex: index < 4 ? index : undefined,
          sealers: host.chain.state.sealers,
          maxFaulty: 1,
          quorum: certificateSize(rule, 4),
          height: host.chain.height,
          leaderFailed: false,
          connectedSealers: index < 4 ? 4 : expect.any(Number),
          changeCycle: 0,
          phase: 'idle',
        });
        expect(toHex(shown.hash)).toBe(toHex(host.chain.state.hash));
        expect(shown.toView).toBe(shown.view);
        expect(host.chain.state.sealers).toContain(shown.leader);
        const heard = shown.viewsHeard.map(({ nodeId }) => nodeId);
        expect(heard).toEqual(heard.toSorted());
        expect([...shown.refusals.keys()]).toEqual([]);
      }
      expect(new Set(group.hosts.map((host) => status(host).leader)).size).toBe(1);
    });

    it('does the same again when it is given the same inputs', () => {
      const group = make({ seed: 5 });
      group.submit(10);
      group.run(2000);
      group.crash(group.hosts[0]!);
      group.run(8000);
      group.submit(10);
      group.run(SETTLE_MS);
      for (const host of group.hosts.slice(1)) {
        const fresh = new EngineGroup({ ...suite, sealers: 4 }).hosts.find(({ nodeId }) => nodeId === host.nodeId)!;
        const again = fresh.create();
        if (!again.ok) throw new Error(again.reason);
        // The chain that it reads grows with the stored blocks, as it did.
        for (const [index, input] of host.inputs.entries()) {
          if (input.kind === 'stored') {
            while (fresh.chain.height < input.head.height)
              fresh.chain.append(host.chain.block(fresh.chain.height + 1)!);
          }
          expect(again.value.step(input)).toEqual(host.outputs[index]);
        }
        expect(again.value.status()).toEqual(status(host));
      }
    });

    it('says and writes nothing but heartbeats while nothing is to do', () => {
      const group = make();
      group.submit(5);
      group.runUntilDone(RECOVERY_MS);
      group.run(SETTLE_MS);
      const before = group.hosts.map((host) => [status(host).view, host.chain.height, host.outputs.length]);
      group.sentMessages = 0;
      group.run(60_000);
      for (const [index, host] of group.hosts.entries()) {
        const [view, height, first] = before[index]!;
        expect([status(host).view, host.chain.height]).toEqual([view, height]);
        const kinds = new Set(
          host.outputs
            .slice(first)
            .flat()
            .map((effect) => effect.kind),
        );
        expect([...kinds].filter((one) => one !== 'send' && one !== 'wakeAt')).toEqual([]);
      }
      expect(group.sentMessages / (60 * 4 * 3)).toBeLessThan(10);
      const startedMs = group.nowMs;
      group.submit(1);
      group.runUntilDone(RECOVERY_MS);
      expect(group.nowMs - startedMs).toBeLessThan(200);
    });

    it('orders several heights before the first of them is stored', () => {
      const group = make({ maxTransactions: 1 });
      group.submit(1);
      group.runUntilDone(RECOVERY_MS);
      group.pace = { ...group.pace, storeMs: 300 };
      group.submit(20);
      group.runUntilDone(RECOVERY_MS);
      const asked = group.hosts.flatMap(({ outputs }) => outputs.flat());
      const inFlight = asked.flatMap((effect) => (effect.kind === 'seal' ? [effect.inFlight] : []));
      expect(Math.max(...inFlight)).toBeGreaterThanOrEqual(3);
      expect(Math.max(...inFlight)).toBeLessThanOrEqual(8);
    });

    it('starts a new epoch with the sealers that a block names, and orders again what was above it', () => {
      const group = make({ sealers: 4, observers: 1, maxTransactions: 1 });
      group.submit(2);
      group.runUntilDone(RECOVERY_MS);
      // Slow execution: heights above the change are ordered before anybody knows of it.
      group.pace = { ...group.pace, executeMs: 60 };
      group.submit(3);
      group.change('addSealer', 4);
      group.submit(6);
      group.runUntilDone(RECOVERY_MS);
      const [host] = group.hosts;
      const changed = host!.chain.state.epoch;
      expect(changed).toBeGreaterThan(0);
      expect(host!.chain.state.sealers.length).toBe(5);
      for (let height = changed + 1; height <= host!.chain.height; height++) {
        expect(host!.chain.block(height)!.proposal).toMatchObject({ epoch: changed });
        expect(host!.chain.block(height)!.proposal.sealers.length).toBe(5);
      }
      // The new one is needed now: without two of the others there is no quorum but with it.
      const dead = rule === 'crash' ? 2 : 1;
      for (const one of group.hosts.slice(0, dead)) group.crash(one);
      group.submit(4);
      group.runUntilDone(RECOVERY_MS, group.hosts.slice(dead));
    });

    it('follows sealers that change every other block, as those of rPBFT do', () => {
      for (let seed = 1; seed <= 4; seed++) {
        const group = make({ sealers: 4, observers: 3, rotateEvery: 2, maxTransactions: 1, seed });
        group.pace = { ...group.pace, executeMs: 5 * seed };
        group.submit(25);
        group.runUntilDone(2 * RECOVERY_MS);
        const { chain } = group.hosts[0]!;
        const sealers = Array.from({ length: chain.height }, (_, index) =>
          chain.block(index + 1)!.proposal.sealers.join(),
        );
        expect(new Set(sealers).size).toBeGreaterThan(6);
      }
    });

    it('lets a sealer leave, which then has no say', () => {
      const group = make({ sealers: 5 });
      group.submit(3);
      group.change('remove', 0);
      group.runUntilDone(RECOVERY_MS, group.hosts.slice(1));
      group.submit(6);
      group.runUntilDone(RECOVERY_MS, group.hosts.slice(1));
      const state = group.hosts[1]!.chain.state;
      expect(state.sealers).not.toContain(engineNodeId(0));
      for (const host of group.hosts.slice(1)) expect(status(host)).toMatchObject({ height: host.chain.height });
    });

    it('hears observers and does not count them', () => {
      const group = make({ sealers: 4, observers: 3 });
      group.submit(3);
      group.runUntilDone(RECOVERY_MS);
      const observers = group.hosts.slice(4);
      for (const { outputs } of observers)
        expect(outputs.flat().filter((effect) => effect.kind === 'seal')).toEqual([]);
      const fewest = certificateSize(rule, 4);
      for (const host of group.hosts.slice(0, 4 - fewest + 1)) group.crash(host);
      const before = group.hosts[3]!.chain.height;
      group.submit(3);
      group.run(30_000);
      for (const { chain } of group.hosts) expect(chain.height).toBeLessThanOrEqual(before);
      group.checkAgreement();
    });

    it('goes on when any one of four dies, and takes it back', () => {
      for (const index of [0, 1, 2, 3]) {
        const group = make({ seed: index });
        group.submit(4);
        group.runUntilDone(RECOVERY_MS);
        const victim = group.hosts[index]!;
        group.crash(victim);
        group.submit(10);
        group.runUntilDone(
          RECOVERY_MS,
          group.hosts.filter((host) => host !== victim),
        );
        group.start(victim);
        group.runUntilDone(RECOVERY_MS);
        const other = group.hosts[(index + 1) % 4]!;
        group.crash(other);
        group.submit(2);
        group.runUntilDone(
          RECOVERY_MS,
          group.hosts.filter((host) => host !== other),
        );
      }
    });

    it('keeps every promise whatever effect it dies before, with the records that were durable then', () => {
      for (let effects = 0; effects < 150; effects += isLong ? 1 : 5) {
        const group = make({ seed: effects, maxTransactions: 2 });
        group.submit(2);
        group.runUntilDone(RECOVERY_MS);
        const victim = group.hosts[effects % 4]!;
        victim.effectsLeft = effects >> 1;
        group.submit(10);
        group.run(30);
        victim.effectsLeft = Infinity;
        if (effects % 3 === 0) {
          // Back at once, in the view or term that it knew: whatever it says now must be what it said before.
          if (!victim.isUp) group.start(victim);
        } else {
          // Views and terms pass meanwhile.
          const other = group.hosts[(effects + 1) % 4]!;
          group.crash(other);
          group.run(4000);
          group.start(other);
          if (!victim.isUp) group.start(victim);
        }
        group.runUntilDone(RECOVERY_MS);
      }
    });

    it('says nothing else after it died again and again in the middle of elections', () => {
      for (let seed = 1; seed <= (isLong ? 100 : 5); seed++) {
        const group = make({ seed, maxTransactions: 1 });
        const { random } = group;
        group.submit(20);
        for (let round = 0; round < 60; round++) {
          const host = random.pick(group.hosts);
          if (host.isUp) host.effectsLeft = random.below(12);
          group.run(random.below(400));
          if (random.chance(50)) group.cut.add(`${random.below(4)}>${random.below(4)}`);
          else group.cut.clear();
          for (const one of group.hosts) if (!one.isUp && random.chance(70)) group.start(one);
        }
        group.cut.clear();
        for (const one of group.hosts) {
          one.effectsLeft = Infinity;
          if (!one.isUp) group.start(one);
        }
        group.runUntilDone(RECOVERY_MS);
      }
    });

    it('survives that everybody loses power at any moment', () => {
      for (let afterMs = 0; afterMs < 60; afterMs += 4) {
        const group = make({ seed: afterMs });
        group.submit(4);
        group.runUntilDone(RECOVERY_MS);
        group.submit(8);
        group.run(afterMs);
        for (const host of group.hosts) host.crash();
        group.run(100);
        group.startAll();
        group.runUntilDone(RECOVERY_MS);
      }
    });

    it('refuses records that it cannot read', () => {
      const group = make();
      group.submit(6);
      group.run(4000);
      group.crash(group.hosts[0]!);
      group.submit(6);
      group.run(15);
      let count = 0;
      for (const host of group.hosts) {
        for (const [key, value] of host.records) {
          for (const damaged of [value.slice(0, -1), new Uint8Array(0), new Uint8Array(value.length + 1).fill(0xee)]) {
            host.records.set(key, damaged);
            expect([key, host.create().ok]).toEqual([key, false]);
            count++;
          }
          host.records.set(key, value);
        }
        expect(host.create().ok).toBe(true);
      }
      expect(count).toBeGreaterThan(3);
    });

    it('takes blocks that came by sync, at any moment, one or several', () => {
      for (let seed = 1; seed <= (isLong ? 40 : 4); seed++) {
        const group = make({ seed, maxTransactions: 1 });
        group.pace = { persistMs: 1, verifyMs: 2, executeMs: 8, storeMs: 15 };
        const random = new SeededRandom(seed);
        group.submit(40);
        for (let i = 0; i < 150; i++) {
          group.run(1 + random.below(12));
          const [host, source] = [random.pick(group.hosts), random.pick(group.hosts)];
          host.adopt(source.chain, Math.min(source.chain.height, host.chain.height + 1 + random.below(4)));
        }
        group.runUntilDone(RECOVERY_MS);
      }
    });

    it('bears any bytes from anybody, and works on', () => {
      const group = make({ observers: 1 });
      const random = new SeededRandom(8);
      const seen: Uint8Array[] = [];
      group.onSend = (_from, _to, payload) => {
        if (seen.length < 500) seen.push(payload.slice());
      };
      group.submit(6);
      group.run(3000);
      const ids = [...group.hosts.map(({ nodeId }) => nodeId), engineNodeId(77)];
      for (let i = 0; i < 4000; i++) {
        if (i % 200 === 0) group.submit(1);
        const host = random.pick(group.hosts);
        const from = random.pick(ids.filter((nodeId) => nodeId !== host.nodeId));
        // A lie in the name of an honest node would need its key where votes are signed; elsewhere links vouch for it.
        host.tell({ kind: 'message', from: engineNodeId(77), payload: mutated(random, random.pick(seen)) });
        if (rule === 'byzantine') host.tell({ kind: 'message', from, payload: random.bytes(random.below(120)) });
        if (i % 10 === 0) group.run(1);
      }
      group.runUntilDone(RECOVERY_MS);
      for (const host of group.hosts) {
        const refused = [...status(host).refusals.values()].reduce((sum, count) => sum + count, 0);
        expect(refused).toBeGreaterThan(50);
        expect(host.records.size).toBeLessThan(600);
      }
    });

    it('bears answers that are late, repeated or to questions of long ago', () => {
      const group = make({ seed: 3, maxTransactions: 2 });
      const random = new SeededRandom(3);
      group.submit(30);
      for (let i = 0; i < 400; i++) {
        group.run(random.below(6));
        const host = random.pick(group.hosts);
        const answers = host.inputs.filter(isAnswer);
        if (host.isUp && answers.length > 0) host.tell(random.pick(answers));
      }
      group.runUntilDone(RECOVERY_MS);
    });

    it('moves timers only when links come and go', () => {
      const group = make({ seed: 4 });
      const random = new SeededRandom(4);
      group.submit(30);
      for (let i = 0; i < 600; i++) {
        group.run(random.below(10));
        const [host, other] = [random.pick(group.hosts), random.pick(group.hosts)];
        if (host !== other) host.tell({ kind: random.chance(50) ? 'peerUp' : 'peerDown', nodeId: other.nodeId });
      }
      for (const host of group.hosts) {
        for (const other of group.hosts) if (other !== host) host.tell({ kind: 'peerUp', nodeId: other.nodeId });
      }
      group.runUntilDone(RECOVERY_MS);
    });

    it('bears ticks that are late, early and of the past', () => {
      const group = make({ seed: 6 });
      const random = new SeededRandom(6);
      group.submit(20);
      for (let i = 0; i < 400; i++) {
        group.run(random.below(20));
        const host = random.pick(group.hosts);
        host.isTicking = random.chance(80);
        host.input({ kind: 'tick', nowMs: Math.max(0, group.nowMs - random.below(3000)) });
      }
      for (const host of group.hosts) {
        host.isTicking = true;
        host.tell({ kind: 'pendingTransactions', count: 1 });
      }
      group.runUntilDone(RECOVERY_MS);
    });

    it('asks to be woken: a tick at that time is all it needs', () => {
      const group = make();
      group.submit(4);
      group.runUntilDone(RECOVERY_MS);
      for (const { outputs } of group.hosts) {
        const wakes = outputs.flat().filter((effect) => effect.kind === 'wakeAt');
        expect(wakes.length).toBeGreaterThan(0);
        for (const { atMs } of wakes) expect(Number.isFinite(atMs)).toBe(true);
      }
    });

    it('bears loss, cut links and a long time without a quorum, and goes on within seconds', () => {
      const group = make({ seed: 9 });
      group.submit(5);
      group.runUntilDone(RECOVERY_MS);
      for (const [from, to] of [
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 0],
        [1, 2],
        [1, 3],
        [2, 0],
        [2, 1],
        [3, 0],
        [3, 1],
      ] as const) {
        group.cut.add(`${from}>${to}`);
      }
      group.submit(5);
      group.run(600_000);
      group.cut.clear();
      group.runUntilDone(RECOVERY_MS);
    });

    it('hands over when a node retires, and loses nothing', () => {
      const group = make({ seed: 10, maxTransactions: 2 });
      group.submit(4);
      group.runUntilDone(RECOVERY_MS);
      for (const host of group.hosts) {
        group.submit(6);
        host.tell({ kind: 'retire' });
        group.run(20);
        group.crash(host);
        group.run(500);
        group.start(host);
        group.runUntilDone(RECOVERY_MS);
      }
    });
  });
}

function isAnswer(input: Input): boolean {
  return ['sealed', 'proposalVerified', 'proposalRejected', 'executed', 'pendingTransactions'].includes(input.kind);
}

function mutated(random: SeededRandom, payload: Uint8Array): Uint8Array {
  const bytes = payload.slice(0, random.chance(30) ? random.below(payload.length + 1) : payload.length);
  for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return bytes;
}
