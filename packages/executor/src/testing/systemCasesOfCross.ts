import { concatBytes, fromBigInt } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import { assemble } from '@menglian/evm/testing/assembler';
import { systemAddress } from '@menglian/precompiled/addresses';
import { ENABLE_INTERCHAIN } from './systemCasesOfRouter.js';
import { DELIVER, OTHER, PREPARED } from './systemCasesOfMessages.js';
import {
  ALICE,
  type Answer,
  type Block,
  BOB,
  type Call,
  code,
  type ContractCall,
  newChain,
  reach,
  runBlock,
  sentence,
  type SystemCase,
  values,
} from './systemScenario.js';
import { deploying, TEST_IDENTITY } from './testChain.js';

/** Transactions over two chains, with a participant that holds anything and can do nothing that is decided until it is told. */

const CROSS = 0x2004;
const CROSS_ADDRESS = systemAddress(CROSS);
const BEGIN = 'begin(bytes32,address,address,bytes,uint256)';
const CANCEL = 'cancel(bytes32)';
const FINISH = 'finish(bytes32)';
const ON_MESSAGE = 'onMessage(bytes32,address,uint256,bytes)';

/** By the length of its call data: told with 4 bytes, confirm and cancel have 36, prepareIn 164, prepareOut more. */
const PARTICIPANT_CODE = assemble(
  `CALLDATASIZE 4 EQ @told JUMPI CALLDATASIZE 36 EQ @decided JUMPI CALLDATASIZE 164 EQ @in JUMPI
   32 0 MSTORE 0 32 MSTORE 64 0 RETURN
   :in 1 0 MSTORE 32 0 RETURN
   :told 1 0 SSTORE STOP
   :decided 0 SLOAD @able JUMPI 0 0 REVERT
   :able STOP`,
);
const DEPLOY: Call = { from: ALICE, data: deploying(PARTICIPANT_CODE) };
const ENABLED: Block = [ENABLE_INTERCHAIN, DEPLOY];
const PARTICIPANT = runBlock(newChain(), ENABLED).receipts[1]!.contractAddress;
const TELL: ContractCall = [ALICE, PARTICIPANT, 'groups()'];

const NOTHING = new Uint8Array(0);
const NOBODY = '0'.repeat(40);

function idOf(chain: Uint8Array): Uint8Array {
  return concatBytes(chain.subarray(0, 24), fromBigInt(1n, 8));
}
const OWN_ID = idOf(TEST_IDENTITY);
const OTHER_ID = idOf(OTHER.identity);

function cross(...call: readonly [signature: string, ...args: AbiValue[]]): ContractCall {
  return [BOB, CROSS, ...call];
}

function begin(timeoutBlocks: bigint): ContractCall {
  return cross(BEGIN, OTHER.identity, PARTICIPANT, PARTICIPANT, NOTHING, timeoutBlocks);
}

/** Something that the other chain asks, delivered with its proof. */
function asked(): ContractCall {
  const payload = encodeAbi(
    ['uint256', 'bytes32', 'address', 'address', 'bytes'],
    [1n, OTHER_ID, PARTICIPANT, PARTICIPANT, NOTHING],
  );
  const message = { chain: TEST_IDENTITY, sequence: 1n, sender: CROSS_ADDRESS, receiver: CROSS_ADDRESS, payload };
  return [BOB, 0x2002, DELIVER, OTHER.identity, OTHER.bundle([[OTHER.log(message)]], { number: 60 })];
}

const KNOWN = [ENABLED, PREPARED[1]!];
const LITTLE_GAS: Block = [[ALICE, 0x1000, 'setValueByKey(string,string)', 'tx_gas_limit', '10000000']];
const TOO_LITTLE = sentence('the participant needs 10000000 gas: send more');

function then(answer: Answer, ...blocks: readonly Block[]): SystemCase {
  return reach('CrossTransactions', answer, ...KNOWN, ...blocks);
}

const DESCRIPTION = ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256'];

export const CASES_OF_CROSS: readonly SystemCase[] = [
  then(values(['bytes32'], [OWN_ID]), [begin(1n)]),
  then(sentence('the time-out must be 1 to 1000000 blocks'), [begin(0n)]),
  then(code(1), [begin(1n)], [cross(CANCEL, OWN_ID)]),
  then(code(-60_500), [cross(CANCEL, OWN_ID)]),
  then(code(-60_501), [begin(2n)], [cross(CANCEL, OWN_ID)]),
  then(code(-60_502), [begin(1n)], [cross(CANCEL, OWN_ID), cross(CANCEL, OWN_ID)]),
  then(code(-60_503), [asked()], [cross(CANCEL, OTHER_ID)]),
  then(TOO_LITTLE, [begin(1n)], LITTLE_GAS, [cross(CANCEL, OWN_ID)]),
  then(code(1), [begin(1n)], [cross(CANCEL, OWN_ID), TELL, cross(FINISH, OWN_ID)]),
  then(code(-60_500), [cross(FINISH, OWN_ID)]),
  then(code(-60_504), [begin(1n), cross(FINISH, OWN_ID)]),
  then(code(-60_505), [begin(1n)], [cross(CANCEL, OWN_ID), cross(FINISH, OWN_ID)]),
  then(TOO_LITTLE, [begin(1n)], [cross(CANCEL, OWN_ID)], LITTLE_GAS, [cross(FINISH, OWN_ID)]),
  then(
    values(DESCRIPTION, [2n, OTHER.identity, PARTICIPANT, PARTICIPANT, NOBODY, 0n]),
    [asked()],
    [cross('transaction(bytes32)', OTHER_ID)],
  ),
  { of: `CrossTransactions.${ON_MESSAGE}`, answer: code(1), blocks: [...KNOWN, [asked()]] },
  then(sentence('messages are handed over by 0x2002 only'), [
    cross(ON_MESSAGE, OTHER.identity, CROSS_ADDRESS, 1n, NOTHING),
  ]),
];
