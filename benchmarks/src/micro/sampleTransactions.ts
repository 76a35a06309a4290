import { invariant } from '@menglian/base/invariant';
import { Account, encodeCall } from '@menglian/cli/client/account';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { decodeTransaction, type UncheckedTransaction } from '@menglian/types/transaction';

/** As clients send them: DagTransfer calls, each signed. @param senders how many accounts take turns */
export function sampleTransactions(suite: CryptoSuite, count: number, senders: number): UncheckedTransaction[] {
  const accounts = Array.from({ length: senders }, () => Account.generate(suite));
  const to = '5002'.padStart(40, '0');
  return Array.from({ length: count }, (_, index) => {
    const types = ['string', 'string', 'uint256'];
    const values = [`user${index % 1000}`, `user${(index * 7 + 1) % 1000}`, 1n];
    const data = encodeCall(suite, 'userTransfer(string,string,uint256)', types, values);
    const signed = accounts[index % senders]!.sign({ chainId: 1, groupId: 1, blockNumber: 100, to }, data);
    const decoded = decodeTransaction(suite, signed.raw);
    invariant(decoded.ok, 'benchmarks/sample');
    return decoded.value;
  });
}
