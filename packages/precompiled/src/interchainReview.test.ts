import { encodeClearingRecord, NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import { encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { checkHeaderProof } from '@menglian/interchain/headerProof';
import { headerWith, nodeIdsOf, signersOf } from '@menglian/interchain/testing/signedHeaders';
import { describe, expect, it } from 'vitest';
import { ClearingChains, HOT, SHADOWS } from './testing/clearingChains.js';
import { ALICE } from './testing/systemTester.js';

/** What another chain could say so that this one stands still. */

const suites = [await loadSuite('ecdsa'), await loadSuite('sm')] as const;
const MOST = 2n ** 256n - 1n;

describe('a chain that lies', () => {
  it('about the number of payments leaves an account that can be looked at', () => {
    const [suite] = suites;
    const network = new ClearingChains(suite, 2);
    const [hot, users] = network.chains as [(typeof network.chains)[number], (typeof network.chains)[number]];
    hot.tester.as(ALICE).code(0x2007, 'create(string,address)', 'shop', ALICE);
    hot.tester.as(ALICE).code(0x2007, 'attach(string,bytes32)', 'shop', users.identity);
    network.deliverAll();
    let previousHash: Uint8Array = NO_RECORD_HASH;
    const statuses = [1n, 2n].map((epoch) => {
      const amounts = { amountIn: 1n, amountOut: 0n, payments: MOST, firstBlock: 1n, lastBlock: 2n };
      const record = encodeClearingRecord({ account: 'shop', chain: users.identity, epoch, ...amounts, previousHash });
      previousHash = suite.hash(record);
      const payload = encodeClearingMessage({ kind: 'close', record });
      const way = { source: users.identity, chain: hot.identity, from: 1, to: 0, sender: SHADOWS, receiver: HOT };
      return network.hand({ ...way, sequence: epoch + 1n, payload }).status;
    });
    const types = ['uint256', 'bytes32', ...Array.from({ length: 5 }, () => 'uint256')];
    const shown = hot.tester.values(types, 0x2007, 'shadow(string,bytes32)', 'shop', users.identity);
    expect([statuses, shown[0], shown[5]]).toEqual([[0, 21], 1n, MOST]);
  });
});

describe.each(suites)('on $name', (suite) => {
  it.each(['ff', '00', '01'])('a sealer whose key is none signs nothing (%s)', (byte) => {
    const signers = signersOf(suite, 1, 2, 3);
    const header = { ...headerWith(signers), sealerList: [...nodeIdsOf(signers), byte.repeat(64)].toSorted() };
    for (const signature of [new Uint8Array(0), new Uint8Array(65).fill(1), new Uint8Array(128).fill(0xff)]) {
      const signatures = header.sealerList.map((_, index) => ({ index, signature }));
      const trust = { sealers: nodeIdsOf(signers), rule: 'byzantine' } as const;
      expect(checkHeaderProof(suite, { header, signatures }, trust)).toEqual({ ok: false, reason: 'signature' });
      const last = { header, signatures: signatures.toReversed() };
      expect(checkHeaderProof(suite, last, trust)).toEqual({ ok: false, reason: 'signature' });
    }
  });
});
