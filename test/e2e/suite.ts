import type { SuiteName } from '@menglian/crypto/suite';

/** The suite of every chain of processes that tests build: the same tests run on both kinds (`npm run test:sm`). */
export const SUITE: SuiteName = process.env['MENGLIAN_TEST_SUITE'] === 'sm' ? 'sm' : 'ecdsa';
