import { decode, encode } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { invariant } from '@menglian/base/invariant';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeTransactionMessage, encodeTransactionMessage } from '@menglian/sync/messages';
import { decodeTransaction } from '@menglian/types/transaction';
import { Sink, type MicroCase } from './microCase.js';
import { packageVersion } from './packageVersion.js';
import { sampleTransactions } from './sampleTransactions.js';

const HASHED_BYTES = 200;
const HASHES = 5000;

export const HASH_CASE: MicroCase = {
  name: 'hash',
  description: { en: `keccak-256 of ${HASHED_BYTES} bytes`, zh: `${HASHED_BYTES} 字节的 keccak-256` },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const inputs = Array.from({ length: HASHES }, (_, index) => new Uint8Array(HASHED_BYTES).fill(index));
    const sink = new Sink();
    const subject = (name: string, version: string, hash: (data: Uint8Array) => Uint8Array) => ({
      name,
      version,
      run() {
        for (const input of inputs) sink.take(hash(input));
        return inputs.length;
      },
    });
    return {
      ours: subject('menglian', '', (data) => suite.hash(data)),
      others: [subject('@noble/hashes', packageVersion('@noble/hashes'), (data) => keccak_256(data))],
    };
  },
};

const DECODED = 2000;

export const DECODE_CASE: MicroCase = {
  name: 'decode',
  description: {
    en: 'reading a transaction: its fields, its hash and the hash that was signed',
    zh: '解析一笔交易：字段、交易哈希与被签名的哈希',
  },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const raws = sampleTransactions(suite, DECODED, 1).map(({ raw }) => raw);
    const sink = new Sink();
    return {
      ours: {
        name: 'menglian',
        version: '',
        run() {
          for (const raw of raws) {
            const decoded = decodeTransaction(suite, raw);
            invariant(decoded.ok, 'benchmarks/decode');
            sink.take(decoded.value.hash);
          }
          return raws.length;
        },
      },
      others: [
        {
          name: '@ethereumjs/rlp, @noble/hashes',
          version: `${packageVersion('@ethereumjs/rlp')}, ${packageVersion('@noble/hashes')}`,
          run() {
            for (const raw of raws) {
              const fields = decode(raw) as Uint8Array[];
              // Ten fields are signed; the signature is the last three.
              sink.take(keccak_256(encode(fields.slice(0, 10))));
              sink.take(keccak_256(raw));
            }
            return raws.length;
          },
        },
      ],
    };
  },
};

const TRANSACTIONS_A_MESSAGE = 300;
const MESSAGES = 20;

export const GOSSIP_CASE: MicroCase = {
  name: 'gossip',
  description: {
    en: `packing a message of ${TRANSACTIONS_A_MESSAGE} transactions and reading it, a transaction`,
    zh: `打包并解析含 ${TRANSACTIONS_A_MESSAGE} 笔交易的消息（按每笔计）`,
  },
  async prepare() {
    const suite = await loadSuite('ecdsa');
    const transactions = sampleTransactions(suite, TRANSACTIONS_A_MESSAGE, 1).map(({ raw }) => raw);
    const sink = new Sink();
    return {
      ours: {
        name: 'menglian',
        version: '',
        run() {
          for (let message = 0; message < MESSAGES; message++) {
            const decoded = decodeTransactionMessage(encodeTransactionMessage({ kind: 'bodies', transactions }));
            invariant(decoded.ok && decoded.value.kind === 'bodies', 'benchmarks/gossip');
            sink.take(decoded.value.transactions);
          }
          return MESSAGES * transactions.length;
        },
      },
      others: [
        {
          name: '@ethereumjs/rlp',
          version: packageVersion('@ethereumjs/rlp'),
          run() {
            for (let message = 0; message < MESSAGES; message++)
              sink.take(decode(encode(transactions)) as Uint8Array[]);
            return MESSAGES * transactions.length;
          },
        },
      ],
    };
  },
};
