import { readRows } from '@menglian/ledger/systemTables';
import type { AbiValue } from '@menglian/codec/abi';
import { REGISTER_KEY, ROTATE, type RotationCall } from '@menglian/precompiled/1011-rotationCalls';
import { proveKey, rotationCall } from '@menglian/precompiled/1011-rotationRules';
import { readRotationState } from '@menglian/precompiled/1011-rotationState';
import { TEST_GENESIS, type TestAccount } from './testChain.js';
import {
  ALICE,
  type Block,
  BOB,
  CAROL,
  code,
  CONTRACT,
  type ContractCall,
  DAVE,
  DEPLOY,
  newChain,
  nodeIdOf,
  NOTHING,
  reach,
  RPBFT,
  sentence,
  type SystemCase,
  text,
  values,
} from './systemScenario.js';

/** Functions that decide who may do what, and who makes blocks. */

type FunctionCall = readonly [signature: string, ...args: AbiValue[]];
type Answer = SystemCase['answer'];

const NO_PERMISSION = code(-50_000);
const NOBODY = 'ee'.repeat(20);

const allow = (table: string, account: TestAccount): ContractCall => [
  ALICE,
  0x1005,
  'insert(string,string)',
  table,
  `0x${account.address}`,
];

const SET_VALUE = 'setValueByKey(string,string)';
const SETTINGS: readonly SystemCase[] = [
  reach('SystemConfig', code(1), [[ALICE, 0x1000, SET_VALUE, 'TX_COUNT_LIMIT', '5']]),
  reach('SystemConfig', code(-51_300), [[ALICE, 0x1000, SET_VALUE, 'tx_count_limit', '0']]),
  reach(
    'SystemConfig',
    NO_PERMISSION,
    [allow('_sys_config_', BOB)],
    [[ALICE, 0x1000, SET_VALUE, 'tx_count_limit', '5']],
  ),
];

const [FIRST, SECOND] = TEST_GENESIS.sealers as [string, string];
const NODE = '0a'.repeat(64);
const only = (...removed: readonly string[]): Block =>
  removed.map((node): ContractCall => [ALICE, 0x1003, 'remove(string)', node]);
const GUARD_NODES: Block = [allow('_sys_consensus_', BOB)];

const CONSENSUS: readonly SystemCase[] = ['addSealer(string)', 'addObserver(string)', 'remove(string)'].flatMap(
  (name) => [
    reach('Consensus', code(1), [[ALICE, 0x1003, name, FIRST]]),
    reach('Consensus', code(-51_100), [[ALICE, 0x1003, name, `${FIRST.slice(1)}x`]]),
    reach('Consensus', NO_PERMISSION, GUARD_NODES, [[ALICE, 0x1003, name, FIRST]]),
  ],
);
const LAST_SEALER: readonly SystemCase[] = [
  reach('Consensus', code(1), [[ALICE, 0x1003, 'addSealer(string)', NODE.toUpperCase()]]),
  reach('Consensus', code(0), [[ALICE, 0x1003, 'remove(string)', NODE]]),
  reach('Consensus', code(-51_101), only(FIRST), [[ALICE, 0x1003, 'addObserver(string)', SECOND]]),
  reach('Consensus', code(-51_101), only(FIRST), [[ALICE, 0x1003, 'remove(string)', SECOND]]),
];

const REGISTER = 'insert(string,string,string,string)';
const register = (version: string, name = 'Hello'): ContractCall => [
  ALICE,
  0x1004,
  REGISTER,
  name,
  version,
  `0x${CONTRACT}`,
  '[]',
];
const LISTED = `[{"abi":"[]","address":"0x${CONTRACT}","name":"Hello","version":"1"}]\n`;

function ofNames(answer: Answer, ...call: FunctionCall): SystemCase {
  return reach('CNS', answer, [register('1')], [[ALICE, 0x1004, ...call]]);
}

