import { toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { ProgramGenerator } from '@menglian/evm/testing/randomProgram';
import { encodeReceipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { BlockResult, ExecutionSettings } from '../ports.js';
import { deploying, TestChain } from './testChain.js';
import type { TestAccount } from './testChain.js';

const USERS = ['a', 'b', 'c', 'd'];

/** Everything of a result, as text. */
export function shown(result: BlockResult): unknown {
  return {
    receipts: result.receipts.map((receipt) => toHex(encodeReceipt(receipt))),
    changes: result.changes.map(({ key, value }) => [toHex(key), value === undefined ? undefined : toHex(value)]),
    roots: [result.stateDigest, result.transactionsRoot, result.receiptsRoot].map(toHex),
  };
}

/** Accounts and random contracts that call one another, system contracts and built-ins, and deploy more of their kind. */
export class RandomBlocks {
  readonly chain: TestChain;
  readonly #random: SeededRandom;
  readonly #accounts: readonly TestAccount[];
  readonly #contracts: string[] = [];

  constructor(suite: CryptoSuite, seed: number, settings: Partial<ExecutionSettings> = {}) {
    this.chain = new TestChain(suite, suite, { gasLimit: 400_000n, ...settings });
    this.#random = new SeededRandom(seed);
    this.#accounts = [1, 2, 3].map((number) => this.chain.account(number));
  }

  next(): SignedTransaction[] {
    return Array.from({ length: 1 + this.#random.below(12) }, () => this.#transaction());
  }

  learn(result: BlockResult): void {
    for (const { contractAddress, status } of result.receipts) {
      if (status === 0 && !/^0+$/.test(contractAddress)) this.#contracts.push(contractAddress);
    }
  }

  #transaction(): SignedTransaction {
    const random = this.#random;
    const account = random.pick(this.#accounts);
    if (this.#contracts.length === 0 || random.chance(20)) {
      const others = ['04', '1000', '1001', '1002', '5002', '010001'].map((digits) => digits.padStart(40, '0'));
      const contracts = this.#contracts.length === 0 ? [account.address] : this.#contracts.slice(-8);
      const generator = new ProgramGenerator(random, { contracts, others });
      return this.chain.sign(account, {
        data: random.chance(80) ? deploying(generator.program()) : generator.initCode(1),
      });
    }
    if (random.chance(40))
      return this.chain.sign(account, { to: random.pick(this.#contracts.slice(-8)), data: random.bytes(70) });
    return this.chain.sign(account, this.#systemCall());
  }

  #systemCall() {
    const { chain } = this;
    const random = this.#random;
    const user = random.pick(USERS);
    const contract = random.pick(this.#contracts.slice(-8));
    const at = (digits: string, signature: string, ...values: (string | bigint)[]) => ({
      to: digits.padStart(40, '0'),
      data: chain.data(signature, ...values),
    });
    return random.pick([
      at('5002', 'userSave(string,uint256)', user, 10n),
      at('5002', 'userTransfer(string,string,uint256)', user, random.pick(USERS), 3n),
      at('1001', 'createTable(string,string,string)', user, 'id', 'item'),
      at('1001', 'createTable(string,string,string)', 'no good', 'id', 'item'),
      at('1002', 'insert(string,string,string,string)', user, 'k', '{"item":"v"}', ''),
      at('1002', 'remove(string,string,string,string)', user, 'k', '{}', ''),
      at('1007', 'freeze(address)', contract),
      at('1007', 'unfreeze(address)', contract),
      at('1005', 'insert(string,string)', user, `0x${random.pick(this.#accounts).address}`),
      at('1005', 'grantWrite(address,address)', contract, random.pick(this.#accounts).address),
      at('1000', 'setValueByKey(string,string)', 'tx_count_limit', String(1 + random.below(99))),
    ]);
  }
}
