import { concatBytes, toByteString, toHex, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { type AbiValue, decodeAbi, encodeAbi, errorString, selector } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Address } from '@menglian/types/address';
import { systemAddress } from '../addresses.js';
import { parameterTypes } from '../framework/signature.js';
import type { SystemContract, SystemOutcome } from '../ports.js';
import { systemContract } from '../systemContracts.js';
import { MemorySystemHost } from './memorySystemHost.js';

export const ALICE: Address = 'a1'.repeat(20);
export const BOB: Address = 'b0'.repeat(20);
export const CAROL: Address = 'ca'.repeat(20);
export const CONTRACT: Address = 'c0'.repeat(20);

const GAS_LIMIT = 300_000_000;

/** Calls system contracts by signature, the way an SDK does, against one MemorySystemHost. */
export class SystemTester {
  readonly host: MemorySystemHost;
  gasLimit = GAS_LIMIT;
  /** Who calls, if not the origin itself. */
  callingContract: Address | undefined;

  constructor(suite: CryptoSuite, options: { readonly freeStorage?: boolean } = {}) {
    this.host = new MemorySystemHost(suite, { origin: ALICE, ...options });
  }

  as(origin: Address): this {
    this.host.origin = origin;
    return this;
  }

  /** @param target number of a fixed address, or the address of a temporary object */
  send(target: number | Address, signature: string, ...values: readonly AbiValue[]): SystemOutcome {
    return this.sendInput(target, this.input(signature, ...values));
  }

  sendInput(target: number | Address, input: Uint8Array): SystemOutcome {
    const sender = this.callingContract ?? this.host.origin;
    return this.host.run(this.#at(target), { sender, input, gasLeft: this.gasLimit });
  }

  input(signature: string, ...values: readonly AbiValue[]): Uint8Array {
    return concatBytes(this.#selector(signature), encodeAbi(parameterTypes(signature), values));
  }

  /** The int256 that a successful call answers. */
  code(target: number | Address, signature: string, ...values: readonly AbiValue[]): number {
    return Number(this.values(['int256'], target, signature, ...values)[0]);
  }

  text(target: number | Address, signature: string, ...values: readonly AbiValue[]): string {
    return String(this.values(['string'], target, signature, ...values)[0]);
  }

  address(target: number | Address, signature: string, ...values: readonly AbiValue[]): Address {
    return String(this.values(['address'], target, signature, ...values)[0]);
  }

  values(
    types: readonly string[],
    target: number | Address,
    signature: string,
    ...values: readonly AbiValue[]
  ): readonly AbiValue[] {
    const outcome = this.send(target, signature, ...values);
    invariant(outcome.status === 0, 'precompiled/test-call-failed', toByteString(outcome.output));
    const decoded = decodeAbi(types, outcome.output);
    invariant(decoded.ok, 'precompiled/test-output', toHex(outcome.output));
    return decoded.value;
  }

  /** The message of a failed call. */
  error(target: number | Address, signature: string, ...values: readonly AbiValue[]): string {
    return this.errorOf(this.send(target, signature, ...values));
  }

  errorOf(outcome: SystemOutcome): string {
    invariant(outcome.status === 21, 'precompiled/test-call-succeeded', toHex(outcome.output));
    const decoded = decodeAbi(['string'], outcome.output.subarray(4));
    invariant(decoded.ok, 'precompiled/test-output', toHex(outcome.output));
    const message = String(decoded.value[0]);
    const expected = errorString((data) => this.host.suite.hash(data), message);
    invariant(toHex(outcome.output) === toHex(expected), 'precompiled/test-error-selector');
    return message;
  }

  gas(target: number | Address, signature: string, ...values: readonly AbiValue[]): number {
    return this.send(target, signature, ...values).gasUsed;
  }

  #selector(signature: string): Uint8Array {
    return selector((data) => this.host.suite.hash(data), signature);
  }

  #at(target: number | Address): SystemContract {
    const found = typeof target === 'number' ? systemContract(systemAddress(target)) : this.host.objectAt(target);
    invariant(found !== undefined, 'precompiled/test-no-contract', String(target));
    return found;
  }
}

/** Text as the byte string that tables hold. */
export function bytesOf(text: string): string {
  return toByteString(utf8Bytes(text));
}
