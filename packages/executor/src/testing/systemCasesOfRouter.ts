import { concatBytes, fromBigInt, toHex } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { systemAddress } from '@menglian/precompiled/addresses';
import { assemble } from '@menglian/evm/testing/assembler';
import { FOUND } from './systemCasesOfGovernance.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  type Call,
  callData,
  code,
  type ContractCall,
  reach,
  sentence,
  type SystemCase,
  text,
  values,
} from './systemScenario.js';
import type { TestAccount } from './testChain.js';

/** The router of groups: two groups on chains of their own, all new users by weight to the first. */

export const ENABLE_INTERCHAIN: ContractCall = [
  ALICE,
  0x1000,
  'setValueByKey(string,string)',
  'enable_interchain',
  'on',
];

export const SET_GROUP = 'setGroup(uint256,bytes32,uint256,uint256,uint256)';
export const ASSIGN = 'assign(string,string,uint256)';
export const SET_PERIOD = 'setPeriod(uint256,uint256,uint256)';
export const REGISTER = 'register(string,string)';
export const MOVE = 'move(string,uint256)';
export const ROUTE = 'route(string,string,uint256)';

const CHAIN = fromBigInt(0xc1n, 32);

function router(who: TestAccount, ...call: readonly [signature: string, ...args: AbiValue[]]): ContractCall {
  return [who, 0x2003, ...call];
}

/** A creation that makes the call 1,024 times: its first two arguments are 1 and 2, then 2 and 3, and so on. */
function thousandTimes(...call: readonly [signature: string, ...args: AbiValue[]]): Call {
  const template = callData(router(ALICE, ...call));
  const loop = `DUP1 4 MSTORE DUP1 1 ADD 36 MSTORE
    0 0 ${template.length} 0 0 PUSH20 0x${systemAddress(0x2003)} GAS CALL POP`;
  const data = assemble(
    `${template.length} @template 1 ADD 0 CODECOPY 1
     :next ${loop} DUP1 1024 EQ @end JUMPI 1 ADD @next JUMP :end 0 0 RETURN :template`,
  );
  return { from: ALICE, data: concatBytes(data, template) };
}

const GROUPS: Block = [
  router(ALICE, SET_GROUP, 1n, CHAIN, 5n, 100n, 90n),
  router(ALICE, SET_GROUP, 2n, CHAIN, 0n, 0n, 0n),
];
const PREPARED: readonly Block[] = [[ENABLE_INTERCHAIN], GROUPS];

function then(answer: Answer, ...calls: readonly ContractCall[]): SystemCase {
  return reach('GroupRouter', answer, ...PREPARED, calls);
}

/** Once there is a committee, for somebody who is not in it. */
function denied(...call: readonly [signature: string, ...args: AbiValue[]]): SystemCase {
  return reach('GroupRouter', code(-50_000), ...PREPARED, FOUND, [router(BOB, ...call)]);
}

const CHOICE = ['uint256', 'string'];
const GROUP_JSON = (group: number, rest: string) =>
  `{"capacity":"${rest.split(' ')[0]}","chain":"${toHex(CHAIN)}","group":"${group}","users":"0","warn_at":"${rest.split(' ')[1]}","weight":"${rest.split(' ')[2]}"}`;

export const CASES_OF_ROUTER: readonly SystemCase[] = [
  then(code(1), router(ALICE, SET_GROUP, 3n, CHAIN, 5n, 100n, 90n)),
  then(code(-60_401), router(ALICE, SET_GROUP, 3n, CHAIN, 5n, 100n, 101n)),
  reach(
    'GroupRouter',
    code(-60_402),
    [ENABLE_INTERCHAIN],
    [thousandTimes(SET_GROUP, 0n, CHAIN, 5n, 100n, 90n), router(ALICE, SET_GROUP, 1025n, CHAIN, 5n, 100n, 90n)],
  ),
  denied(SET_GROUP, 3n, CHAIN, 5n, 100n, 90n),
  then(code(1), router(ALICE, ASSIGN, 'organisation', 'bank', 2n)),
  then(code(-60_403), router(ALICE, ASSIGN, 'time', 'bank', 2n)),
  then(code(-60_404), router(ALICE, ASSIGN, 'user', '', 2n)),
  then(code(-60_400), router(ALICE, ASSIGN, 'user', 'ann', 3n)),
  then(code(-60_409), router(ALICE, ASSIGN, 'user', 'ann', 0n)),
  then(code(-60_410), router(BOB, REGISTER, 'ann', ''), router(ALICE, ASSIGN, 'user', 'ann', 2n)),
  denied(ASSIGN, 'user', 'ann', 2n),
  then(code(1), router(ALICE, SET_PERIOD, 1n, 2n, 2n)),
  then(code(-60_405), router(ALICE, SET_PERIOD, 2n, 2n, 2n)),
  then(code(-60_406), router(ALICE, SET_PERIOD, 1n, 3n, 2n), router(ALICE, SET_PERIOD, 2n, 4n, 2n)),
  then(code(-60_408), router(ALICE, SET_PERIOD, 2n, 4n, 0n)),
  then(code(-60_400), router(ALICE, SET_PERIOD, 2n, 4n, 3n)),
  reach('GroupRouter', code(-60_407), ...PREPARED, [
    thousandTimes(SET_PERIOD, 0n, 0n, 2n),
    router(ALICE, SET_PERIOD, 2000n, 2001n, 2n),
  ]),
  denied(SET_PERIOD, 1n, 2n, 2n),
  then(code(1), router(BOB, REGISTER, 'ann', 'bank')),
  then(code(-60_404), router(BOB, REGISTER, '', 'bank')),
  reach('GroupRouter', code(-60_412), [ENABLE_INTERCHAIN], [router(BOB, REGISTER, 'ann', '')]),
  then(code(1), router(BOB, REGISTER, 'ann', ''), router(ALICE, MOVE, 'ann', 2n)),
  then(code(-60_400), router(ALICE, MOVE, 'ann', 3n)),
  then(code(-60_411), router(ALICE, MOVE, 'ann', 2n)),
  denied(MOVE, 'ann', 2n),
  then(values(CHOICE, [1n, 'weight']), router(BOB, ROUTE, 'user', 'ann', 0n)),
  then(sentence('the kind is none of user'), router(BOB, ROUTE, 'cat', 'ann', 0n)),
  then(values(['bytes32'], [CHAIN]), router(BOB, 'chainOf(uint256)', 2n)),
  then(text(`[${GROUP_JSON(1, '100 90 5')},${GROUP_JSON(2, '0 0 0')}]\n`), router(BOB, 'groups()')),
  then(
    text('[{"from_ms":"1","group":"2","until_ms":"2"}]\n'),
    router(ALICE, SET_PERIOD, 1n, 2n, 2n),
    router(BOB, 'periods()'),
  ),
];
