import { equalBytes, toHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { executionSettings } from '@menglian/executor/settings';
import { Ledger } from '@menglian/ledger/ledger';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import type { GenesisConfig } from '@menglian/types/genesis';
import { decodeTransaction, verifyTransaction } from '@menglian/types/transaction';

/**
 * S11: executes a chain once more, one transaction after the other, on a ledger of its own that no node has touched, and
 * demands the roots of every header and the sealers that the state names.
 * @returns the ledger, to be compared with those of the nodes
 */
export async function executeAgain(suite: CryptoSuite, genesis: GenesisConfig, chain: Ledger): Promise<Ledger> {
  const opened = await Ledger.open(openMemoryStore(), suite, genesis);
  invariant(opened.ok, 'sim/reference-ledger');
  const reference = opened.value;
  const executor = createSerialExecutor(suite);
  for (let number = 1; number <= chain.head().number; number++) {
    const { header, hash, signatures, receipts, transactions } = chain.blockByNumber(number)!;
    const signed = transactions.map((raw) => {
      const decoded = decodeTransaction(suite, raw);
      const transaction = decoded.ok ? verifyTransaction(suite, decoded.value) : undefined;
      invariant(transaction !== undefined, 'sim/S11', `block ${number} holds what is no transaction`);
      return transaction;
    });
    const view = reference.view();
    const parent = reference.head();
    const result = executor.executeBlock({
      suite,
      view,
      settings: executionSettings(view, parent.number, genesis.freeStorage, genesis.gasLimit),
      blockHash: (height) => reference.hashByNumber(height),
      header: { number, timestampMs: header.timestampMs },
      parent: { stateDigest: parent.stateDigest },
      transactions: signed,
    });
    const roots: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
      ['parent', parent.hash, header.parentHash],
      ['state', result.stateDigest, header.stateRoot],
      ['transactions', result.transactionsRoot, header.transactionsRoot],
      ['receipts', result.receiptsRoot, header.receiptsRoot],
    ];
    for (const [name, computed, stored] of roots) {
      invariant(equalBytes(computed, stored), 'sim/S11', `block ${number}: another ${name}, ${toHex(computed)}`);
    }
    const { sealers } = reference.membership();
    invariant(sealers.join() === header.sealerList.join(), 'sim/S3', `block ${number} names other sealers`);
    const block = { header, hash, transactions, signatures, receipts };
    await reference.commit(block, result.changes, { digest: hash, epoch: 0 }, [], signed);
  }
  return reference;
}
