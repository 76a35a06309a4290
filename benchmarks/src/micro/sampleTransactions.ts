import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { Account } from '@menglian/sdk/account/account';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { transactionFields } from '@menglian/sdk/transaction/fields';
import { decodeTransaction, type UncheckedTransaction } from '@menglian/types/transaction';

const USER_TRANSFER = functionOf('userTransfer(string,string,uint256)');

/** As clients send them: DagTransfer calls, each signed. @param senders how many accounts take turns */
export function sampleTransactions(suite: CryptoSuite, count: number, senders: number): UncheckedTransaction[] {
  const accounts = Array.from({ length: senders }, () => new Account(suite, PLATFORM_PORTS.random(32)));
  const to = '5002'.padStart(40, '0');
  return Array.from({ length: count }, (_, index) => {
    const data = callData(suite, USER_TRANSFER, [`user${index % 1000}`, `user${(index * 7 + 1) % 1000}`, 1n]);
    const fields = transactionFields({ chainId: 1, groupId: 1, blockLimit: 600, to, data }, PLATFORM_PORTS);
    const decoded = decodeTransaction(suite, accounts[index % senders]!.signTransaction(fields).raw);
    invariant(decoded.ok, 'benchmarks/sample');
    return decoded.value;
  });
}
