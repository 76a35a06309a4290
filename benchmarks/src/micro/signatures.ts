import { secp256k1 } from '@noble/curves/secp256k1.js';
import { invariant } from '@menglian/base/invariant';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { UncheckedTransaction } from '@menglian/types/transaction';
import native from 'secp256k1';
import { Sink, type MicroCase, type PreparedCase, type Subject } from './microCase.js';
import { packageVersion } from './packageVersion.js';
import { sampleTransactions } from './sampleTransactions.js';

const SIGNATURES = 1000;

/** The slow library checks fewer in one run. */
const NOBLE_SIGNATURES = 20;

const SENDERS = 8;

/** The libraries to compare with: both recover one key at a time. */
function libraries(transactions: readonly UncheckedTransaction[]): Subject[] {
  const sink = new Sink();
  return [
    {
      name: 'secp256k1',
      version: packageVersion('secp256k1'),
      run() {
        for (const { signature, signingHash } of transactions)
          sink.take(native.ecdsaRecover(signature.subarray(0, 64), signature[64]!, signingHash, false));
        return transactions.length;
      },
    },
    {
      name: '@noble/curves',
      version: packageVersion('@noble/curves'),
      run() {
        for (const { signature, signingHash } of transactions.slice(0, NOBLE_SIGNATURES)) {
          // The library puts the recovery number first.
          const form = new Uint8Array(65);
          form[0] = signature[64]!;
          form.set(signature.subarray(0, 64), 1);
          sink.take(secp256k1.recoverPublicKey(form, signingHash, { prehash: false }));
        }
        return NOBLE_SIGNATURES;
      },
    },
  ];
}

function singleSubject(suite: CryptoSuite, transactions: readonly UncheckedTransaction[]): Subject {
  const sink = new Sink();
  return {
    name: 'menglian',
    version: '',
    run() {
      for (const { signature, signingHash } of transactions) sink.take(suite.recover(signingHash, signature));
      return transactions.length;
    },
  };
}

export const SIGNATURE_CASE: MicroCase = {
  name: 'signature',
  description: { en: 'recovering the signer of one transaction', zh: '逐笔恢复交易签名者' },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const transactions = sampleTransactions(suite, SIGNATURES, SENDERS);
    return { ours: singleSubject(suite, transactions), others: libraries(transactions) };
  },
};

/** @param senders known ones, who take turns */
async function prepareBulk(senders: number): Promise<PreparedCase> {
  const suite = await loadSuite('ecdsa');
  const transactions = sampleTransactions(suite, SIGNATURES, senders);
  const sink = new Sink();
  const checks = transactions.map(({ signature, signingHash }) => ({
    digest: signingHash,
    signature,
    likelyKey: suite.recover(signingHash, signature),
  }));
  const ours: Subject = {
    name: 'menglian',
    version: '',
    run() {
      const keys = suite.recoverMany(checks);
      invariant(!keys.includes(undefined), 'benchmarks/signature');
      sink.take(keys);
      return keys.length;
    },
  };
  const single = { ...singleSubject(suite, transactions), name: 'menglian, one by one' };
  return { ours, others: [single, ...libraries(transactions)] };
}

export const SIGNATURE_BULK_CASE: MicroCase = {
  name: 'signature-bulk',
  description: {
    en: `recovering the signers of ${SIGNATURES} transactions at once, ${SENDERS} known senders`,
    zh: `一次恢复 ${SIGNATURES} 笔交易的签名者，${SENDERS} 个已知发送者`,
  },
  prepare: async () => prepareBulk(SENDERS),
};

export const SIGNATURE_MANY_CASE: MicroCase = {
  name: 'signature-bulk-many',
  description: {
    en: `the same with ${SIGNATURES} known senders, one transaction each`,
    zh: `同上，${SIGNATURES} 个已知发送者，每人一笔`,
  },
  prepare: async () => prepareBulk(SIGNATURES),
};
