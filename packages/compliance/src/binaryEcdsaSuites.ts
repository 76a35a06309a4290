import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';

/** The suites with compiled arithmetic that this platform has, best first: what `auto` chooses from. */
export async function binaryEcdsaSuites(): Promise<CryptoSuite[]> {
  const suites: CryptoSuite[] = [];
  for (const provider of ['addon', 'native'] as const) {
    try {
      suites.push(await loadSuite('ecdsa', provider));
    } catch {
      // Not here: there is nothing to compare then.
    }
  }
  return suites;
}
