import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestChain } from '../testing/testChain.js';
import { ConflictKeys } from './conflictKeys.js';
import { planBlock } from './plan.js';

let suite: CryptoSuite;
let chain: TestChain;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});
beforeEach(() => {
  chain = new TestChain(suite, suite);
});

const CONTRACT = 'c0'.repeat(20);
const OTHER = 'c1'.repeat(20);
const TRANSFER = 'transfer(string,string,uint256)';

function declare(signature: string, criticalSize: bigint): void {
  const data = chain.data(
    'registerParallelFunctionInternal(address,string,uint256)',
    CONTRACT,
    signature,
    criticalSize,
  );
  chain.run(chain.sign(chain.account(1), { to: '1006'.padStart(40, '0'), data }));
}

function transfer(from: string, to: string, contract = CONTRACT) {
  return chain.sign(chain.account(1), { to: contract, data: chain.data(TRANSFER, from, to, 1n) });
}

function predecessors(transactions: Parameters<typeof planBlock>[0], chargeGas = false): number[] {
  const plan = planBlock(transactions, new ConflictKeys(chain.state), () => true, chargeGas);
  return plan.map(({ predecessor }) => predecessor);
}

describe('the plan of a block', () => {
  it('makes a call wait for the last one with one of its declared keys', () => {
    declare(TRANSFER, 2n);
    const block = [
      transfer('a', 'b'),
      transfer('c', 'd'),
      transfer('b', 'e'),
      transfer('e', 'c'),
      transfer('a', 'b', OTHER),
    ];
    expect(predecessors(block)).toStrictEqual([-1, -1, 0, 2, -1]);
  });

  it('counts as many arguments as were declared, and none where nothing was', () => {
    expect(predecessors([transfer('a', 'b'), transfer('a', 'b')])).toStrictEqual([-1, -1]);
    declare(TRANSFER, 1n);
    expect(predecessors([transfer('a', 'b'), transfer('c', 'b'), transfer('a', 'd')])).toStrictEqual([-1, -1, 0]);
  });

  it('takes no notice of declarations that make no sense, and of data that does not decode', () => {
    for (const [signature, size] of [
      [TRANSFER, 4n],
      [TRANSFER, 2n ** 200n],
      ['transfer', 1n],
      ['(', 1n],
      ['transfer(string[],nothing)', 2n],
    ] as const) {
      declare(signature, size);
    }
    expect(predecessors([transfer('a', 'b'), transfer('a', 'b')])).toStrictEqual([-1, -1]);
    declare(TRANSFER, 2n);
    const whole = transfer('a', 'b');
    const broken = { ...whole, data: whole.data.map((byte, i) => (i < 4 ? byte : 0xff)) };
    expect(predecessors([whole, broken, { ...whole, data: whole.data.slice(0, 3) }])).toStrictEqual([-1, -1, -1]);
  });

  it('makes the transactions of one sender wait for one another where senders pay', () => {
    const other = chain.sign(chain.account(2), { to: OTHER });
    expect(predecessors([transfer('a', 'b'), other, transfer('c', 'd')], true)).toStrictEqual([-1, -1, 0]);
  });
});