const NAMES: readonly SystemCase[] = [
  reach('CNS', code(1), [register('1')]),
  ofNames(code(-51_201), REGISTER, 'Hello', 'v'.repeat(129), '0x00', ''),
  ofNames(code(-51_200), REGISTER, 'Hello', '1', '0x00', ''),
  ofNames(code(-50_102), REGISTER, 'Hello', '2', 'nowhere', ''),
  ofNames(sentence('size of value/key greater than128'), REGISTER, 'n'.repeat(129), '1', '0x00', ''),
  reach('CNS', NO_PERMISSION, [allow('_sys_cns_', BOB)], [register('1')]),
  ofNames(text(LISTED), 'selectByName(string)', 'Hello'),
  ofNames(text('[]\n'), 'selectByName(string)', 'Bye'),
  ofNames(text(LISTED), 'selectByNameAndVersion(string,string)', 'Hello', '1'),
  ofNames(text('[]\n'), 'selectByNameAndVersion(string,string)', 'Hello', '2'),
  ofNames(values(['address'], [CONTRACT]), 'getContractAddress(string,string)', 'Hello', '1'),
  ofNames(sentence('Entries no exists: 0'), 'getContractAddress(string,string)', 'Hello', '2'),
];

export const FOUND: Block = [[ALICE, 0x1008, 'grantCommitteeMember(address)', ALICE.address]];
const ENLARGE: Block = [[ALICE, 0x1008, 'grantCommitteeMember(address)', BOB.address]];
/** Alice and Bob, who have to agree. */
const COMMITTEE: readonly Block[] = [FOUND, ENLARGE];

const BOBS = `0x${BOB.address}`;
const GRANT = 'insert(string,string)';
const REVOKE = 'remove(string,string)';

function ofPermission(answer: Answer, ...call: FunctionCall): SystemCase {
  return reach('Permission', answer, FOUND, [[ALICE, 0x1005, GRANT, 't', BOBS]], [[ALICE, 0x1005, ...call]]);
}
function ofOutsider(...call: FunctionCall): SystemCase {
  return reach('Permission', NO_PERMISSION, ...COMMITTEE, [allow('t', BOB)], [[CAROL, 0x1005, ...call]]);
}
function ofWriters(answer: Answer, who: TestAccount, ...call: FunctionCall): SystemCase {
  const grant: ContractCall = [ALICE, 0x1005, 'grantWrite(address,address)', CONTRACT, BOB.address];
  return reach('Permission', answer, [DEPLOY], [grant], [[who, 0x1005, ...call]]);
}

const PERMISSIONS: readonly SystemCase[] = [
  ofPermission(code(1), GRANT, 't', `0x${CAROL.address}`),
  ofPermission(code(-51_004), GRANT, '_sys_table_access_', BOBS),
  ofPermission(code(-52_005), GRANT, '_sys_cns_', `0x${ALICE.address}`),
  ofPermission(code(-51_000), GRANT, 't', BOBS),
  ofPermission(code(-51_002), GRANT, 't'.repeat(63), BOBS),
  ofPermission(code(-50_102), GRANT, 't', 'nobody'),
  ofOutsider(GRANT, 't', `0x${CAROL.address}`),
  ofPermission(code(1), REVOKE, 't', BOBS),
  ofPermission(code(-51_004), REVOKE, '_sys_table_access_', BOBS),
  ofPermission(code(-51_001), REVOKE, 'other', BOBS),
  ofPermission(NO_PERMISSION, REVOKE, '_sys_config_', `0x${ALICE.address}`),
  ofOutsider(REVOKE, 't', BOBS),
  ofPermission(text(`[{"address":"${BOBS}","enable_num":"2","table_name":"u_t"}]\n`), 'queryByName(string)', 't'),
  ofPermission(text('[]\n'), 'queryByName(string)', 'other'),
  ofWriters(code(1), ALICE, 'grantWrite(address,address)', CONTRACT, ALICE.address),
  ofWriters(code(-51_000), ALICE, 'grantWrite(address,address)', CONTRACT, BOB.address),
  ofWriters(code(-51_003), ALICE, 'grantWrite(address,address)', NOBODY, BOB.address),
  ofWriters(NO_PERMISSION, BOB, 'grantWrite(address,address)', CONTRACT, CAROL.address),
  ofWriters(code(1), ALICE, 'revokeWrite(address,address)', CONTRACT, BOB.address),
  ofWriters(code(-51_001), ALICE, 'revokeWrite(address,address)', CONTRACT, CAROL.address),
  ofWriters(NO_PERMISSION, BOB, 'revokeWrite(address,address)', CONTRACT, BOB.address),
  ofWriters(
    text(`[{"address":"${BOBS}","enable_num":"2","table_name":"c_${CONTRACT}"}]\n`),
    ALICE,
    'queryPermission(address)',
    CONTRACT,
  ),
];

