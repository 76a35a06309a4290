import type { AbiValue } from '@menglian/codec/abi';
import { FOUND } from './systemCasesOfGovernance.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  type Call,
  CAROL,
  code,
  type ContractCall,
  DEPLOY,
  newChain,
  reach,
  runBlock,
  sentence,
  type SystemCase,
  values,
} from './systemScenario.js';
import type { TestAccount } from './testChain.js';

/** Routes of names: Alice deploys two versions of a contract, Bob one of his own. */

const BOB_DEPLOYS: Call = { from: BOB, data: DEPLOY.data };
export const DEPLOYED: Block = [DEPLOY, DEPLOY, BOB_DEPLOYS];
export const [OLD, NEW, BOBS] = runBlock(newChain(), DEPLOYED).receipts.map(
  ({ contractAddress }) => contractAddress,
) as [string, string, string];

export const ENABLE: ContractCall = [ALICE, 0x1000, 'setValueByKey(string,string)', 'enable_cns_route', 'on'];

export function registering(from: TestAccount, name: string, version: string, address: string): ContractCall {
  return [from, 0x1004, 'insert(string,string,string,string)', name, version, address, `abi ${version}`];
}

/** The setting, the contracts and what is registered under `shop`; `odd` begins with an address that is none. */
export const PREPARED: readonly Block[] = [
  [ENABLE, ...DEPLOYED],
  [
    registering(ALICE, 'shop', '1', `0x${OLD}`),
    registering(ALICE, 'shop', '2', NEW.toUpperCase()),
    registering(BOB, 'shop', 'stolen', `0x${BOBS}`),
    registering(ALICE, 'shop', 'account', `0x${ALICE.address}`),
    registering(ALICE, 'shop', 'nobody', 'ee'.repeat(20)),
    registering(ALICE, 'shop', 'odd', '0x1234'),
    registering(ALICE, 'odd', '1', '0x1234'),
  ],
];

export const SET_ROUTE = 'setRoute(string,string,string,uint256)';
export const SET_SHARE = 'setShare(string,uint256)';
export const ROUTE = 'route(string,address)';
export const ROUTE_OF = 'routeOf(string)';

export const ROUTED: Block = [[ALICE, 0x2000, SET_ROUTE, 'shop', '1', '2', 0n]];

function before(
  answer: Answer,
  who: TestAccount,
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  return reach('CnsRoute', answer, ...PREPARED, [[who, 0x2000, ...call]]);
}
function after(
  answer: Answer,
  who: TestAccount,
  ...call: readonly [signature: string, ...args: AbiValue[]]
): SystemCase {
  return reach('CnsRoute', answer, ...PREPARED, ROUTED, [[who, 0x2000, ...call]]);
}

const FOUND_TYPES = ['address', 'string', 'string'];
const ROUTE_TYPES = ['int256', 'string', 'string', 'uint256'];

export const CASES_OF_ROUTES: readonly SystemCase[] = [
  before(code(1), ALICE, SET_ROUTE, 'shop', '1', '2', 1000n),
  before(code(-60_101), ALICE, SET_ROUTE, 'shop', '1', '2', 1001n),
  before(code(-60_100), ALICE, SET_ROUTE, 'shop', '1', '3', 0n),
  before(code(-60_100), ALICE, SET_ROUTE, 'other', '1', '2', 0n),
  before(code(-50_102), ALICE, SET_ROUTE, 'shop', '1', 'odd', 0n),
  before(code(-51_904), ALICE, SET_ROUTE, 'shop', '1', 'nobody', 0n),
  before(code(-51_903), ALICE, SET_ROUTE, 'shop', '1', 'account', 0n),
  before(code(-51_905), ALICE, SET_ROUTE, 'shop', '1', 'stolen', 0n),
  before(code(-51_905), BOB, SET_ROUTE, 'shop', 'stolen', 'stolen', 0n),
  after(code(-51_905), BOB, SET_ROUTE, 'shop', 'stolen', 'stolen', 0n),
  reach('CnsRoute', code(1), FOUND, ...PREPARED, [[ALICE, 0x2000, SET_ROUTE, 'shop', 'stolen', '1', 0n]]),
  after(code(1), ALICE, SET_SHARE, 'shop', 100n),
  before(code(-60_102), ALICE, SET_SHARE, 'shop', 100n),
  after(code(-60_101), ALICE, SET_SHARE, 'shop', 2n ** 256n - 1n),
  after(code(-51_905), BOB, SET_SHARE, 'shop', 100n),
  after(values(FOUND_TYPES, [OLD, '1', 'abi 1']), CAROL, ROUTE, 'shop', CAROL.address),
  reach(
    'CnsRoute',
    values(FOUND_TYPES, [OLD, '1', 'abi 1']),
    [ENABLE, ...DEPLOYED, registering(ALICE, 'shop', '1', OLD)],
    [[CAROL, 0x2000, ROUTE, 'shop', CAROL.address]],
  ),
  before(sentence('no contract is registered under this name'), CAROL, ROUTE, 'other', CAROL.address),
  before(sentence('no contract is registered under this name'), CAROL, ROUTE, 'odd', CAROL.address),
  after(values(ROUTE_TYPES, [0n, '1', '2', 0n]), CAROL, ROUTE_OF, 'shop'),
  before(values(ROUTE_TYPES, [-60_102n, '', '', 0n], -60_102), CAROL, ROUTE_OF, 'shop'),
];
