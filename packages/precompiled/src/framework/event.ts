import { fromByteString } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import type { SystemHost } from '../ports.js';
import { parameterTypes } from './signature.js';

/**
 * Writes an event as Solidity does, with its indexed parameters first: they are `topics`, and the rest of the signature's
 * parameters are `values`. Contracts of 2.x write none: ADR 0004.
 * @param topics 32 bytes each, at most three
 */
export function emitEvent(
  host: SystemHost,
  address: Address,
  signature: string,
  topics: readonly Uint8Array[],
  values: readonly AbiValue[],
): void {
  const types = parameterTypes(signature).slice(topics.length);
  const name = host.suite.hash(fromByteString(signature));
  host.emitLog({ address, topics: [name, ...topics], data: encodeAbi(types, values) });
}