const REGISTER_PARALLEL = 'registerParallelFunctionInternal(address,string,uint256)';
const UNREGISTER_PARALLEL = 'unregisterParallelFunctionInternal(address,string)';
const PARALLEL: readonly SystemCase[] = [
  reach('ParallelConfig', code(0), [[CAROL, 0x1006, REGISTER_PARALLEL, CONTRACT, 'f(string)', 1n]]),
  reach('ParallelConfig', code(0), [[CAROL, 0x1006, UNREGISTER_PARALLEL, CONTRACT, 'f(string)']]),
];

/** Bob has an account record, for he deployed something. */
const BOB_DEPLOYS: Block = [{ from: BOB, data: DEPLOY.data }];
const manage = (...call: FunctionCall): ContractCall => [ALICE, 0x1007, ...call];

function ofLife(answer: Answer, who: TestAccount, ...call: FunctionCall): SystemCase {
  return reach('ContractLifeCycle', answer, [DEPLOY], [[who, 0x1007, ...call]]);
}

const FROZEN: Block = [DEPLOY, manage('freeze(address)', CONTRACT)];
const TWO_MANAGERS: Block = [DEPLOY, manage('grantManager(address,address)', CONTRACT, BOB.address)];

/** What all functions for managers refuse, by the arguments that follow the address. */
const MANAGED: readonly SystemCase[] = [
  ['freeze(address)'],
  ['unfreeze(address)'],
  ['grantManager(address,address)', BOB.address],
  ['revokeManager(address,address)', BOB.address],
].flatMap(([signature, ...more]) => [
  ofLife(code(-51_904), ALICE, signature!, NOBODY, ...more),
  ofLife(code(-51_903), ALICE, signature!, ALICE.address, ...more),
  ofLife(code(-51_905), BOB, signature!, CONTRACT, ...more),
]);

const STATUS = ['int256', 'string'];
const MANAGERS = ['int256', 'address[]'];
const LIFE_CYCLE: readonly SystemCase[] = [
  ...MANAGED,
  ofLife(code(1), ALICE, 'freeze(address)', CONTRACT),
  reach('ContractLifeCycle', code(-51_900), FROZEN, [manage('freeze(address)', CONTRACT)]),
  reach('ContractLifeCycle', code(1), FROZEN, [manage('unfreeze(address)', CONTRACT)]),
  ofLife(code(-51_901), ALICE, 'unfreeze(address)', CONTRACT),
  ofLife(code(1), ALICE, 'grantManager(address,address)', CONTRACT, BOB.address),
  ofLife(code(-51_902), ALICE, 'grantManager(address,address)', CONTRACT, ALICE.address),
  ofLife(code(-51_907), ALICE, 'revokeManager(address,address)', CONTRACT, BOB.address),
  reach('ContractLifeCycle', code(1), TWO_MANAGERS, [manage('revokeManager(address,address)', CONTRACT, BOB.address)]),
  reach('ContractLifeCycle', code(-51_906), TWO_MANAGERS, [
    manage('revokeManager(address,address)', CONTRACT, CAROL.address),
  ]),
  ofLife(values(STATUS, [0n, 'The contract is available.']), CAROL, 'getStatus(address)', CONTRACT),
  ofLife(values(STATUS, [0n, 'The address is nonexistent.']), CAROL, 'getStatus(address)', NOBODY),
  ofLife(values(STATUS, [0n, 'This is not a contract address.']), CAROL, 'getStatus(address)', ALICE.address),
  ofLife(values(MANAGERS, [0n, [ALICE.address]]), CAROL, 'listManager(address)', CONTRACT),
  ofLife(values(MANAGERS, [-51_904n, []], -51_904), CAROL, 'listManager(address)', NOBODY),
  ofLife(values(MANAGERS, [-51_903n, []], -51_903), CAROL, 'listManager(address)', ALICE.address),
];

