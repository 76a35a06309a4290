import { fromBigInt, toBigInt, utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { keccak256 } from '@menglian/crypto/hashes';
import { contractsOf, type StandardOutput } from './standardJson.js';
import { STANDARD_EVENTS, STANDARD_INTERFACES } from './standardInterfaces.js';

/** Values of keccak-256 with Solidity that makes them. */
export interface KnownHashes {
  /** of 4 bytes: functions, errors, interfaces */
  readonly selectors: ReadonlyMap<bigint, string>;
  /** of 32 bytes: events, texts, places in storage */
  readonly words: ReadonlyMap<bigint, string>;
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
  const selectors = new Map<bigint, string>();
  const words = new Map<bigint, string>();
  for (const [name, signatures] of Object.entries(STANDARD_INTERFACES)) {
    addInterface(selectors, name, signatures.map(identifierOf));
    for (const signature of signatures) addSelector(selectors, signature);
  }
  for (let slot = 0; slot < FIRST_SLOTS; slot++)
    words.set(toBigInt(keccak256(fromBigInt(BigInt(slot), 32))), `keccak256(abi.encode(uint256(${slot})))`);
  for (const event of STANDARD_EVENTS) addWord(words, event);
  addWord(words, '');
  for (const message of messages) {
    const text = utf8Text(message);
    if (SIGNATURE.test(text)) addSelector(selectors, text);
    if (/^[\x20-\x7e]*$/.test(text)) addWord(words, text);
    else addWord(words, message, 'keccak256(…) of what it is the hash of');
  }
  addInterfaces(selectors, output);
  return { selectors, words };
}

function addSelector(selectors: Map<bigint, string>, signature: string): void {
  selectors.set(identifierOf(signature), `bytes4(keccak256("${signature}"))`);
}

/** With what is derived of it: one less is the rule of ERC-1967, the last byte 0 that of ERC-7201. */
function addWord(words: Map<bigint, string>, message: string | Uint8Array, made?: string): void {
  const value = toBigInt(keccak256(typeof message === 'string' ? utf8Bytes(message) : message));
  const hash = made ?? `keccak256("${String(message)}")`;
  words.set(value, hash);
  if (message === '') return;
  words.set(value - 1n, `bytes32(uint256(${hash}) - 1)`);
  words.set(value - (value & 0xffn), `${hash} & ~bytes32(uint256(0xff))`);
}

/** An interface is its own functions, those of the interfaces it inherits from left out; which these are is tried. */
function addInterfaces(selectors: Map<bigint, string>, output: StandardOutput): void {
  const contracts = contractsOf(output).map(({ path, contract }) => ({
    name: path.slice(path.lastIndexOf(':') + 1),
    identifiers: Object.values(contract.evm.methodIdentifiers).map((digits) => BigInt(`0x${digits}`)),
  }));
  for (const { name, identifiers } of contracts) {
    addInterface(selectors, name, identifiers);
    const all = new Set(identifiers);
    for (const other of contracts) {
      const inherited = new Set(other.identifiers);
      if (inherited.size >= all.size || other.identifiers.some((one) => !all.has(one))) continue;
      const own = identifiers.filter((one) => !inherited.has(one));
      addInterface(selectors, name, own);
    }
  }
}

function addInterface(selectors: Map<bigint, string>, name: string, identifiers: readonly bigint[]): void {
  if (identifiers.length < 2) return;
  const identifier = identifiers.reduce((all, one) => all ^ one, 0n);
  selectors.set(identifier, `type(${name}).interfaceId, or before 0.6.7 the selectors of its functions joined by ^,`);
}

function identifierOf(signature: string): bigint {
  return toBigInt(keccak256(utf8Bytes(signature)).subarray(0, 4));
}
