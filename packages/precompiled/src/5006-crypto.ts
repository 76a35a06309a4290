import { concatBytes, toBigInt } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { sm2Verify } from '@menglian/crypto/sm2';
import { UNKNOWN_FUNCTION } from './codes.js';
import { word, words } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';

const define = functionsOf<undefined>();

const FAILED = words(false, 0);
/** Whether the signature is the key's, and the key's account on a chain of suite sm; (false, 0) for anything wrong. */
function verify(message: Uint8Array, publicKey: Uint8Array, r: Uint8Array, s: Uint8Array): Uint8Array {
  if (!sm2Verify(message, concatBytes(r, s), publicKey)) return FAILED;
  return words(true, toBigInt(sm3(publicKey).subarray(12)));
}

/** Algorithms by name, whatever the suite of the chain is. */
export const cryptoContract = new ContractKind<undefined>({
  name: 'Crypto',
  countsInput: true,
  // Cast to 32 bits without a sign, in 2.x by mistake.
  unknown: word(BigInt.asUintN(32, BigInt(UNKNOWN_FUNCTION))),
  functions: [
    define('sm3(bytes)', (_, data) => sm3(data)),
    define('keccak256Hash(bytes)', (_, data) => keccak256(data)),
    define('sm2Verify(bytes32,bytes,bytes32,bytes32)', (_, message, publicKey, r, s) =>
      verify(message, publicKey, r, s),
    ),
    // No implementation of this verifiable random function exists here yet: no proof counts as valid.
    define('curve25519VRFVerify(string,string,string)', () => FAILED),
  ],
});
