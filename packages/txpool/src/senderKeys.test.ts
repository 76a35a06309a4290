import { EMPTY_BYTES } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { decodeTransaction, signTransaction, type UncheckedTransaction } from '@menglian/types/transaction';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SenderKeys } from './senderKeys.js';

const ecdsa = await loadSuite('ecdsa');
const sm = await loadSuite('sm');
const random = new SeededRandom(11);
const keys = Array.from({ length: 4 }, () => random.bytes(32));
const STRANGER = 'ee'.repeat(20);

function transactionOf(
  who: number,
  nonce: number,
  suite = ecdsa,
): { transaction: UncheckedTransaction; sender: string } {
  const plain = { gasPrice: 1n, gas: 1n, blockLimit: 500n, to: undefined, value: 0n, chainId: 1n, groupId: 1n };
  const fields = { ...plain, nonce: BigInt(nonce), data: EMPTY_BYTES, extraData: EMPTY_BYTES };
  const { raw, sender } = signTransaction(suite, fields, keys[who]!);
  const decoded = decodeTransaction(suite, raw);
  if (!decoded.ok) throw new Error(decoded.reason);
  return { transaction: decoded.value, sender };
}

function spoilt(transaction: UncheckedTransaction): UncheckedTransaction {
  const signature = transaction.signature.slice().fill(0xff, 0, 32);
  return { ...transaction, signature };
}

describe('signatures of transactions', () => {
  it('give their senders, whatever was said of them', () => {
    const pool = Array.from({ length: 24 }, (_, index) => transactionOf(index % 4, index));
    const one = fc.record({
      index: fc.nat({ max: 23 }),
      said: fc.constantFrom('nothing', 'truth', 'another', 'stranger'),
      isSpoilt: fc.boolean(),
    });
    const senderKeys = new SenderKeys(ecdsa);
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (many) => {
        const unchecked = many.map(({ index, said, isSpoilt }) => {
          const { transaction, sender } = pool[index]!;
          const names = {
            nothing: undefined,
            truth: sender,
            another: pool[(index + 1) % 24]!.sender,
            stranger: STRANGER,
          };
          return { transaction: isSpoilt ? spoilt(transaction) : transaction, likelySender: names[said] };
        });
        const senders = senderKeys.verify(unchecked).map((signed) => signed?.sender);
        expect(senders).toEqual(many.map(({ index, isSpoilt }) => (isSpoilt ? undefined : pool[index]!.sender)));
      }),
      { numRuns: 60 },
    );
  });

  it('come with a guess once the key is known, or when a batch agrees', () => {
    const guesses: number[] = [];
    const watched: CryptoSuite = {
      ...ecdsa,
      recoverMany: (checks) => {
        guesses.push(checks.filter(({ likelyKey }) => likelyKey !== undefined).length);
        return ecdsa.recoverMany(checks);
      },
    };
    const senderKeys = new SenderKeys(watched);
    const { transaction, sender } = transactionOf(0, 1);
    senderKeys.verify([{ transaction, likelySender: sender }]);
    senderKeys.verify([{ transaction, likelySender: sender }, { transaction }]);
    senderKeys.verify(Array.from({ length: 20 }, (_, index) => transactionOf(1, index)));
    senderKeys.verify(Array.from({ length: 20 }, (_, index) => transactionOf(index % 3, index)));
    expect(guesses).toEqual([0, 1, 20, 0]);
  });

  it('of SM2 give sender and parity, whatever parity was said of them', () => {
    const pool = Array.from({ length: 40 }, (_, index) => transactionOf(index % 4, index, sm));
    const senderKeys = new SenderKeys(sm);
    const verified = (likelyParity: (index: number) => 0 | 1 | undefined) =>
      senderKeys.verify(pool.map(({ transaction }, index) => ({ transaction, likelyParity: likelyParity(index) })));
    const first = verified(() => undefined);
    expect(first.map((signed) => signed?.sender)).toEqual(pool.map(({ sender }) => sender));
    const parities = first.map((signed) => signed!.parity);
    // Providers without bulk checks tell none.
    if (sm.provider === 'addon') expect(new Set(parities)).toEqual(new Set([0, 1]));
    expect(verified((index) => parities[index])).toEqual(first);
    expect(verified((index) => (parities[index] === 0 ? 1 : 0))).toEqual(first);
    const transaction = spoilt(pool[0]!.transaction);
    expect(senderKeys.verify([{ transaction, likelyParity: parities[0] }])).toEqual([undefined]);
  });
});
