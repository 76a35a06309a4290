import { concatBytes } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { assemble } from '@menglian/evm/testing/assembler';
import { encodeMessageBundle } from '@menglian/interchain/messageBundle';
import { systemAddress } from '@menglian/precompiled/addresses';
import { OtherChain } from '@menglian/precompiled/testing/interchainFixture';
import type { Log } from '@menglian/types/receipt';
import { forwarder } from './contracts.js';
import { FOUND } from './systemCasesOfGovernance.js';
import { ENABLE_INTERCHAIN } from './systemCasesOfRouter.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  type Call,
  callData,
  code,
  type ContractCall,
  newChain,
  reach,
  runBlock,
  sentence,
  suite,
  type SystemCase,
  text,
  values,
} from './systemScenario.js';
import { deploying, TEST_IDENTITY, type TestAccount } from './testChain.js';

/** Light clients and messages: another chain, known from its block 0, that signs blocks with messages. */

const CLIENTS = 0x2001;
const MESSAGES = 0x2002;

type Asked = readonly [signature: string, ...args: AbiValue[]];

const REGISTER = 'register(bytes32,string,string,uint256,string)';
export const DELIVER = 'deliver(bytes32,bytes)';
const SEND = 'send(bytes32,address,bytes)';
const RESET = 'reset(bytes32,uint256,string)';
const REPORT = 'report(bytes32,bytes,bytes)';
const RETRY = 'retry(bytes32,uint256,bytes)';
const STATE = 'state(bytes32,uint256)';

export const OTHER = new OtherChain(suite);
const STRANGER = new OtherChain(suite, 2);
/** Has the same sealers. */
const TWIN = new OtherChain(suite, 3);
TWIN.sealers = OTHER.sealers;
const { identity: CHAIN, sealerList: SEALERS } = OTHER;

const NOBODY = 'dd'.repeat(20);

/** The log of a message to the chain under test; it has no receiver unless said. */
function messageLog(sequence: bigint, receiver = NOBODY): Log {
  return OTHER.log({ chain: TEST_IDENTITY, sequence, sender: ALICE.address, receiver, payload: Uint8Array.of(5) });
}

function blockOf(from: OtherChain, number: number, ...logs: readonly Log[]): Uint8Array {
  return from.bundle([logs, []], { number });
}

const TRUE_BLOCK = blockOf(OTHER, 60, messageLog(1n), messageLog(2n, systemAddress(0x2001)));
const FORK = blockOf(OTHER, 60, OTHER.mark());

const LIES: readonly (readonly [number, Uint8Array])[] = [
  [-60_203, Uint8Array.of(0xc0)],
  [-60_204, withSignatures(([a, b, c, d]) => [a!, b!, c!, { ...d!, signature: c!.signature }])],
  [-60_205, withSignatures((signatures) => signatures.slice(2))],
  [-60_206, blockOf(STRANGER, 60, messageLog(1n))],
  [-60_207, withOtherReceipts()],
  [-60_208, blockOf(OTHER, 49, messageLog(1n))],
  [-60_213, blockOf(TWIN, 60, TWIN.mark())],
];

type Signatures = ReturnType<OtherChain['block']>['header']['signatures'];

function withSignatures(change: (signatures: Signatures) => Signatures): Uint8Array {
  const { header, receipts } = OTHER.block([[messageLog(1n)]], { number: 60 });
  return encodeMessageBundle({ header: { ...header, signatures: change(header.signatures) }, receipts });
}

function withOtherReceipts(): Uint8Array {
  const { header } = OTHER.block([[]], { number: 60 });
  return encodeMessageBundle({ header, receipts: OTHER.block([[messageLog(1n)]], { number: 60 }).receipts });
}

function clients(who: TestAccount, ...call: Asked): ContractCall {
  return [who, CLIENTS, ...call];
}

function messages(who: TestAccount, ...call: Asked): ContractCall {
  return [who, MESSAGES, ...call];
}

