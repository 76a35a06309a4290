import { concatBytes, fromByteString, parseHex, toBigInt } from '@menglian/base/bytes';
import { verifyVrf } from '@menglian/crypto/curve25519Vrf';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { sm2Verify } from '@menglian/crypto/sm2';
import { UNKNOWN_FUNCTION } from './codes.js';
import { word, words } from './framework/output.js';
import { WORK_PER_SIGNATURE } from './framework/signatureWork.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';

const define = functionsOf<undefined>();

const FAILED = words(false, 0);
/** Whether the signature is the key's, and the key's account on a chain of suite sm; (false, 0) for anything wrong. */
function verify(message: Uint8Array, publicKey: Uint8Array, r: Uint8Array, s: Uint8Array): Uint8Array {
  if (!sm2Verify(message, concatBytes(r, s), publicKey)) return FAILED;
  return words(true, toBigInt(sm3(publicKey).subarray(12)));
}

/** Whether the proof is the key's for this input, and the random value; (false, 0) for anything wrong. */
function checkVrf(inputText: string, publicKeyText: string, proofText: string): Uint8Array {
  const input = fromByteString(inputText);
  const publicKey = digits(publicKeyText);
  const proof = digits(proofText);
  if (publicKey === undefined || proof === undefined || !isUtf8(input)) return FAILED;
  const value = verifyVrf(publicKey, input, proof);
  return value === undefined ? FAILED : words(true, toBigInt(value));
}

/** Hexadecimal without 0x. */
function digits(text: string): Uint8Array | undefined {
  return text.startsWith('0x') ? undefined : parseHex(text);
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Algorithms by name, whatever the suite of the chain is. */
export const cryptoContract = new ContractKind<undefined>({
  name: 'Crypto',
  countsInput: true,
  work: WORK_PER_SIGNATURE,
  // Cast to 32 bits without a sign, in 2.x by mistake.
  unknown: word(BigInt.asUintN(32, BigInt(UNKNOWN_FUNCTION))),
  functions: [
    define('sm3(bytes)', (_, data) => sm3(data)),
    define('keccak256Hash(bytes)', (_, data) => keccak256(data)),
    define('sm2Verify(bytes32,bytes,bytes32,bytes32)', (_, message, publicKey, r, s) =>
      verify(message, publicKey, r, s),
    ),
    define('curve25519VRFVerify(string,string,string)', (_, input, publicKey, proof) =>
      checkVrf(input, publicKey, proof),
    ),
  ],
});
