import type { CryptoSuite } from '@menglian/crypto/suite';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { TransactionStatus } from '@menglian/types/status';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUDGET_UNITS_MIN } from '../limits.js';
import { deploying, TestChain } from '../testing/testChain.js';

/**
 * Programs that make a node work without paying: gas that comes back, data that is copied, code that is analysed, contracts
 * that fail. What they do is measured in calls of the host, not in seconds: each must end within its budget.
 */
let suite: CryptoSuite;
beforeAll(async () => {
  suite = await loadSuite('ecdsa');
});

const GAS_LIMIT = 20_000_000n;

function run(code: Uint8Array, data = new Uint8Array(0)) {
  const chain = new TestChain(suite, suite, { gasLimit: GAS_LIMIT });
  const alice = chain.account(1);
  const to = chain.run(chain.sign(alice, { data: deploying(code) })).receipts[0]!.contractAddress;
  return chain.run(chain.sign(alice, { to, data })).receipts[0]!;
}

const LOOP = (body: string): Uint8Array => assemble(`:again ${body} POP @again JUMP`);

describe('the execution budget', () => {
  it('ends a program that calls itself until the gas is gone, over and over', () => {
    const receipt = run(LOOP('0 0 0 0 0 ADDRESS GAS CALL'));
    expect(receipt.status).toBe(TransactionStatus.OutOfGas);
    expect(receipt.gasUsed).toBe(21_000n);
  });

  it('ends one that hands large data to calls that cost nothing', () => {
    // 300,000 bytes, each time copied: 38,000 units. The gas would pay for 28,000 such calls, the budget for 2,600.
    const receipt = run(LOOP('0 0 300000 0 0 PUSH20 0xabababababababababababababababababababab GAS CALL'));
    expect(receipt.status).toBe(TransactionStatus.OutOfGas);
  });

  it('ends one that keeps creating from large init code that stops at once', () => {
    const receipt = run(LOOP('300000 0 0 CREATE'));
    expect(receipt.status).toBe(TransactionStatus.OutOfGas);
  });

  it('ends one that keeps calling system contracts with large input that they refuse', () => {
    const receipt = run(LOOP(`0 0 300000 0 0 PUSH20 0x${'1000'.padStart(40, '0')} GAS CALL`));
    expect(receipt.status).toBe(TransactionStatus.OutOfGas);
  });

  it('leaves alone what fails once with all its gas', () => {
    const receipt = run(
      assemble(
        `CALLDATASIZE @burn JUMPI 0 0 1 0 0 ADDRESS GAS CALL ISZERO 0 MSTORE 32 0 RETURN :burn :again @again JUMP`,
      ),
    );
    expect(receipt.status).toBe(TransactionStatus.None);
    expect(receipt.output.at(-1)).toBe(1);
    expect(BigInt(BUDGET_UNITS_MIN)).toBeGreaterThan(GAS_LIMIT);
  });
});
