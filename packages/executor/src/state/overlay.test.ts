import { compareBytes, equalBytes, toHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { accountKey, codeKey, encodeAccount, rowsKey, storageKey } from '@menglian/ledger/stateRecords';
import type { AccountRecord, Row } from '@menglian/ledger/stateRecords';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { KEPT_READS_MAX } from '../limits.js';
import { MemoryState } from '../testing/memoryState.js';
import { newAccount } from './accounts.js';
import { StateOverlay } from './overlay.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

const ALICE = 'aa'.repeat(20);
const BOB = 'bb'.repeat(20);

function row(id: number, value: string): Row {
  return {
    id,
    fields: new Map([
      ['name', 'k'],
      ['value', value],
    ]),
    block: 1,
  };
}

describe('StateOverlay', () => {
  it('reads through, keeps writes and reports them sorted', () => {
    const overlay = new StateOverlay(suite, new MemoryState());
    expect(overlay.storage(ALICE, 1n)).toBe(0n);
    overlay.setStorage(ALICE, 1n, 5n);
    overlay.setAccount(BOB, newAccount(suite));
    overlay.setRows('t', 'k', [row(0, 'v')]);
    expect(overlay.storage(ALICE, 1n)).toBe(5n);
    expect(overlay.storage(ALICE, 2n)).toBe(0n);
    expect(overlay.account(ALICE)).toBeUndefined();
    expect(overlay.rows('t', 'k')).toHaveLength(1);
    const keys = overlay.changes().map(({ key }) => toHex(key));
    expect(keys).toStrictEqual([...keys].sort());
    expect(new Set(keys)).toStrictEqual(
      new Set([storageKey(ALICE, 1n), accountKey(BOB), rowsKey('t', 'k')].map(toHex)),
    );
  });

  it('reports nothing for what ends as it began', () => {
    const state = new MemoryState([{ key: accountKey(ALICE), value: encodeAccount(newAccount(suite)) }]);
    const overlay = new StateOverlay(suite, state);
    overlay.setAccount(ALICE, { ...newAccount(suite), frozen: true });
    overlay.setAccount(ALICE, newAccount(suite));
    overlay.setStorage(ALICE, 1n, 5n);
    overlay.setStorage(ALICE, 1n, 0n);
    overlay.setRows('t', 'k', [row(0, 'v')]);
    overlay.setRows('t', 'k', []);
    overlay.commitTransaction();
    expect(overlay.changes()).toStrictEqual([]);
  });

  it('stores code once, and only when an account has it in the end', () => {
    const overlay = new StateOverlay(suite, new MemoryState());
    const kept = overlay.addCode(Uint8Array.of(1, 2, 3));
    const dropped = overlay.addCode(Uint8Array.of(4));
    overlay.setAccount(ALICE, { ...newAccount(suite), codeHash: kept });
    overlay.setAccount(BOB, { ...newAccount(suite), codeHash: kept });
    const snapshot = overlay.snapshot();
    overlay.setAccount(BOB, { ...newAccount(suite), codeHash: dropped });
    overlay.revert(snapshot);
    const changes = overlay.changes();
    const codes = changes.filter(({ value }) => value?.length === 3);
    expect(codes).toMatchObject([{ key: codeKey(kept), value: Uint8Array.of(1, 2, 3) }]);
    expect(changes.some(({ key }) => equalBytes(key, codeKey(dropped)))).toBe(false);
    expect(overlay.addCode(new Uint8Array(0))).toStrictEqual(suite.emptyHash);
  });

  it('drops what was only read after a transaction that read very much, and keeps what was written', () => {
    const state = new MemoryState();
    state.apply([{ key: storageKey(BOB, 7n), value: Uint8Array.of(9) }]);
    const overlay = new StateOverlay(suite, state);
    overlay.setStorage(ALICE, 1n, 5n);
    overlay.setRows('t', 'k', [row(0, 'v')]);
    for (let slot = 0; slot <= KEPT_READS_MAX; slot++) overlay.storage(BOB, BigInt(slot));
    expect(overlay.commitTransaction()).toBe(true);
    // Only a test may change the state below: what is read now was really dropped.
    state.apply([{ key: storageKey(BOB, 7n), value: Uint8Array.of(8) }]);
    expect(overlay.storage(BOB, 7n)).toBe(8n);
    expect(overlay.storage(ALICE, 1n)).toBe(5n);
    expect(overlay.rows('t', 'k')).toHaveLength(1);
    expect(overlay.changes()).toHaveLength(2);
  });

  it('refuses and undoes a transaction that would make the block change too much', () => {
    const overlay = new StateOverlay(suite, new MemoryState());
    const megabytes = (count: number): string => 'x'.repeat(count * 1024 * 1024);
    overlay.setRows('t', 'a', [row(0, megabytes(100))]);
    expect(overlay.commitTransaction()).toBe(true);
    overlay.setRows('t', 'b', [row(0, megabytes(100))]);
    expect(overlay.commitTransaction()).toBe(false);
    expect(overlay.rows('t', 'b')).toStrictEqual([]);
    // The same rows again are counted once.
    overlay.setRows('t', 'a', [row(0, megabytes(101))]);
    expect(overlay.commitTransaction()).toBe(true);
  });

  /** Against a model that copies everything at each snapshot, over several blocks. */
  it('equals a naive model for any sequence of writes, snapshots and reverts', () => {
    const address = fc.constantFrom(ALICE, BOB);
    const small = fc.integer({ min: 0, max: 3 });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('slot' as const), address, slot: small, value: small }),
      fc.record({ kind: fc.constant('account' as const), address, count: small, frozen: fc.boolean() }),
      fc.record({ kind: fc.constant('rows' as const), key: fc.constantFrom('x', 'y'), ids: fc.uniqueArray(small) }),
      fc.record({ kind: fc.constant('snapshot' as const) }),
      fc.record({ kind: fc.constant('revert' as const), depth: small }),
      fc.record({ kind: fc.constant('commit' as const) }),
      fc.record({ kind: fc.constant('block' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const state = new MemoryState();
        let overlay = new StateOverlay(suite, state);
        let model = new Model();
        let snapshots: { overlay: number; model: Model }[] = [];
        const endBlock = (): void => {
          const changes = overlay.changes();
          for (const [i, change] of changes.entries()) {
            if (i > 0) expect(compareBytes(changes[i - 1]!.key, change.key)).toBeLessThan(0);
            const before = state.get(change.key);
            const isSame =
              before === undefined
                ? change.value === undefined
                : change.value !== undefined && equalBytes(before, change.value);
            expect(isSame).toBe(false);
          }
          state.apply(changes);
          overlay = new StateOverlay(suite, state);
          snapshots = [];
        };
        for (const step of actions) {
          if (step.kind === 'slot') {
            overlay.setStorage(step.address, BigInt(step.slot), BigInt(step.value));
            model.slots.set(`${step.address}${step.slot}`, BigInt(step.value));
          } else if (step.kind === 'account') {
            const record = { ...newAccount(suite), creationCount: BigInt(step.count), frozen: step.frozen };
            overlay.setAccount(step.address, record);
            model.accounts.set(step.address, record);
          } else if (step.kind === 'rows') {
            const rows = [...step.ids].sort().map((id) => row(id, `value ${id}`));
            overlay.setRows('t', step.key, rows);
            model.rows.set(step.key, rows);
          } else if (step.kind === 'snapshot') {
            snapshots.push({ overlay: overlay.snapshot(), model: model.copy() });
          } else if (step.kind === 'revert') {
            const target = snapshots[step.depth];
            if (target === undefined) continue;
            overlay.revert(target.overlay);
            model = target.model.copy();
            snapshots.length = step.depth;
          } else if (step.kind === 'commit') {
            overlay.commitTransaction();
            snapshots = [];
          } else {
            endBlock();
          }
          model.expectEqual(overlay);
        }
        endBlock();
        model.expectEqual(overlay);
      }),
      { numRuns: 300 },
    );
  });
});

class Model {
  readonly slots: Map<string, bigint>;
  readonly accounts: Map<string, AccountRecord>;
  readonly rows: Map<string, readonly Row[]>;

  constructor(from?: Model) {
    this.slots = new Map(from?.slots);
    this.accounts = new Map(from?.accounts);
    this.rows = new Map(from?.rows);
  }

  copy(): Model {
    return new Model(this);
  }

  expectEqual(overlay: StateOverlay): void {
    for (const address of [ALICE, BOB]) {
      expect(overlay.account(address)).toStrictEqual(this.accounts.get(address));
      for (let slot = 0; slot < 4; slot++) {
        expect(overlay.storage(address, BigInt(slot))).toBe(this.slots.get(`${address}${slot}`) ?? 0n);
      }
    }
    for (const key of ['x', 'y']) expect(overlay.rows('t', key)).toStrictEqual(this.rows.get(key) ?? []);
  }
}