const ADD_MEMBER = 'grantCommitteeMember(address)';
const DROP_MEMBER = 'revokeCommitteeMember(address)';
const WEIGH = 'updateCommitteeMemberWeight(address,int256)';

function ofCommittee(answer: Answer, who: TestAccount, ...call: FunctionCall): SystemCase {
  return reach('ChainGovernance', answer, ...COMMITTEE, [[who, 0x1008, ...call]]);
}
/** Bob has voted for the same before. */
function decided(...call: FunctionCall): SystemCase {
  return reach('ChainGovernance', code(1), ...COMMITTEE, [[BOB, 0x1008, ...call]], [[ALICE, 0x1008, ...call]]);
}

const vote = (limit: number): string => `{"block_limit":"${limit}","voter":"0x${BOB.address}"}`;
const COMMITTEE_CASES: readonly SystemCase[] = [
  reach('ChainGovernance', code(1), FOUND),
  ofCommittee(code(0), ALICE, ADD_MEMBER, CAROL.address),
  decided(ADD_MEMBER, CAROL.address),
  ofCommittee(code(-52_000), ALICE, ADD_MEMBER, BOB.address),
  ofCommittee(code(-52_002), CAROL, ADD_MEMBER, CAROL.address),
  reach('ChainGovernance', code(-52_004), FOUND, [allow('_sys_cns_', BOB)], ENLARGE),
  ofCommittee(code(0), ALICE, DROP_MEMBER, BOB.address),
  decided(DROP_MEMBER, BOB.address),
  ofCommittee(code(-52_001), ALICE, DROP_MEMBER, CAROL.address),
  ofCommittee(code(-52_002), CAROL, DROP_MEMBER, BOB.address),
  reach('ChainGovernance', text(`[{"address":"0x${ALICE.address}","enable_num":"1"}]\n`), FOUND, [
    [CAROL, 0x1008, 'listCommitteeMembers()'],
  ]),
  ofCommittee(values(['bool', 'int256'], [true, 1n]), CAROL, 'queryCommitteeMemberWeight(address)', BOB.address),
  ofCommittee(
    values(['bool', 'int256'], [false, -52_001n], -52_001),
    CAROL,
    'queryCommitteeMemberWeight(address)',
    NOBODY,
  ),
  ofCommittee(code(0), ALICE, WEIGH, BOB.address, 2n),
  decided(WEIGH, BOB.address, 2n),
  ofCommittee(code(-52_001), ALICE, WEIGH, CAROL.address, 2n),
  ofCommittee(code(-52_012), ALICE, WEIGH, BOB.address, 1n),
  ofCommittee(code(-52_002), CAROL, WEIGH, BOB.address, 2n),
  ofCommittee(sentence('updateCommitteeMemberWeight failed for invalid weight "0"'), ALICE, WEIGH, BOB.address, 0n),
  reach(
    'ChainGovernance',
    text(`{"grant":[${vote(10_002)}]}\n`),
    ...COMMITTEE,
    [[BOB, 0x1008, ADD_MEMBER, CAROL.address]],
    [[DAVE, 0x1008, 'queryVotesOfMember(address)', CAROL.address]],
  ),
  reach(
    'ChainGovernance',
    text(`{"0.600000":[${vote(10_002)}]}\n`),
    ...COMMITTEE,
    [[BOB, 0x1008, 'updateThreshold(int256)', 60n]],
    [[DAVE, 0x1008, 'queryVotesOfThreshold()']],
  ),
  ofCommittee(code(0), ALICE, 'updateThreshold(int256)', 60n),
  decided('updateThreshold(int256)', 60n),
  ofCommittee(code(-52_003), ALICE, 'updateThreshold(int256)', 100n),
  ofCommittee(code(-52_003), ALICE, 'updateThreshold(int256)', -1n),
  ofCommittee(code(-52_012), ALICE, 'updateThreshold(int256)', 50n),
  ofCommittee(code(-52_002), CAROL, 'updateThreshold(int256)', 60n),
  ofCommittee(code(50), CAROL, 'queryThreshold()'),
];

