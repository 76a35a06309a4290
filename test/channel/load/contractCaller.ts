import { randomBytes } from 'node:crypto';
import { toPrefixedHex } from '@menglian/base/bytes';
import { Account, encodeCall, rawText } from '@menglian/cli/client/account';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SignedText } from '../sender.js';

const suite = await loadSuite('ecdsa');

/** An account that calls `set` of a HelloWorld contract, each time with another text, however long the chain grows. */
export class ContractCaller {
  readonly #account = Account.generate(suite);
  readonly #contract: string;

  /** @param contract `0x` and 40 digits */
  constructor(contract: string) {
    this.#contract = contract;
  }

  /** `0x` and 40 digits */
  get address(): string {
    return `0x${this.#account.address}`;
  }

  /** @param blockNumber of a block that is not old: the transaction may wait for some hundred more */
  set(blockNumber: number): SignedText {
    const data = encodeCall(suite, 'set(string)', ['string'], [randomBytes(8).toString('hex')]);
    const target = { chainId: 1, groupId: 1, blockNumber, to: this.#contract.slice(2) };
    const signed = this.#account.sign(target, data);
    return { raw: rawText(signed), hash: toPrefixedHex(signed.hash) };
  }
}
