import { loadAddonArithmetic } from './ecdsa/addon.js';
import { createEcdsaSuite, type EcdsaArithmetic } from './ecdsa/ecdsaSuite.js';
import { javascriptArithmetic } from './ecdsa/javascript.js';
import { loadNativeArithmetic } from './ecdsa/native.js';
import { initializeHashes } from './hashes.js';
import { loadAddonArithmetic as loadSmAddon } from './sm/addon.js';
import type { SmArithmetic } from './sm/arithmetic.js';
import { createJavascriptArithmetic } from './sm/javascript.js';
import { createSmSuite } from './smSuite.js';
import type { CryptoSuite, SuiteName } from './suite.js';

const NO_ADDON = 'the addon of packages/crypto was not built for this platform';

/**
 * Who does the arithmetic: `addon` is our own in C (over libsecp256k1 for ecdsa), `native` the npm package of libsecp256k1,
 * which the suite `sm` has no use for. `auto` takes the first of the three that is there; the others insist.
 */
export type ProviderPreference = 'auto' | 'addon' | 'native' | 'javascript';

export interface SuiteOptions {
  /**
   * 32 unpredictable bytes for every signature of the suite `sm`, mixed into its nonce (RFC 6979, 3.6). Without it,
   * signatures are deterministic, as those of ecdsa always are.
   */
  readonly entropy?: () => Uint8Array;
}

/**
 * Loads a suite and prepares the hashes. Everything after this is synchronous.
 * @throws Error when a provider is asked for that does not exist here
 */
export async function loadSuite(
  name: SuiteName,
  preference: ProviderPreference = 'auto',
  options: SuiteOptions = {},
): Promise<CryptoSuite> {
  await initializeHashes();
  if (name === 'ecdsa') return createEcdsaSuite(await loadArithmetic(preference));
  return createSmSuite(await loadSmArithmetic(preference), options.entropy);
}

async function loadSmArithmetic(preference: ProviderPreference): Promise<SmArithmetic> {
  if (preference === 'native') throw new Error('the suite sm has no provider native');
  const addon = preference === 'javascript' ? undefined : await loadSmAddon();
  if (addon === undefined && preference === 'addon') throw new Error(NO_ADDON);
  return addon ?? createJavascriptArithmetic();
}

async function loadArithmetic(preference: ProviderPreference): Promise<EcdsaArithmetic> {
  if (preference === 'javascript') return javascriptArithmetic;
  const addon = preference === 'native' ? undefined : await loadAddonArithmetic();
  if (addon !== undefined) return addon;
  if (preference === 'addon') throw new Error(NO_ADDON);
  const native = await loadNativeArithmetic();
  if (native === undefined && preference === 'native') {
    throw new Error('libsecp256k1 (npm package secp256k1) has no binary for this platform');
  }
  return native ?? javascriptArithmetic;
}