/** The setting and the client, believed from block 50 on. */
export const PREPARED: readonly Block[] = [
  [ENABLE_INTERCHAIN],
  [clients(ALICE, REGISTER, CHAIN, 'other', 'pbft', 50n, SEALERS)],
];
const FROZEN: Block = [clients(BOB, REPORT, CHAIN, TRUE_BLOCK, FORK)];
const DELIVERED: Block = [messages(BOB, DELIVER, CHAIN, TRUE_BLOCK)];

function then(kind: 'LightClients' | 'Messages', answer: Answer, ...blocks: readonly Block[]): SystemCase {
  return reach(kind, answer, ...PREPARED, ...blocks);
}

/** A creation that registers 255 more chains. */
function manyClients(): Call {
  const template = callData(clients(ALICE, REGISTER, new Uint8Array(32), 'n', 'raft', 0n, SEALERS));
  const loop = `DUP1 4 MSTORE 0 0 ${template.length} 0 0 PUSH20 0x${systemAddress(CLIENTS)} GAS CALL POP`;
  const data = assemble(
    `${template.length} @template 1 ADD 0 CODECOPY 1
     :next ${loop} DUP1 255 EQ @end JUMPI 1 ADD @next JUMP :end 0 0 RETURN :template`,
  );
  return { from: ALICE, data: concatBytes(data, template) };
}

/** What all that take a bundle refuse, made by the function. */
function refusals(kind: 'LightClients' | 'Messages', ask: (chain: Uint8Array, bundle: Uint8Array) => ContractCall) {
  return [
    then(kind, code(-60_201), [ask(STRANGER.identity, TRUE_BLOCK)]),
    then(kind, code(-60_202), FROZEN, [ask(CHAIN, TRUE_BLOCK)]),
    ...LIES.map(([number, lie]) => then(kind, code(number), [ask(CHAIN, lie)])),
  ];
}

/** A contract that hands on what it is given. */
const FORWARD: Call = { from: ALICE, data: deploying(forwarder('CALL', systemAddress(MESSAGES))) };
const FORWARDER = runBlock(newChain(), [ENABLE_INTERCHAIN, FORWARD]).receipts[1]!.contractAddress;

function byContract(...call: Asked): SystemCase {
  const answer = values(['int256', 'int256'], [1n, -60_305n], -60_305);
  return reach('Messages', answer, [ENABLE_INTERCHAIN, FORWARD], [[BOB, FORWARDER, ...call]]);
}

/** No transaction of the chain has enough gas for a message. */
const LITTLE_GAS: Block = [[ALICE, 0x1000, 'setValueByKey(string,string)', 'tx_gas_limit', '10000000']];
const TOO_LITTLE = sentence('too little gas is left for message 1');

