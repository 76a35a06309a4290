import { randomBytes } from 'node:crypto';
import { fromHex, toBigInt, toPrefixedHex } from '@menglian/base/bytes';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { signTransaction, type TransactionFields } from '@menglian/types/transaction';
import { readRecording } from '../golden/recordedFormats.js';
import { SUITE } from '../e2e/suite.js';

const suite = await loadSuite(SUITE);

const DAG_TRANSFER = '5002'.padStart(40, '0');
const hello = readRecording(SUITE, 'contracts.json') as {
  HelloWorld: { bytecode: string };
};

/** A signed transaction as clients send it. */
export interface SignedText {
  /** `0x` and the encoding */
  readonly raw: string;
  /** `0x` and 64 digits */
  readonly hash: string;
}

/** Signs transactions of one new account. */
export class Sender {
  readonly #key = Uint8Array.from(randomBytes(32));

  /** One that is accepted and changes little. @param changes fields with which it is perhaps not accepted */
  save(changes: Partial<TransactionFields> = {}): SignedText {
    const user = randomBytes(8).toString('hex');
    const data = callData('userSave(string,uint256)', ['string', 'uint256'], [user, 1n]);
    return this.#sign({ to: DAG_TRANSFER, data, ...changes });
  }

  /** Deploys HelloWorld, which emits `Changed(address indexed, string)` when it is set. */
  deploy(): SignedText {
    return this.#sign({ to: undefined, data: fromHex(hello.HelloWorld.bytecode.slice(2)) });
  }

  /** @param contract `0x` and 40 digits */
  set(contract: string, text: string): SignedText {
    // The ABI takes text as one character a byte.
    const bytes = Buffer.from(text).toString('latin1');
    return this.#sign({ to: contract.slice(2), data: callData('set(string)', ['string'], [bytes]) });
  }

  #sign(fields: Pick<TransactionFields, 'to' | 'data'> & Partial<TransactionFields>): SignedText {
    const signed = signTransaction(
      suite,
      {
        nonce: toBigInt(Uint8Array.from(randomBytes(31))),
        gasPrice: 1n,
        gas: 300_000_000n,
        blockLimit: 500n,
        value: 0n,
        chainId: 1n,
        groupId: 1n,
        extraData: new Uint8Array(0),
        ...fields,
      },
      this.#key,
    );
    return { raw: toPrefixedHex(signed.raw), hash: toPrefixedHex(signed.hash) };
  }
}

function callData(signature: string, types: readonly string[], values: readonly (string | bigint)[]): Uint8Array {
  const head = selector((bytes) => suite.hash(bytes), signature);
  return Uint8Array.from(Buffer.concat([head, encodeAbi(types, values)]));
}

/** Hash of an event's signature, its first topic. `0x` and 64 digits. */
export function eventTopic(signature: string): string {
  return toPrefixedHex(suite.hash(Buffer.from(signature)));
}
