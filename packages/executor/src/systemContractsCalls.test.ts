import { toByteString, toHex } from '@menglian/base/bytes';
import { decodeAbi } from '@menglian/codec/abi';
import { systemAddress } from '@menglian/precompiled/addresses';
import { describe, expect, it } from 'vitest';
import { createSerialExecutor } from './serialExecutor.js';
import { forwarder } from './testing/contracts.js';
import { CASES, endingOf } from './testing/systemPage.js';
import {
  ALICE,
  BOB,
  CAROL,
  callData,
  type ContractCall,
  DEPLOY,
  newChain,
  runBlock,
  sentenceOf,
  signed,
  suite,
} from './testing/systemScenario.js';
import { deploying, type TestChain } from './testing/testChain.js';
import { baseGas, intrinsicGas } from './transaction/baseGas.js';

/** Goal: gas to the unit, and what a contract sees when it calls a system contract. */

describe('gas', () => {
  /** They call contracts, for which they keep more gas back than those use, or are called so. */
  const without =
    /^(Messages\.(deliver|retry)|CrossTransactions\.(begin|cancel|finish)|Balances\.(prepareOut|prepareIn|confirm|cancel)|\w+\.onMessage)\(/;
  const functions = new Set(CASES.map(({ of }) => of).filter((of) => !without.test(of)));
  // Alone in its block, so that a lower limit of gas touches nothing else.
  const alone = [...functions].flatMap((of) => {
    const found = CASES.find(
      (one) => one.of === of && endingOf(one.answer) === 'yes' && one.blocks.at(-1)!.length === 1,
    );
    return found === undefined ? [] : [found];
  });

  it('is tried for most functions', () => {
    expect(alone.length).toBeGreaterThan(functions.size / 2);
  });

  it.each(alone)('of $of is enough to the unit, and one less ends with 21 and takes the base gas alone', (one) => {
    const chain = newChain(one.genesis);
    for (const block of one.blocks.slice(0, -1)) runBlock(chain, block);
    const transaction = signed(chain, one.blocks.at(-1)![0]!);
    const limited = (gasLimit: bigint) => {
      const input = chain.input([transaction]);
      const result = createSerialExecutor(suite).executeBlock({ ...input, settings: { ...input.settings, gasLimit } });
      return { ...result.receipts[0]!, changes: result.changes };
    };
    const { gasUsed, output } = chain.execute([transaction]).receipts[0]!;
    const base = BigInt(baseGas(intrinsicGas(transaction.data, false), false));
    const enough = limited(gasUsed);
    expect([enough.status, enough.gasUsed, toHex(enough.output)]).toEqual([0, gasUsed, toHex(output)]);
    if (gasUsed === base) return;
    const short = limited(gasUsed - 1n);
    expect([short.status, short.gasUsed, short.changes]).toEqual([21, base, []]);
    const needed = gasUsed - base;
    const text = `OutOfGas when executing precompiled Contract, gasUsed: ${needed}, leftGas:${needed - 1n}`;
    expect(sentenceOf(short.output)).toBe(text);
  });
});

/** Hands its call data on to a system contract; answers whether the call succeeded, and what it returned. */
function deployForwarder(chain: TestChain, to: number): string {
  const data = deploying(forwarder('CALL', systemAddress(to)));
  return runBlock(chain, [{ from: ALICE, data }]).receipts[0]!.contractAddress;
}

function forward(chain: TestChain, from: typeof ALICE, forwarderAddress: string, ...call: ContractCall) {
  const { status, output } = chain.run(chain.sign(from, { to: forwarderAddress, data: callData(call) })).receipts[0]!;
  return { status, isSuccess: output[31] === 1, returned: output.subarray(32) };
}

describe('a contract that calls a system contract', () => {
  it('sees a code as success, and a sentence as a failed call with the text', () => {
    const chain = newChain();
    const names = deployForwarder(chain, 0x1004);
    const register: ContractCall = [ALICE, 0x1004, 'insert(string,string,string,string)', 'n', '1', '0x00', ''];
    forward(chain, ALICE, names, ...register);
    const twice = forward(chain, ALICE, names, ...register);
    expect(twice).toMatchObject({ status: 0, isSuccess: true });
    expect(decodeAbi(['int256'], twice.returned)).toEqual({ ok: true, value: [-51_200n] });

    const missing = forward(chain, ALICE, names, ALICE, 0x1004, 'getContractAddress(string,string)', 'n', '2');
    expect(missing).toMatchObject({ status: 0, isSuccess: false });
    expect(sentenceOf(missing.returned)).toBe('Entries no exists: 0');
  });

  it('is judged by the sender of the transaction, not by itself', () => {
    const chain = newChain();
    const members = deployForwarder(chain, 0x1008);
    forward(chain, ALICE, members, ALICE, 0x1008, 'grantCommitteeMember(address)', ALICE.address);
    const denied = forward(chain, BOB, members, BOB, 0x1008, 'grantOperator(address)', CAROL.address);
    expect(decodeAbi(['int256'], denied.returned)).toEqual({ ok: true, value: [-52_002n] });
    const granted = forward(chain, ALICE, members, ALICE, 0x1008, 'grantOperator(address)', CAROL.address);
    expect(decodeAbi(['int256'], granted.returned)).toEqual({ ok: true, value: [1n] });
  });

  it.each([
    [0x1001, 'createTable(string,string,string)'],
    [0x1010, 'createTable(string,string,string)'],
  ])('cannot write tables at 0x%s for a sender that may not write the contract', (target, signature) => {
    const chain = newChain();
    runBlock(chain, [DEPLOY]);
    const tables = deployForwarder(chain, target);
    const call: ContractCall = [ALICE, target, signature, 't', 'id', 'item'];
    runBlock(chain, [[ALICE, 0x1005, 'grantWrite(address,address)', tables, BOB.address]]);
    const refused = forward(chain, ALICE, tables, ...call);
    expect(refused).toMatchObject({ status: 0, isSuccess: false });
    expect(sentenceOf(refused.returned)).toBe(`Permission denied. ${ALICE.address} can't call contract ${tables}`);
    expect(toByteString(forward(chain, BOB, tables, ...call).returned)).toBe('\0'.repeat(32));
  });
});
