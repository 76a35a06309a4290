import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { HashSwitch } from './hashSwitch.js';
import { COMPILE_PROBLEM, compileProblem, type CompileProblem } from './problem.js';
import { runSoljson, type Soljson } from './soljson.js';
import { contractsOf, type StandardInput, type StandardOutput } from './standardJson.js';

/** What the compiler answered with SM3 in place of keccak-256. */
export interface SmRun {
  /** standard JSON */
  readonly text: string;
  /** all that was hashed */
  readonly messages: readonly Uint8Array[];
}

/** A compiler from npm as it is, and the same with another hash function inside. Neither the file nor the package changes. */
export class SuiteCompiler {
  readonly version: string;
  readonly #text: string;
  readonly #plain: Soljson;
  #sm: { readonly soljson: Soljson; readonly hashing: SmHashing } | undefined;

  private constructor(text: string, plain: Soljson) {
    this.version = plain.version;
    this.#text = text;
    this.#plain = plain;
  }

  /** @param text of a `soljson.js`, as in npm's package `solc` */
  static open(text: string): Result<SuiteCompiler, CompileProblem> {
    const plain = runSoljson(text, undefined);
    return plain.ok ? success(new SuiteCompiler(text, plain.value)) : failure(noCompiler(plain.reason));
  }

  /** @returns the answer as it is, also when it says that the source is wrong */
  runPlain(input: StandardInput): Result<StandardOutput, CompileProblem> {
    return caught(() => JSON.parse(this.#plain.compile(JSON.stringify(input))) as StandardOutput);
  }

  /** @param isTurned turns around the bits of hashes of addresses that checking them does not need */
  runSm(input: StandardInput, isTurned: boolean): Result<SmRun, CompileProblem> {
    const opened = this.#openSm();
    if (!opened.ok) return opened;
    const { soljson, hashing } = opened.value;
    hashing.begin(isTurned);
    const text = caught(() => soljson.compile(JSON.stringify(input)));
    // A compiler that broke down is not asked again.
    if (!text.ok) this.#sm = undefined;
    return text.ok ? success({ text: text.value, messages: hashing.messages() }) : text;
  }

  #openSm(): Result<{ readonly soljson: Soljson; readonly hashing: SmHashing }, CompileProblem> {
    if (this.#sm !== undefined) return success(this.#sm);
    const hashing = new SmHashing();
    const soljson = runSoljson(this.#text, new HashSwitch((message) => hashing.hash(message)));
    if (!soljson.ok) return failure(unknownCompiler(this.version, soljson.reason));
    const reason = probe(soljson.value);
    if (reason !== undefined) return failure(unknownCompiler(this.version, reason));
    this.#sm = { soljson: soljson.value, hashing };
    return success(this.#sm);
  }
}

/**
 * SM3 for everything but checksums of addresses: the capitals of an address in a source come from keccak-256 of its 40
 * small letters, everywhere.
 */
class SmHashing {
  readonly #messages = new Map<string, Uint8Array>();
  #isTurned = false;

  begin(isTurned: boolean): void {
    this.#messages.clear();
    this.#isTurned = isTurned;
  }

  messages(): readonly Uint8Array[] {
    return [...this.#messages.values()];
  }

  hash(message: Uint8Array): Uint8Array {
    this.#messages.set(Buffer.from(message).toString('latin1'), message);
    if (!isAddressText(message)) return sm3(message);
    const hash = keccak256(message);
    // A capital says that the highest bit of one of the first 40 half bytes is set.
    return this.#isTurned ? hash.map((byte, index) => byte ^ (index < 20 ? 0x77 : 0xff)) : hash;
  }
}

export function isAddressText(message: Uint8Array): boolean {
  return message.length === 40 && message.every((byte) => (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102));
}

/** Signatures of one block of keccak-256 and of two. */
const PROBED = ['a()', `b(${Array.from({ length: 20 }, () => 'uint256').join(',')})`];

/** Whether selectors are those of SM3. @returns what is wrong */
function probe(soljson: Soljson): string | undefined {
  const functions = PROBED.map((signature) => `function ${signature} public;`).join(' ');
  const content = `interface Probe { ${functions.replaceAll('public', 'external')} }`;
  const settings = { outputSelection: { '*': { '*': ['evm.methodIdentifiers'] } } };
  const input = JSON.stringify({ language: 'Solidity', sources: { Probe: { content } }, settings });
  const output = caught(() => JSON.parse(soljson.compile(input)) as StandardOutput);
  if (!output.ok) return output.reason.message;
  const found = contractsOf(output.value)[0]?.contract.evm.methodIdentifiers;
  const isSm = PROBED.every((signature) => found?.[signature] === toHex(sm3(utf8Bytes(signature))).slice(0, 8));
  return isSm ? undefined : 'with another hash function it still makes the same selectors';
}

function caught<T>(run: () => T): Result<T, CompileProblem> {
  try {
    return success(run());
  } catch (error) {
    if (error instanceof Error && error.name === 'InvariantError') throw error;
    const advice = 'compile with another version; a contract that is too large may be the cause';
    return failure(compileProblem(COMPILE_PROBLEM.notCompiled, `the compiler broke down: ${String(error)}`, advice));
  }
}

function noCompiler(reason: string): CompileProblem {
  const advice = "give the file soljson.js of npm's package solc, 0.4.11 or later";
  return compileProblem(COMPILE_PROBLEM.noCompiler, `the compiler cannot be run: ${reason}`, advice);
}

function unknownCompiler(version: string, reason: string): CompileProblem {
  const message = `solc ${version} cannot be made to compile for SM chains: ${reason}`;
  return compileProblem(COMPILE_PROBLEM.unknownCompiler, message, "take another version of npm's package solc");
}
