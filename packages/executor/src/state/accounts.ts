import { equalBytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { AccountRecord } from '@menglian/ledger/stateRecords';

/** A new account: an external one from its first creation on, a contract from its own. */
export function newAccount(suite: CryptoSuite): AccountRecord {
  return {
    codeHash: suite.emptyHash,
    creationCount: 0n,
    frozen: false,
    managers: [],
    remainGas: undefined,
    destroyed: false,
  };
}

export function hasCode(suite: CryptoSuite, account: AccountRecord): boolean {
  return !equalBytes(account.codeHash, suite.emptyHash);
}
