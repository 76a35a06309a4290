import { concatBytes, toByteString, toHex } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi, errorString, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { genesisState } from '@menglian/ledger/genesisState';
import { systemAddress } from '@menglian/precompiled/addresses';
import { ALL_KINDS } from '@menglian/precompiled/testing/allKinds';
import type { Address } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { BlockResult } from '../ports.js';
import { CELLS } from './contracts.js';
import { deploying, TEST_GENESIS, TestChain, type TestAccount } from './testChain.js';

/**
 * Calls of system contracts written as rows of a table, and made as signed transactions in blocks. A case is a few blocks;
 * the last call of the last one is what it is about.
 */

/** Of the chain; `sm` for the test that runs the cases on an SM chain. */
export const suite = await loadSuite(process.env['MENGLIAN_TEST_SUITE'] === 'sm' ? 'sm' : 'ecdsa');
const ecdsa = await loadSuite('ecdsa');
const accounts = new TestChain(suite, ecdsa);

export const [ALICE, BOB, CAROL, DAVE] = [1, 2, 3, 4].map((seed) => accounts.account(seed)) as [
  TestAccount,
  TestAccount,
  TestAccount,
  TestAccount,
];

export type ContractCall = readonly [
  from: TestAccount,
  to: number | Address,
  signature: string,
  ...values: readonly AbiValue[],
];
export type Call = ContractCall | { readonly from: TestAccount; readonly data: Uint8Array };
export type Block = readonly Call[];

/** A first creation by Alice, and the contract that it makes: it stores and loads words. */
export const DEPLOY = { from: ALICE, data: deploying(CELLS) };
export const CONTRACT: Address = accounts.run(signed(accounts, DEPLOY)).receipts[0]!.contractAddress;

/** The n-th temporary object of a block, counted from 1. */
export function object(number: number): Address {
  return systemAddress(0x10000 + number);
}

/** An rPBFT group in which Alice's and Bob's accounts are nodes, one of them working, and a rotation is due at once. */
export const RPBFT: GenesisConfig = {
  ...TEST_GENESIS,
  consensusType: 'rpbft',
  sealers: [nodeIdOf(ALICE), nodeIdOf(BOB)],
  epochSealerCount: 1,
  epochBlockCount: 2,
};

export function nodeIdOf(account: TestAccount): string {
  return toHex(suite.publicKey(account.privateKey));
}

export type Answer =
  | { readonly kind: 'values'; readonly output: string; readonly code: number | undefined }
  | { readonly kind: 'sentence'; readonly text: string };

/** One int256: a code where it is negative. */
export function code(value: number): Answer {
  return values(['int256'], [BigInt(value)], value < 0 ? value : undefined);
}

/** @param failed the code among the values, where there is one */
export function values(types: readonly string[], list: readonly AbiValue[], failed?: number): Answer {
  return { kind: 'values', output: toHex(encodeAbi(types, list)), code: failed };
}

export function text(content: string): Answer {
  return values(['string'], [content]);
}

export const NOTHING: Answer = { kind: 'values', output: '', code: undefined };

/** Status 21, with a text that begins like this. */
export function sentence(beginning: string): Answer {
  return { kind: 'sentence', text: beginning };
}

export const PARAMETER_ERROR = sentence('PrecompiledError');

export interface SystemCase {
  /** Name of the kind of contract or object, and signature of the function. */
  readonly of: string;
  readonly answer: Answer;
  readonly blocks: readonly Block[];
  readonly genesis?: GenesisConfig;
}

/** Whether the transaction itself calls the function: others are called by a system contract on the way. */
export function isDirect({ of, blocks }: SystemCase): boolean {
  const call = blocks.at(-1)!.at(-1)!;
  return !('data' in call) && of.endsWith(`.${call[2]}`);
}

/** @param blocks the call to judge is the last */
export function reach(kind: string, answer: Answer, ...blocks: readonly Block[]): SystemCase {
  const call = blocks.at(-1)!.at(-1)! as ContractCall;
  return { of: `${kind}.${call[2]}`, answer, blocks };
}

/** The text of a case in reports. */
export function titleOf({ of, answer }: SystemCase): string {
  return `${of} answers ${answer.kind === 'sentence' ? `21 ${answer.text}` : (answer.code ?? 'yes')}`;
}

export function newChain(genesis?: GenesisConfig): TestChain {
  const chain = new TestChain(suite, ecdsa);
  if (genesis !== undefined) chain.state.apply(genesisState(genesis));
  return chain;
}

const typesOf = new Map(
  ALL_KINDS.flatMap(({ functions }) => functions.map(({ signature, types }) => [signature, types])),
);

export function callData([, , signature, ...args]: ContractCall): Uint8Array {
  const name = selector((data) => suite.hash(data), signature);
  return concatBytes(name, encodeAbi(typesOf.get(signature)!, args));
}

export function signed(chain: TestChain, call: Call): SignedTransaction {
  if ('from' in call) return chain.sign(call.from, { data: call.data });
  const [from, target] = call;
  const to = typeof target === 'number' ? systemAddress(target) : target;
  return chain.sign(from, { to, data: callData(call) });
}

export function runBlock(chain: TestChain, block: Block): BlockResult {
  return chain.run(...block.map((call) => signed(chain, call)));
}

/** The receipt of the last call. */
export function play(blocks: readonly Block[], genesis?: GenesisConfig): Receipt {
  const chain = newChain(genesis);
  const results = blocks.map((block) => runBlock(chain, block));
  return results.at(-1)!.receipts.at(-1)!;
}

/** What a receipt says, in the form of an Answer. @param failed of the answer that is expected */
export function answerOf({ status, output }: Receipt, failed?: number): Answer | { readonly status: number } {
  if (status === 0) return { kind: 'values', output: toHex(output), code: failed };
  if (status !== 21) return { status };
  return { kind: 'sentence', text: sentenceOf(output) };
}

/** The text of ABI Error(string). @throws RangeError when the output is none */
export function sentenceOf(output: Uint8Array): string {
  const length = Number.parseInt(toHex(output.subarray(36, 68)), 16);
  const found = toByteString(output.subarray(68, 68 + length));
  const expected = errorString((data) => suite.hash(data), found);
  if (toHex(expected) !== toHex(output)) throw new RangeError(`no Error(string): ${toHex(output)}`);
  return found;
}
