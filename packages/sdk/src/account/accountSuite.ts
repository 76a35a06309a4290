import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { PLATFORM_PORTS } from '../ports.js';

const ENTROPY_BYTES = 32;

/**
 * The suite that an account signs with. Nonces of SM2 are mixed with the platform's randomness, in case the same key and
 * digest are ever signed where somebody disturbs the computation.
 */
export async function loadAccountSuite(name: SuiteName): Promise<CryptoSuite> {
  return loadSuite(name, 'auto', { entropy: () => PLATFORM_PORTS.random(ENTROPY_BYTES) });
}
