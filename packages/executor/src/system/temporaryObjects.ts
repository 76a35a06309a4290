import type { SystemContract } from '@menglian/precompiled/ports';
import { FIRST_OBJECT_NUMBER, systemAddress } from '@menglian/precompiled/addresses';
import type { Address } from '@menglian/types/address';
import { TEMPORARY_OBJECTS_MAX } from '../limits.js';

/**
 * Tables, entries and conditions that contracts opened. Addresses count up through the whole block, over transactions, and
 * reverts neither take them back nor change what the objects hold, for contracts may have stored them:
 * docs/system-contracts.md, "Temporary objects".
 */
export class TemporaryObjects {
  readonly #objects = new Map<Address, SystemContract>();

  /** @returns undefined when the block is full of them */
  add(object: SystemContract): Address | undefined {
    if (this.#objects.size >= TEMPORARY_OBJECTS_MAX) return undefined;
    const address = systemAddress(FIRST_OBJECT_NUMBER + this.#objects.size);
    this.#objects.set(address, object);
    return address;
  }

  at(address: Address): SystemContract | undefined {
    return this.#objects.get(address);
  }
}
