import type { Address } from '@menglian/types/address';
import { ecrecover } from './precompiles/01-ecrecover.js';
import { sha256Contract } from './precompiles/02-sha256.js';
import { ripemd160Contract } from './precompiles/03-ripemd160.js';
import { identity } from './precompiles/04-identity.js';
import { modexp } from './precompiles/05-modexp.js';
import { bn128Add } from './precompiles/06-bn128Add.js';
import { bn128Multiply } from './precompiles/07-bn128Multiply.js';
import { bn128Pairing } from './precompiles/08-bn128Pairing.js';
import { blake2Compression } from './precompiles/09-blake2f.js';
import type { BuiltIn } from './precompiles/builtIn.js';

export type { BuiltIn } from './precompiles/builtIn.js';

const BUILT_INS: ReadonlyMap<Address, BuiltIn> = new Map(
  [
    ecrecover,
    sha256Contract,
    ripemd160Contract,
    identity,
    modexp,
    bn128Add,
    bn128Multiply,
    bn128Pairing,
    blake2Compression,
  ].map((contract, index) => [(index + 1).toString(16).padStart(40, '0'), contract]),
);

/** Ethereum's precompiled contract at an address: 1 to 9, the same in both crypto suites. */
export function builtin(address: Address): BuiltIn | undefined {
  return BUILT_INS.get(address);
}
