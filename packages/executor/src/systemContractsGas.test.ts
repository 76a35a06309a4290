import { TransactionStatus } from '@menglian/types/status';
import { expect, it } from 'vitest';
import { ALICE, BOB, type Call, CAROL, DAVE, newChain, runBlock } from './testing/systemScenario.js';
import type { TestChain } from './testing/testChain.js';

const FOUND: Call = [ALICE, 0x1008, 'grantCommitteeMember(address)', ALICE.address];
const grant = (address: string): Call => [ALICE, 0x1009, 'grantCharger(address)', address];
const LIST: Call = [CAROL, 0x1005, 'queryByName(string)', 't'];

function outputs(chain: TestChain, ...calls: readonly Call[]) {
  return runBlock(chain, calls).receipts.map(({ status, gasUsed, remainGas }) => ({ status, gasUsed, remainGas }));
}

it('gas is given by a charger, spent by transactions and shown in receipts', () => {
  const chain = newChain();
  outputs(chain, FOUND);
  outputs(chain, grant(BOB.address), [ALICE, 0x1000, 'setValueByKey(string,string)', 'enable_charge_mgr', 'on']);
  const [refused] = outputs(chain, LIST);
  expect(refused).toEqual({ status: TransactionStatus.NotEnoughRemainGas, gasUsed: 0n, remainGas: 0n });
  const [given, spent] = outputs(chain, [BOB, 0x1009, 'charge(address,uint256)', CAROL.address, 1_000_000n], LIST);
  expect(given).toMatchObject({ status: 0, gasUsed: 0n });
  expect(spent!.status).toBe(0);
  expect(spent!.gasUsed).toBeGreaterThan(21_000n);
  expect(spent!.remainGas).toBe(1_000_000n - spent!.gasUsed);
});

it('chargers are those of the parent block: the later of two grants in one block counts, from the next block on', () => {
  const chain = newChain();
  runBlock(chain, [FOUND]);
  const charge: Call = [BOB, 0x1009, 'charge(address,uint256)', CAROL.address, 1n];
  const code = (call: Call) => BigInt.asIntN(256, wordOf(runBlock(chain, [call]).receipts[0]!.output));
  const [, , sameBlock] = runBlock(chain, [grant(BOB.address), grant(DAVE.address), charge]).receipts;
  expect(BigInt.asIntN(256, wordOf(sameBlock!.output))).toBe(-53_000n);
  expect(code(charge)).toBe(-53_000n);
  expect(code([DAVE, 0x1009, 'charge(address,uint256)', CAROL.address, 1n])).toBe(0n);
});

function wordOf(output: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(output.subarray(0, 32)).toString('hex')}`);
}
