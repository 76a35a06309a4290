import type { SuiteName } from '@menglian/crypto/suite';

/** The suite of every chain of processes that tests build: the same tests run on both kinds (`npm run test:sm`). */
export const SUITE: SuiteName = process.env['MENGLIAN_TEST_SUITE'] === 'sm' ? 'sm' : 'ecdsa';
export const IS_SM = SUITE === 'sm';

/** The name of a file of keys or certificates of nodes, as chains of the suite call it. */
export function gm(name: string): string {
  return IS_SM ? `gm${name}` : name;
}
