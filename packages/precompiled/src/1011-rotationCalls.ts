import { concatBytes } from '@menglian/base/bytes';
import { decodeAbiLenient, encodeAbi, selector } from '@menglian/codec/abi';
import type { CryptoSuite } from '@menglian/crypto/suite';

/**
 * The text that 2.x hashes for the selector: that of a C++ function, blanks included. `rotateWorkingSealer(string,string,
 * string)` is no function of this contract.
 */
export const ROTATE = 'rotateWorkingSealer(std::string, std::string, std::string)';
export const REGISTER_KEY = 'registerVrfKey(string,string,string)';

const SELECTOR_BYTES = 4;
const THREE_TEXTS = ['string', 'string', 'string'];

/** Arguments of a rotation: hexadecimal without 0x. A node without a key in force leaves key and proof empty. */
export interface RotationCall {
  readonly publicKey: string;
  readonly input: string;
  readonly proof: string;
}

export function encodeRotation(suite: CryptoSuite, { publicKey, input, proof }: RotationCall): Uint8Array {
  return encodeCall(suite, ROTATE, [publicKey, input, proof]);
}

/** @param proof of the node's id as text, to show that the secret is at hand */
export function encodeKeyRegistration(
  suite: CryptoSuite,
  nodeId: string,
  publicKey: string,
  proof: string,
): Uint8Array {
  return encodeCall(suite, REGISTER_KEY, [nodeId, publicKey, proof]);
}

export function isRotation(suite: CryptoSuite, data: Uint8Array): boolean {
  const expected = selectorOf(suite, ROTATE);
  return data.length >= SELECTOR_BYTES && expected.every((byte, index) => data[index] === byte);
}

/** As the contract reads it. @returns undefined for anything else */
export function decodeRotation(suite: CryptoSuite, data: Uint8Array): RotationCall | undefined {
  if (!isRotation(suite, data)) return undefined;
  const decoded = decodeAbiLenient(THREE_TEXTS, data.subarray(SELECTOR_BYTES));
  if (!decoded.ok) return undefined;
  const [publicKey, input, proof] = decoded.value.map(String) as [string, string, string];
  return { publicKey, input, proof };
}

function encodeCall(suite: CryptoSuite, signature: string, texts: readonly string[]): Uint8Array {
  return concatBytes(selectorOf(suite, signature), encodeAbi(THREE_TEXTS, texts));
}

function selectorOf(suite: CryptoSuite, signature: string): Uint8Array {
  return selector((data) => suite.hash(data), signature);
}
