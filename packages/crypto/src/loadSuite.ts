import { loadAddonArithmetic } from './ecdsa/addon.js';
import { createEcdsaSuite, type EcdsaArithmetic } from './ecdsa/ecdsaSuite.js';
import { javascriptArithmetic } from './ecdsa/javascript.js';
import { loadNativeArithmetic } from './ecdsa/native.js';
import { initializeHashes } from './hashes.js';
import { createSmSuite } from './smSuite.js';
import type { CryptoSuite, SuiteName } from './suite.js';

/**
 * Who does the arithmetic of ecdsa: `addon` is our own over libsecp256k1, `native` the npm package of that library. `auto`
 * takes the first of the three that is there; the others insist.
 */
export type ProviderPreference = 'auto' | 'addon' | 'native' | 'javascript';

/**
 * Loads a suite and prepares the hashes. Everything after this is synchronous.
 * @throws Error when a provider is asked for that does not exist here (suite `sm` has JavaScript only)
 */
export async function loadSuite(name: SuiteName, preference: ProviderPreference = 'auto'): Promise<CryptoSuite> {
  await initializeHashes();
  if (name === 'ecdsa') return createEcdsaSuite(await loadArithmetic(preference));
  if (preference === 'addon' || preference === 'native') throw new Error(`the suite sm has no provider ${preference}`);
  return createSmSuite();
}

async function loadArithmetic(preference: ProviderPreference): Promise<EcdsaArithmetic> {
  if (preference === 'javascript') return javascriptArithmetic;
  const addon = preference === 'native' ? undefined : await loadAddonArithmetic();
  if (addon !== undefined) return addon;
  if (preference === 'addon') throw new Error('the addon of secp256k1 was not built for this platform');
  const native = await loadNativeArithmetic();
  if (native === undefined && preference === 'native') {
    throw new Error('libsecp256k1 (npm package secp256k1) has no binary for this platform');
  }
  return native ?? javascriptArithmetic;
}
