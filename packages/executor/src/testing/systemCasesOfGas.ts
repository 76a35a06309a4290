import type { AbiValue } from '@menglian/codec/abi';
import { FOUND } from './systemCasesOfGovernance.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  CAROL,
  code,
  CONTRACT,
  type ContractCall,
  DAVE,
  DEPLOY,
  reach,
  type SystemCase,
  values,
} from './systemScenario.js';
import type { TestAccount } from './testChain.js';

/** Who may give gas, and what accounts have. Alice is the committee, Bob a charger, and Dave's account is frozen. */

const CHARGE = 'charge(address,uint256)';
const DEDUCT = 'deduct(address,uint256)';
const REMAIN = 'queryRemainGas(address)';
const GRANT = 'grantCharger(address)';
const REVOKE = 'revokeCharger(address)';
const MOST = 2n ** 256n - 1n;
const NOBODY = 'ee'.repeat(20);

const GRANTED: Block = [
  [ALICE, 0x1009, GRANT, BOB.address],
  DEPLOY,
  { from: DAVE, data: DEPLOY.data },
  [ALICE, 0x1008, 'freezeAccount(address)', DAVE.address],
];
const GIVEN: ContractCall = [BOB, 0x1009, CHARGE, CAROL.address, 5n];

function ofGas(
  answer: Answer,
  who: TestAccount,
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  return reach('GasChargeManage', answer, FOUND, GRANTED, [GIVEN], [[who, 0x1009, ...call]]);
}

/** Code and remaining gas. */
function balance(first: number, remainGas = 0n): Answer {
  return values(['int256', 'uint256'], [BigInt(first), remainGas], first < 0 ? first : undefined);
}

export const CASES_OF_GAS: readonly SystemCase[] = [
  ofGas(balance(0, 7n), BOB, CHARGE, CAROL.address, 2n),
  ofGas(balance(0, 2n), BOB, CHARGE, NOBODY, 2n),
  ofGas(balance(-53_002), BOB, CHARGE, CAROL.address, MOST),
  ofGas(balance(0, 0n), BOB, DEDUCT, CAROL.address, 5n),
  ofGas(balance(-53_003), BOB, DEDUCT, CAROL.address, 6n),
  ofGas(balance(-53_003), BOB, DEDUCT, NOBODY, 1n),
  ...[CHARGE, DEDUCT].flatMap((signature) => [
    ofGas(balance(-53_001), BOB, signature, CAROL.address, 0n),
    ofGas(balance(-52_009), BOB, signature, CONTRACT, 1n),
    ofGas(balance(-52_011), BOB, signature, DAVE.address, 1n),
    ofGas(balance(-53_000), ALICE, signature, CAROL.address, 1n),
  ]),
  ofGas(balance(0, 5n), ALICE, REMAIN, CAROL.address),
  ofGas(balance(-52_008), CAROL, REMAIN, NOBODY),
  ofGas(balance(-52_009), CAROL, REMAIN, CONTRACT),
  ofGas(balance(-52_011), CAROL, REMAIN, DAVE.address),
  ofGas(code(0), ALICE, GRANT, CAROL.address),
  ofGas(code(-52_009), ALICE, GRANT, CONTRACT),
  ofGas(code(-52_011), ALICE, GRANT, DAVE.address),
  ofGas(code(-53_004), CAROL, GRANT, CAROL.address),
  ofGas(code(-53_006), ALICE, GRANT, BOB.address),
  ofGas(code(0), ALICE, REVOKE, BOB.address),
  ofGas(code(-53_005), CAROL, REVOKE, BOB.address),
  ofGas(code(-53_007), ALICE, REVOKE, CAROL.address),
  ofGas(values(['address[]'], [[BOB.address]]), CAROL, 'listChargers()'),
];
