import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';

/** The native provider, or undefined on a platform that has none: there is nothing to compare then. */
export async function nativeEcdsaSuite(): Promise<CryptoSuite | undefined> {
  try {
    return await loadSuite('ecdsa', 'native');
  } catch {
    return undefined;
  }
}