export const CASES_OF_MESSAGES: readonly SystemCase[] = [
  reach('LightClients', code(1), [ENABLE_INTERCHAIN], [clients(ALICE, REGISTER, CHAIN, 'other', 'rpbft', 5n, SEALERS)]),
  then('LightClients', code(-60_200), [clients(ALICE, REGISTER, CHAIN, 'other', 'pbft', 0n, SEALERS)]),
  then('LightClients', code(-60_209), [clients(ALICE, REGISTER, STRANGER.identity, '', 'pbft', 0n, SEALERS)]),
  then('LightClients', code(-60_210), FOUND, [clients(BOB, REGISTER, STRANGER.identity, 'other', 'pbft', 0n, SEALERS)]),
  then('LightClients', code(-60_212), [
    manyClients(),
    clients(ALICE, REGISTER, STRANGER.identity, 'other', 'pbft', 0n, SEALERS),
  ]),
  then('LightClients', code(1), [clients(ALICE, RESET, CHAIN, 70n, SEALERS)]),
  then('LightClients', code(-60_209), [clients(ALICE, RESET, CHAIN, 70n, '')]),
  then('LightClients', code(-60_201), [clients(ALICE, RESET, STRANGER.identity, 70n, SEALERS)]),
  then('LightClients', code(-60_210), FOUND, [clients(BOB, RESET, CHAIN, 70n, SEALERS)]),
  then('LightClients', code(1), [clients(BOB, 'update(bytes32,bytes)', CHAIN, TRUE_BLOCK)]),
  ...refusals('LightClients', (chain, bundle) => clients(BOB, 'update(bytes32,bytes)', chain, bundle)),
  then('LightClients', code(1), [clients(BOB, 'checkReceipt(bytes32,bytes)', CHAIN, TRUE_BLOCK)]),
  ...refusals('LightClients', (chain, bundle) => clients(BOB, 'checkReceipt(bytes32,bytes)', chain, bundle)),
  then('LightClients', code(1), FROZEN),
  then('LightClients', code(-60_211), [clients(BOB, REPORT, CHAIN, TRUE_BLOCK, TRUE_BLOCK)]),
  ...refusals('LightClients', (chain, bundle) => clients(BOB, REPORT, chain, TRUE_BLOCK, bundle)),
  then('LightClients', values(['string', 'string', 'uint256', 'uint256', 'bool'], ['other', 'pbft', 50n, 60n, false]), [
    clients(BOB, 'update(bytes32,bytes)', CHAIN, TRUE_BLOCK),
    clients(BOB, 'client(bytes32)', CHAIN),
  ]),
  reach('LightClients', text('[]\n'), [ENABLE_INTERCHAIN], [clients(BOB, 'clients()')]),
  then('LightClients', text(SEALERS), [clients(BOB, 'sealersAt(bytes32,uint256)', CHAIN, 50n)]),

  then('Messages', code(1), [messages(BOB, SEND, CHAIN, NOBODY, Uint8Array.of(1))]),
  then('Messages', code(-60_300), [messages(BOB, SEND, CHAIN, NOBODY, new Uint8Array(16_385))]),
  then('Messages', code(-60_304), [messages(BOB, SEND, TEST_IDENTITY, NOBODY, Uint8Array.of(1))]),
  then('Messages', code(-60_201), [messages(BOB, SEND, STRANGER.identity, NOBODY, Uint8Array.of(1))]),
  then('Messages', code(1), [messages(BOB, 'mark()')]),
  then('Messages', code(2), DELIVERED),
  ...refusals('Messages', (chain, bundle) => messages(BOB, DELIVER, chain, bundle)),
  then('Messages', code(-60_301), [messages(BOB, DELIVER, CHAIN, blockOf(OTHER, 61, messageLog(2n)))]),
  byContract(DELIVER, CHAIN, TRUE_BLOCK),
  then('Messages', TOO_LITTLE, LITTLE_GAS, DELIVERED),
  then('Messages', code(0), DELIVERED, [messages(BOB, RETRY, CHAIN, 1n, TRUE_BLOCK)]),
  then('Messages', code(-60_303), DELIVERED, [messages(BOB, RETRY, CHAIN, 2n, TRUE_BLOCK)]),
  then('Messages', code(-60_302), DELIVERED, [messages(BOB, RETRY, CHAIN, 1n, FORK)]),
  then('Messages', code(-60_203), DELIVERED, [messages(BOB, RETRY, CHAIN, 1n, Uint8Array.of(0xc0))]),
  then('Messages', code(-60_201), DELIVERED, [messages(BOB, RETRY, STRANGER.identity, 1n, TRUE_BLOCK)]),
  then('Messages', code(-60_202), DELIVERED, FROZEN, [messages(BOB, RETRY, CHAIN, 1n, TRUE_BLOCK)]),
  then('Messages', TOO_LITTLE, DELIVERED, LITTLE_GAS, [messages(BOB, RETRY, CHAIN, 1n, TRUE_BLOCK)]),
  byContract(RETRY, CHAIN, 1n, TRUE_BLOCK),
  then('Messages', values(['uint256', 'uint256'], [2n, 1n]), DELIVERED, [messages(BOB, 'inbox(bytes32)', CHAIN)]),
  then('Messages', code(2), DELIVERED, [messages(BOB, STATE, CHAIN, 1n)]),
  then('Messages', code(1), [
    messages(BOB, SEND, CHAIN, NOBODY, Uint8Array.of(1)),
    messages(BOB, 'outbox(bytes32)', CHAIN),
  ]),
  then('Messages', code(3), [
    messages(BOB, SEND, CHAIN, NOBODY, Uint8Array.of(1)),
    messages(BOB, 'sentAt(bytes32,uint256)', CHAIN, 1n),
  ]),
];
