import { randomBytes } from 'node:crypto';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { Account } from '@menglian/sdk/account/account';
import { hexOf } from '@menglian/sdk/hex';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { BLOCK_LIMIT_AHEAD, transactionFields } from '@menglian/sdk/transaction/fields';
import type { SignedText } from '../sender.js';
import { SUITE } from '../../e2e/suite.js';

const suite = await loadSuite(SUITE);
const SET = functionOf('set(string)');

/** An account that calls `set` of a HelloWorld contract, each time with another text, however long the chain grows. */
export class ContractCaller {
  readonly #account = new Account(suite, PLATFORM_PORTS.random(32));
  readonly #contract: string;

  /** @param contract `0x` and 40 digits */
  constructor(contract: string) {
    this.#contract = contract;
  }

  /** `0x` and 40 digits */
  get address(): string {
    return this.#account.address;
  }

  /** @param blockNumber of a block that is not old: the transaction may wait for some hundred more */
  set(blockNumber: number): SignedText {
    const data = callData(suite, SET, [randomBytes(8).toString('hex')]);
    const blockLimit = blockNumber + BLOCK_LIMIT_AHEAD;
    const fields = transactionFields(
      { chainId: 1, groupId: 1, blockLimit, to: this.#contract.slice(2), data },
      PLATFORM_PORTS,
    );
    const signed = this.#account.signTransaction(fields);
    return { raw: hexOf(signed.raw), hash: hexOf(signed.hash) };
  }
}