const OPERATOR: Block = [[ALICE, 0x1008, 'grantOperator(address)', CAROL.address]];
/** Dave is a member from this block on, and no writer of the access table before the next. */
const joining = (...call: FunctionCall): Block => [
  [ALICE, 0x1008, ADD_MEMBER, DAVE.address],
  [BOB, 0x1008, ADD_MEMBER, DAVE.address],
  [DAVE, 0x1008, ...call],
];

const OPERATORS: readonly SystemCase[] = [
  ofCommittee(code(1), ALICE, 'grantOperator(address)', CAROL.address),
  ofCommittee(code(-52_002), CAROL, 'grantOperator(address)', CAROL.address),
  ofCommittee(code(-52_005), ALICE, 'grantOperator(address)', BOB.address),
  reach('ChainGovernance', code(-52_006), FOUND, OPERATOR, OPERATOR),
  reach(
    'ChainGovernance',
    sentence('Permission denied. '),
    ...COMMITTEE,
    joining('grantOperator(address)', CAROL.address),
  ),
  reach('ChainGovernance', code(1), FOUND, OPERATOR, [[ALICE, 0x1008, 'revokeOperator(address)', CAROL.address]]),
  ofCommittee(code(-52_002), CAROL, 'revokeOperator(address)', CAROL.address),
  ofCommittee(code(-52_007), ALICE, 'revokeOperator(address)', CAROL.address),
  reach(
    'ChainGovernance',
    sentence('Permission denied. '),
    ...COMMITTEE,
    OPERATOR,
    joining('revokeOperator(address)', CAROL.address),
  ),
  reach('ChainGovernance', text(`[{"address":"0x${CAROL.address}","enable_num":"2"}]\n`), FOUND, OPERATOR, [
    [DAVE, 0x1008, 'listOperators()'],
  ]),
];

const FREEZE = 'freezeAccount(address)';
const UNFREEZE = 'unfreezeAccount(address)';

/** Alice is a member, Bob and the contract have records. */
function ofAccounts(answer: Answer, who: TestAccount, ...call: FunctionCall): SystemCase {
  return reach('ChainGovernance', answer, FOUND, [DEPLOY], BOB_DEPLOYS, [[who, 0x1008, ...call]]);
}
function ofFrozen(answer: Answer, ...call: FunctionCall): SystemCase {
  const freeze: ContractCall = [ALICE, 0x1008, FREEZE, BOB.address];
  return reach('ChainGovernance', answer, FOUND, BOB_DEPLOYS, [freeze], [[ALICE, 0x1008, ...call]]);
}

