import { createEcdsaSuite } from './ecdsa/ecdsaSuite.js';
import { javascriptArithmetic } from './ecdsa/javascript.js';
import { loadNativeArithmetic } from './ecdsa/native.js';
import { initializeHashes } from './hashes.js';
import { createSmSuite } from './smSuite.js';
import type { CryptoSuite, SuiteName } from './suite.js';

/** `auto` is native where it loads and JavaScript elsewhere; the other two insist. */
export type ProviderPreference = 'auto' | 'native' | 'javascript';

/**
 * Loads a suite and prepares the hashes. Everything after this is synchronous.
 * @throws Error when `native` is asked for and does not exist here (suite `sm` has no native provider yet)
 */
export async function loadSuite(name: SuiteName, preference: ProviderPreference = 'auto'): Promise<CryptoSuite> {
  await initializeHashes();
  if (name === 'sm') {
    if (preference === 'native') throw new Error('the suite sm has no native provider');
    return createSmSuite();
  }
  const native = preference === 'javascript' ? undefined : await loadNativeArithmetic();
  if (native === undefined && preference === 'native') {
    throw new Error('libsecp256k1 (npm package secp256k1) has no binary for this platform');
  }
  return createEcdsaSuite(native ?? javascriptArithmetic);
}
