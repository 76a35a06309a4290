import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareBytes, concatBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { NO_STATE_DIGEST, stateDigest } from './stateDigest.js';
import { layeredView, type StateChange } from './stateView.js';

let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

const change = fc.record({
  key: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  value: fc.option(fc.uint8Array({ maxLength: 6 }), { nil: undefined }),
});
const changes = fc.uniqueArray(change, { selector: ({ key }) => toHex(key), maxLength: 6 }).map(sort);

describe('state digest', () => {
  it('is the hash of domain, parent, count and length-prefixed changes', () => {
    const text = concatBytes(
      utf8Bytes('menglian/state/1'),
      new Uint8Array(32),
      fromHex(['00000002', '00000001', '61', '00', '00000002', '6162', '01', '00000003', '010203'].join('')),
    );
    const list = [
      { key: utf8Bytes('a'), value: undefined },
      { key: utf8Bytes('ab'), value: Uint8Array.of(1, 2, 3) },
    ];
    expect(stateDigest(suite, NO_STATE_DIGEST, list)).toEqual(suite.hash(text));
  });

  it('is frozen: these values must never change', async () => {
    const list = [
      { key: utf8Bytes('a'), value: undefined },
      { key: utf8Bytes('ab'), value: Uint8Array.of(1, 2, 3) },
    ];
    const sm = await loadSuite('sm');
    expect(toHex(stateDigest(suite, NO_STATE_DIGEST, list))).toMatchInlineSnapshot(
      `"058d457558ec3ff24d6d815529799a15b2c3c610a44299f7f5e38bbf9533c94b"`,
    );
    expect(toHex(stateDigest(sm, NO_STATE_DIGEST, list))).toMatchInlineSnapshot(
      `"56a0aaba2b27555277c4d973cf3cb7bd437c9678d9490675c41313cacd761353"`,
    );
    expect(toHex(stateDigest(suite, NO_STATE_DIGEST, []))).toMatchInlineSnapshot(
      `"82bb0cd0f245737c93bc665d5389b1d36acb0a9d113a98bc7ea2fc837591f27c"`,
    );
  });

  it('moves with every block, also one that changes nothing', () => {
    const first = stateDigest(suite, NO_STATE_DIGEST, []);
    expect(first).not.toEqual(NO_STATE_DIGEST);
    expect(stateDigest(suite, first, [])).not.toEqual(first);
  });

  it('differs for different changes or parents', () => {
    fc.assert(
      fc.property(changes, changes, fc.boolean(), (one, other, otherParent) => {
        const parent = otherParent ? new Uint8Array(32).fill(1) : NO_STATE_DIGEST;
        const isSame = !otherParent && describeChanges(one) === describeChanges(other);
        const digests = [stateDigest(suite, NO_STATE_DIGEST, one), stateDigest(suite, parent, other)].map(toHex);
        expect(digests[0] === digests[1]).toBe(isSame);
      }),
    );
  });

  it('stops on unsorted or repeated keys', () => {
    const a = { key: utf8Bytes('a'), value: undefined };
    const b = { key: utf8Bytes('b'), value: undefined };
    expect(() => stateDigest(suite, NO_STATE_DIGEST, [b, a])).toThrow('ledger/changes-sorted');
    expect(() => stateDigest(suite, NO_STATE_DIGEST, [a, a])).toThrow('ledger/changes-sorted');
  });
});

describe('layered view', () => {
  it('shows changes over what is below, deletions included', () => {
    fc.assert(
      fc.property(changes, changes, change, (below, above, { key }) => {
        const base = layeredView(below, { get: () => undefined });
        const view = layeredView(above, base);
        const hit = above.find((change) => compareBytes(change.key, key) === 0);
        expect(view.get(key)).toEqual(hit === undefined ? base.get(key) : hit.value);
        for (const change of above) expect(view.get(change.key)).toEqual(change.value);
      }),
    );
  });
});

function sort(list: readonly StateChange[]): StateChange[] {
  return list.toSorted((a, b) => compareBytes(a.key, b.key));
}

function describeChanges(list: readonly StateChange[]): string {
  return list.map(({ key, value }) => `${toHex(key)}=${value === undefined ? 'deleted' : toHex(value)}`).join(';');
}
