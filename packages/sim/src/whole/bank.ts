import { concatBytes, EMPTY_BYTES, toHex } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { encodeAbi, selector, type AbiValue } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { StateView } from '@menglian/ledger/stateView';
import { readRows } from '@menglian/ledger/systemTables';
import { signTransaction, type SignedTransaction } from '@menglian/types/transaction';

const DAG_TRANSFER = '5002'.padStart(40, '0');
const SYSTEM_CONFIG = '1000'.padStart(40, '0');
const CONSENSUS = '1003'.padStart(40, '0');
const TABLE = 'u_dag_transfer';

const ACCOUNTS = Array.from({ length: 8 }, (_, index) => `account${index}`);
const OPENING_BALANCE = 1000n;

/** Makes the transactions of all clients. */
export class Bank {
  readonly #suite: CryptoSuite;
  readonly #random: SeededRandom;
  readonly #chain: { readonly chainId: number; readonly groupId: number };
  readonly #clientKey: Uint8Array;

  constructor(suite: CryptoSuite, random: SeededRandom, chain: { readonly chainId: number; readonly groupId: number }) {
    this.#suite = suite;
    this.#random = random;
    this.#chain = chain;
    this.#clientKey = random.bytes(32);
  }

  /** Pays the same into every account: the only transactions that make money. */
  openings(blockLimit: number): SignedTransaction[] {
    return ACCOUNTS.map((account) =>
      this.#sign(DAG_TRANSFER, 'userSave(string,uint256)', [account, OPENING_BALANCE], blockLimit),
    );
  }

  transfer(blockLimit: number): SignedTransaction {
    const [from, to] = [this.#random.pick(ACCOUNTS), this.#random.pick(ACCOUNTS)];
    const amount = BigInt(this.#random.below(300));
    const values = [from, to, amount];
    return this.#sign(DAG_TRANSFER, 'userTransfer(string,string,uint256)', values, blockLimit);
  }

  /** Adds, demotes or removes a member of the group. */
  membership(action: 'addSealer' | 'addObserver' | 'remove', nodeId: string, blockLimit: number): SignedTransaction {
    return this.#sign(CONSENSUS, `${action}(string)`, [nodeId], blockLimit);
  }

  setting(key: string, value: string, blockLimit: number): SignedTransaction {
    return this.#sign(SYSTEM_CONFIG, 'setValueByKey(string,string)', [key, value], blockLimit);
  }

  #sign(to: string, signature: string, values: readonly AbiValue[], blockLimit: number): SignedTransaction {
    const [, types = ''] = /\((.*)\)/.exec(signature) ?? [];
    const call = selector((bytes) => this.#suite.hash(bytes), signature);
    const fields = {
      nonce: BigInt(`0x${toHex(this.#random.bytes(16))}`),
      gasPrice: 1n,
      gas: 1n,
      blockLimit: BigInt(blockLimit),
      to,
      value: 0n,
      data: concatBytes(call, encodeAbi(types.split(','), values)),
      chainId: BigInt(this.#chain.chainId),
      groupId: BigInt(this.#chain.groupId),
      extraData: EMPTY_BYTES,
    };
    return signTransaction(this.#suite, fields, this.#clientKey);
  }
}

/** All money there is: the accounts that exist have their opening balance each, whatever was transferred. */
export function moneyIn(view: StateView): { readonly total: bigint; readonly expected: bigint } {
  let total = 0n;
  let accounts = 0n;
  for (const account of ACCOUNTS) {
    const [row] = readRows(view, TABLE, account);
    if (row === undefined) continue;
    total += BigInt(row.fields.get('user_balance') ?? '0');
    accounts++;
  }
  return { total, expected: accounts * OPENING_BALANCE };
}