const FROZEN_TEXT = 'The account has been frozen. You can use this account after unfreezing it.';
const ACCOUNTS: readonly SystemCase[] = [
  ofAccounts(code(1), ALICE, FREEZE, BOB.address),
  ofFrozen(code(1), UNFREEZE, BOB.address),
  ofFrozen(code(-52_011), FREEZE, BOB.address),
  ofAccounts(code(-52_010), ALICE, UNFREEZE, BOB.address),
  ofAccounts(NO_PERMISSION, ALICE, FREEZE, ALICE.address),
  ...[FREEZE, UNFREEZE].flatMap((signature) => [
    ofAccounts(code(-52_008), ALICE, signature, NOBODY),
    ofAccounts(code(-52_009), ALICE, signature, CONTRACT),
    ofAccounts(NO_PERMISSION, CAROL, signature, BOB.address),
  ]),
  ofAccounts(text('The account is available.'), CAROL, 'getAccountStatus(address)', BOB.address),
  ofAccounts(text('The address is nonexistent.'), CAROL, 'getAccountStatus(address)', NOBODY),
  ofAccounts(text('This is not a account address.'), CAROL, 'getAccountStatus(address)', CONTRACT),
  ofFrozen(text(FROZEN_TEXT), 'getAccountStatus(address)', BOB.address),
];

/** The working sealer of the group at its beginning, and the call with which it rotates. */
const rows = (table: string, key: string) => readRows(newChain(RPBFT).state, table, key);
const rotation = readRotationState(rows, 0)!;
const WORKER = [ALICE, BOB].find((account) => nodeIdOf(account) === rotation.working[0])!;
const ROTATION = rotationCall(rows, rotation, nodeIdOf(WORKER), WORKER.privateKey);

const rotate = (account: TestAccount, { publicKey, input, proof }: RotationCall): ContractCall => [
  account,
  0x1011,
  ROTATE,
  publicKey,
  input,
  proof,
];
const keyOf = (account: TestAccount) => proveKey(nodeIdOf(account), account.privateKey);
const registerKey = (sender: TestAccount, node: string, publicKey: string, proof: string): ContractCall => [
  sender,
  0x1011,
  REGISTER_KEY,
  node,
  publicKey,
  proof,
];
const OWN_KEY = registerKey(ALICE, nodeIdOf(ALICE), keyOf(ALICE).publicKey, keyOf(ALICE).proof);

function inRpbft(answer: Answer, ...block: Block): SystemCase {
  return { ...reach('WorkingSealerManager', answer, block), genesis: RPBFT };
}

const ROTATIONS: readonly SystemCase[] = [
  inRpbft(NOTHING, rotate(WORKER, ROTATION)),
  inRpbft(sentence('rotation refused: the sender is no working sealer'), rotate(CAROL, ROTATION)),
  inRpbft(sentence('rotation refused: the input is not'), rotate(WORKER, { ...ROTATION, input: '00' })),
  reach('WorkingSealerManager', NOTHING, [rotate(CAROL, ROTATION)]),
  inRpbft(code(1), OWN_KEY),
  reach('WorkingSealerManager', code(-50_101), [OWN_KEY]),
  inRpbft(code(-51_100), registerKey(CAROL, nodeIdOf(CAROL), keyOf(CAROL).publicKey, keyOf(CAROL).proof)),
  inRpbft(NO_PERMISSION, registerKey(BOB, nodeIdOf(ALICE), keyOf(ALICE).publicKey, keyOf(ALICE).proof)),
  inRpbft(code(-60_001), OWN_KEY, OWN_KEY),
  inRpbft(code(-60_000), registerKey(ALICE, nodeIdOf(ALICE), keyOf(ALICE).publicKey, keyOf(BOB).proof)),
];

export const CASES_OF_GOVERNANCE: readonly SystemCase[] = [
  ...SETTINGS,
  ...CONSENSUS,
  ...LAST_SEALER,
  ...NAMES,
  ...PERMISSIONS,
  ...PARALLEL,
  ...LIFE_CYCLE,
  ...COMMITTEE_CASES,
  ...OPERATORS,
  ...ACCOUNTS,
  ...ROTATIONS,
];
