import { fromBigInt, toBigInt } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { systemAddress } from '@menglian/precompiled/addresses';
import type { SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { Interleaving } from './testing/interleaving.js';
import { shown } from './testing/randomBlocks.js';
import { TestChain, type TestAccount } from './testing/testChain.js';

/** Registrations at the router of groups, many in a block: by workers that run ahead they end as one after another. */

const suites = { ecdsa: await loadSuite('ecdsa'), sm: await loadSuite('sm') };
const REGISTER = 'register(string,string)';

class RouterChain extends TestChain {
  readonly alice: TestAccount = this.account(1);

  ask(signature: string, ...values: readonly AbiValue[]): SignedTransaction {
    return this.sign(this.alice, { to: systemAddress(0x2003), data: this.data(signature, ...values) });
  }

  setGroup(group: bigint, weight: bigint, capacity: bigint, warnAt: bigint): void {
    const signature = 'setGroup(uint256,bytes32,uint256,uint256,uint256)';
    this.run(this.ask(signature, group, fromBigInt(group, 32), weight, capacity, warnAt));
  }

  registrations(count: number, from = 0): readonly SignedTransaction[] {
    return Array.from({ length: count }, (_, index) => this.ask(REGISTER, `user ${from + index}`, ''));
  }
}

/** With two users, so that tables and rows are there. */
function router(name: keyof typeof suites, capacity: bigint): RouterChain {
  const chain = new RouterChain(suites[name], suites.ecdsa);
  const setting = chain.data('setValueByKey(string,string)', 'enable_interchain', 'on');
  chain.run(chain.sign(chain.alice, { to: systemAddress(0x1000), data: setting }));
  chain.setGroup(1n, 1n, capacity, 4n);
  chain.setGroup(2n, 3n, capacity, 4n);
  chain.run(...chain.registrations(2, 1_000));
  return chain;
}

describe.each(['ecdsa', 'sm'] as const)('registrations on an %s chain', (name) => {
  it('of one block do not wait for one another', () => {
    const chain = router(name, 1_000_000n);
    const parallel = new Interleaving(suites[name], suites.ecdsa, 1, 3);
    const transactions = chain.registrations(60);
    // The first ones reach the number that the router warns at.
    chain.run(...transactions.slice(0, 20));
    const input = chain.input(transactions.slice(20));
    const expected = chain.execute(transactions.slice(20));
    expect(shown(parallel.execute(input, () => true))).toEqual(shown(expected));
    expect(parallel.counts).toEqual({ merged: 40, conflict: 0, 'in order': 0 });
    const homes = new Set(expected.receipts.map(({ output }) => toBigInt(output)));
    expect([...homes].toSorted()).toEqual([1n, 2n]);
  });

  it('end the same where groups fill up in between, whatever runs ahead', () => {
    for (let seed = 0; seed < 8; seed++) {
      const chain = router(name, 6n);
      const parallel = new Interleaving(suites[name], suites.ecdsa, seed, 3);
      const transactions = chain.registrations(20);
      const expected = chain.execute(transactions);
      expect(shown(parallel.execute(chain.input(transactions), () => true))).toEqual(shown(expected));
      const refused = expected.receipts.filter(({ output }) => BigInt.asIntN(256, toBigInt(output)) === -60_412n);
      expect(refused).toHaveLength(10);
    }
  });
});
