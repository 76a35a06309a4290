import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { encodeAbi } from '@menglian/codec/abi';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SuiteName } from '@menglian/crypto/suite';
import { TestChain } from '@menglian/executor/testing/testChain';
import { compileForSuite } from '../src/compileForSuite.js';
import type { SolcContract, StandardInput } from '../src/standardJson.js';
import { SuiteCompiler } from '../src/suiteCompiler.js';

export const VERSIONS = ['0.4.26', '0.5.17', '0.6.12', '0.8.26'] as const;
export const SUITES: readonly SuiteName[] = ['ecdsa', 'sm'];

export function soljsonText(version: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`solc-${version}/soljson.js`), 'utf8');
}

const opened = new Map<string, SuiteCompiler>();

export function compilerOf(version: string): SuiteCompiler {
  const known = opened.get(version);
  if (known !== undefined) return known;
  const compiler = SuiteCompiler.open(soljsonText(version));
  if (!compiler.ok) throw new Error(compiler.reason.message);
  opened.set(version, compiler.value);
  return compiler.value;
}

/** Lets one source be compiled by every compiler. */
export function forVersion(text: string, version: string): string {
  const minor = Number(version.split('.')[1]);
  const since5 = (newer: string, older: string) => (minor >= 5 ? newer : older);
  return text
    .replaceAll('calldata_', since5('calldata', ''))
    .replaceAll('gas_', since5('gas()', 'gas'))
    .replaceAll('returndatasize_', since5('returndatasize()', 'returndatasize'));
}

export function inputOf(text: string, settings: Record<string, unknown> = {}): StandardInput {
  return { language: 'Solidity', sources: { 'test.sol': { content: text } }, settings };
}

/** Contracts by name. */
export function compiled(
  version: string,
  suite: SuiteName,
  input: StandardInput,
): Readonly<Record<string, SolcContract>> {
  const result = compileForSuite(input, compilerOf(version), suite);
  if (!result.ok) throw new Error(result.reason.map(({ code, message }) => `${code} ${message}`).join('\n'));
  return result.value.output.contracts!['test.sol']!;
}

export interface Step {
  readonly signature: string;
  readonly values: readonly AbiValue[];
}

export function step(signature: string, ...values: readonly AbiValue[]): Step {
  return { signature, values };
}

const PRIVATE_KEY_SEED = 7;

/** What everybody sees of a contract and of calls to it, with words in place of hashes and addresses. */
export class Observed {
  readonly #chain: TestChain;
  readonly #account;
  readonly #names = new Map<string, string>();
  #contract = '';

  private constructor(chain: TestChain, suite: SuiteName, texts: readonly string[]) {
    this.#chain = chain;
    this.#account = chain.account(PRIVATE_KEY_SEED);
    this.#names.set(this.#account.address, '<sender>');
    const hash = suite === 'sm' ? sm3 : keccak256;
    for (const text of texts) this.#names.set(toHex(hash(utf8Bytes(text))), `<${text}>`);
  }

  /** @param texts signatures and texts whose hashes are shown as these */
  static async on(suite: SuiteName, texts: readonly string[]): Promise<Observed> {
    return new Observed(new TestChain(await loadSuite(suite), await loadSuite('ecdsa')), suite, texts);
  }

  /** Deploys the contract that is called from now on. @param data after its code */
  deploy(bytecode: string, data = ''): string {
    const [receipt] = this.#chain.run(this.#chain.sign(this.#account, { data: fromHex(bytecode + data) })).receipts;
    if (receipt!.status !== 0) throw new Error(`deployment ended with ${receipt!.status}`);
    this.#contract = receipt!.contractAddress;
    this.#names.set(this.#contract, '<contract>');
    return this.#contract;
  }

  /** Sends a transaction. */
  run({ signature, values }: Step): unknown {
    return this.send(this.#chain.data(signature, ...values));
  }

  /** @param data selector and arguments */
  send(data: Uint8Array): unknown {
    const { receipts } = this.#chain.run(this.#chain.sign(this.#account, { to: this.#contract, data }));
    const { status, output, logs } = receipts[0]!;
    return {
      status,
      output: this.#shown(output, status !== 0),
      logs: logs.map((log) => ({ topics: log.topics.map((topic) => this.#shown(topic)), data: this.#shown(log.data) })),
    };
  }

  #shown(bytes: Uint8Array, hasSelector = false): string {
    let text = toHex(bytes);
    for (const [digits, name] of this.#names) {
      if (hasSelector && digits.length === 64 && text.startsWith(digits.slice(0, 8))) text = name + text.slice(8);
      text = text.replaceAll(digits, name);
      // bytes4
      if (digits.length === 64) text = text.replaceAll(digits.slice(0, 8) + '0'.repeat(56), name);
    }
    return text;
  }
}

export function words(...values: readonly (bigint | number | boolean)[]): string {
  return toHex(
    encodeAbi(
      values.map(() => 'uint256'),
      values.map(BigInt),
    ),
  );
}
