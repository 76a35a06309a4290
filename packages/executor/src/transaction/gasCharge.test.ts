import { EMPTY_BYTES, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { accountKey, decodeAccount, encodeAccount, encodeRows, rowsKey } from '@menglian/ledger/stateRecords';
import { TransactionStatus } from '@menglian/types/status';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newAccount } from '../state/accounts.js';
import { TestChain } from '../testing/testChain.js';
import type { TestAccount } from '../testing/testChain.js';

let suite: CryptoSuite;
let chain: TestChain;
let alice: TestAccount;

const NOBODY = 'ab'.repeat(20);
const GOVERNANCE = '1008'.padStart(40, '0');

beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

beforeEach(() => {
  chain = new TestChain(suite, suite, { chargeGas: true });
  alice = chain.account(1);
});

function give(account: TestAccount, remainGas: bigint): void {
  chain.state.apply([{ key: accountKey(account.address), value: encodeAccount({ ...newAccount(suite), remainGas }) }]);
}

function remainGas(account: TestAccount): bigint | undefined {
  return decodeAccount(chain.state.get(accountKey(account.address))!).remainGas;
}

describe('a chain that charges gas', () => {
  it('refuses an account without a record or without the base gas, at no cost', () => {
    const bob = chain.account(2);
    give(bob, 20_999n);
    const { receipts, changes } = chain.run(
      chain.sign(alice, { to: NOBODY }),
      chain.sign(bob, { to: NOBODY }),
      chain.sign(alice, { data: EMPTY_BYTES }),
    );
    for (const receipt of receipts) {
      expect(receipt).toMatchObject({ status: TransactionStatus.NotEnoughRemainGas, gasUsed: 0n });
    }
    expect(receipts.map((receipt) => receipt.remainGas)).toStrictEqual([0n, 20_999n, 0n]);
    expect(changes).toStrictEqual([]);
  });

  it('lets leaders of rPBFT rotate for nothing', () => {
    const [receipt] = chain.run(chain.sign(alice, { to: '1011'.padStart(40, '0') })).receipts;
    expect(receipt).toMatchObject({ status: TransactionStatus.None, gasUsed: 0n });
  });

  it('takes what was used, also of a transaction that failed, and shows the rest', () => {
    give(alice, 50_000n);
    const { receipts } = chain.run(
      chain.sign(alice, { to: NOBODY }),
      chain.sign(alice, { to: NOBODY, data: Uint8Array.of(1) }),
      chain.sign(alice, { to: NOBODY }),
    );
    expect(receipts.map((receipt) => receipt.remainGas)).toStrictEqual([29_000n, 7_932n, 7_932n]);
    expect(receipts[2]!.status).toBe(TransactionStatus.NotEnoughRemainGas);
    expect(remainGas(alice)).toBe(7_932n);
  });

  it('takes no more than there is', () => {
    give(alice, 60_000n);
    const [receipt] = chain.run(chain.sign(alice, { data: Uint8Array.of(0xfe) })).receipts;
    expect(receipt).toMatchObject({ status: TransactionStatus.BadInstruction, gasUsed: 300_000_000n, remainGas: 0n });
  });

  it('lets go free: governance, committee members and chargers', () => {
    const [bob, carol] = [chain.account(2), chain.account(3)];
    const fields = new Map([
      ['key', 'charger_list'],
      ['value', `${carol.address},`],
      ['enable_num', '0'],
    ]);
    chain.state.apply([
      { key: rowsKey('_sys_config_', 'charger_list'), value: encodeRows([{ id: 0, fields, block: 0 }]) },
    ]);
    const data = chain.data('grantCommitteeMember(address)', bob.address);
    const granted = chain.run(chain.sign(alice, { to: GOVERNANCE, data })).receipts[0]!;
    expect(granted).toMatchObject({ status: 0, gasUsed: 0n });
    const { receipts } = chain.run(chain.sign(bob, { to: NOBODY }), chain.sign(carol, { to: NOBODY }));
    for (const receipt of receipts) {
      expect(receipt).toMatchObject({ status: TransactionStatus.CallAddressError, gasUsed: 0n });
    }
  });

  it('does not charge calls', () => {
    const { status } = chain.call(alice.address, { to: NOBODY, data: utf8Bytes('x') });
    expect(status).toBe(TransactionStatus.CallAddressError);
  });
});
