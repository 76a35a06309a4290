import { EMPTY_BYTES, fromBigInt, toBigInt, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import type { HashFunction } from './hashSwitch.js';
import { contractsOf, type StandardOutput } from './standardJson.js';
import { STANDARD_TEXTS, STANDARD_INTERFACES } from './standardInterfaces.js';

/** What a value of keccak-256 was made of. */
export interface KnownHash {
  /** in Solidity */
  readonly made: string;
  /** the same made with SM3 */
  readonly sm: bigint;
}

/** By value. */
export interface KnownHashes {
  /** of 4 bytes: functions, errors, interfaces */
  readonly selectors: ReadonlyMap<bigint, KnownHash>;
  /** of 32 bytes: events, texts, places in storage */
  readonly words: ReadonlyMap<bigint, KnownHash>;
}

const SIGNATURE = /^[A-Za-z_$][\w$]*\([\w$.,()[\]]*\)$/;

/** Variables at the beginning of storage whose elements people find by a number. */
const FIRST_SLOTS = 32;

/**
 * What a person could have computed for this source with keccak-256 and written down.
 * @param messages all that the compiler hashed
 * @param output of the compiler as it is
 */
export function knownHashes(messages: Iterable<Uint8Array>, output: StandardOutput): KnownHashes {
  const known = new KnownHashTable();
  for (const [name, signatures] of Object.entries(STANDARD_INTERFACES)) {
    known.addInterface(signatures, name);
    for (const signature of signatures) known.addSelector(signature);
  }
  for (const text of STANDARD_TEXTS) known.addText(text);
  for (let slot = 0; slot < FIRST_SLOTS; slot++)
    known.addWord(fromBigInt(BigInt(slot), 32), `keccak256(abi.encode(uint256(${slot})))`);
  known.addWord(EMPTY_BYTES, 'keccak256("")');
  for (const message of messages) {
    const text = utf8Text(message);
    if (SIGNATURE.test(text)) known.addSelector(text);
    if (message.length === 0) continue;
    if (/^[\x20-\x7e]*$/.test(text)) known.addText(text);
    else known.addWord(message, 'keccak256(…) of what it is the hash of');
  }
  addInterfaces(known, output);
  return known;
}

class KnownHashTable implements KnownHashes {
  readonly selectors = new Map<bigint, KnownHash>();
  readonly words = new Map<bigint, KnownHash>();

  addSelector(signature: string): void {
    const made = `bytes4(keccak256("${signature}"))`;
    this.selectors.set(selector(keccak256, signature), { made, sm: selector(sm3, signature) });
  }

  /** @param name if everybody calls it so; the first that is known of the same functions counts */
  addInterface(signatures: readonly string[], name?: string): void {
    if (signatures.length < 2) return;
    const identifier = (hash: HashFunction) => signatures.reduce((all, one) => all ^ selector(hash, one), 0n);
    const value = identifier(keccak256);
    if (this.selectors.has(value)) return;
    const joined = signatures.map((one) => `bytes4(keccak256("${one}"))`).join(' ^ ');
    const made = name === undefined ? joined : `type(${name}).interfaceId, or before 0.6.7 ${joined},`;
    this.selectors.set(value, { made, sm: identifier(sm3) });
  }

  addWord(message: Uint8Array, made: string): void {
    this.words.set(toBigInt(keccak256(message)), { made, sm: toBigInt(sm3(message)) });
  }

  /** With what is derived of it: one less is the rule of ERC-1967, the last byte 0 that of ERC-7201. */
  addText(text: string): void {
    const message = utf8Bytes(text);
    const [value, sm] = [toBigInt(keccak256(message)), toBigInt(sm3(message))];
    const made = `keccak256("${text}")`;
    this.words.set(value, { made, sm });
    this.words.set(value - 1n, { made: `bytes32(uint256(${made}) - 1)`, sm: sm - 1n });
    this.words.set(value - (value & 0xffn), { made: `${made} & ~bytes32(uint256(0xff))`, sm: sm - (sm & 0xffn) });
  }
}

/** An interface is its own functions, those of the interfaces it inherits from left out; which these are is tried. */
function addInterfaces(known: KnownHashTable, output: StandardOutput): void {
  const contracts = contractsOf(output).map(({ contract }) => new Set(Object.keys(contract.evm.methodIdentifiers)));
  for (const signatures of contracts) {
    known.addInterface([...signatures]);
    for (const other of contracts) {
      if (other.size >= signatures.size || [...other].some((one) => !signatures.has(one))) continue;
      known.addInterface([...signatures].filter((one) => !other.has(one)));
    }
  }
}

function selector(hash: HashFunction, signature: string): bigint {
  return toBigInt(hash(utf8Bytes(signature)).subarray(0, 4));
}
