import { concatBytes, fromBigInt, fromHex, parseHex, toBigInt, toHex, utf8Bytes } from '@menglian/base/bytes';
import { failure, type Result, success } from '@menglian/base/result';
import { proveVrf, verifyVrf, vrfPublicKey } from '@menglian/crypto/curve25519Vrf';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Address, addressOfPublicKey, type NodeId } from '@menglian/types/address';
import type { RotationCall } from './1011-rotationCalls.js';
import { type RotationState, type RowReader, votersOf, vrfKeyInForce } from './1011-rotationState.js';

const EPOCH_BYTES = 8;

export function accountOf(suite: CryptoSuite, nodeId: NodeId): Address {
  return addressOfPublicKey(suite, fromHex(nodeId));
}

/** What the proof of a rotation is about: nobody knew it when the key was registered, and nothing in it can be chosen. */
function rotationInput({ randomness, epoch }: RotationState): Uint8Array {
  return concatBytes(fromHex(randomness), fromBigInt(BigInt(epoch + 1), EPOCH_BYTES));
}

/** The one call with which this node can rotate now. @param secret of its random function */
export function rotationCall(read: RowReader, state: RotationState, nodeId: NodeId, secret: Uint8Array): RotationCall {
  const input = rotationInput(state);
  const publicKey = toHex(vrfPublicKey(secret));
  if (vrfKeyInForce(read, state, nodeId) !== publicKey) return { publicKey: '', input: toHex(input), proof: '' };
  return { publicKey, input: toHex(input), proof: toHex(proveVrf(secret, input)) };
}

/**
 * Whether this account may rotate with these arguments; the caller has seen that a rotation is due.
 * @returns the 32 random bytes that the choice is made by, or the reason for refusal
 */
export function judgeRotation(
  suite: CryptoSuite,
  read: RowReader,
  state: RotationState,
  account: Address,
  call: RotationCall,
): Result<Uint8Array> {
  const nodeId = votersOf(state).find((voter) => accountOf(suite, voter) === account);
  if (nodeId === undefined) return failure('the sender is no working sealer');
  const input = rotationInput(state);
  if (call.input !== toHex(input)) return failure('the input is not that of the next epoch');
  const key = vrfKeyInForce(read, state, nodeId);
  // Without a key in force nobody chooses anything either: the randomness before is hashed on.
  if (key === undefined) {
    return call.publicKey === '' && call.proof === ''
      ? success(suite.hash(input))
      : failure('the sender has no key that was registered an epoch ago');
  }
  if (call.publicKey !== key) return failure('the key is not the registered one');
  const proof = parseHex(call.proof);
  const value = proof === undefined ? undefined : verifyVrf(fromHex(key), input, proof);
  return value === undefined ? failure('the proof is wrong') : success(value);
}

/** Whether the proof shows that who registers the key has its secret. @returns the key's bytes */
export function judgeKey(nodeId: NodeId, publicKeyText: string, proofText: string): Uint8Array | undefined {
  const publicKey = parseHex(publicKeyText);
  const proof = parseHex(proofText);
  if (publicKey === undefined || proof === undefined) return undefined;
  return verifyVrf(publicKey, utf8Bytes(nodeId), proof) === undefined ? undefined : publicKey;
}

/** What `judgeKey` takes. */
export function proveKey(nodeId: NodeId, secret: Uint8Array): { readonly publicKey: string; readonly proof: string } {
  return { publicKey: toHex(vrfPublicKey(secret)), proof: toHex(proveVrf(secret, utf8Bytes(nodeId))) };
}

/** Who stops working and who starts. */
export interface Rotation {
  readonly leaving: readonly NodeId[];
  readonly entering: readonly NodeId[];
}

/** As many as the committee is too large or too small; of a full one that others wait for, one is replaced. */
export function chooseRotation(suite: CryptoSuite, state: RotationState, value: Uint8Array): Rotation {
  const { working, waiting, committeeSize } = state;
  const replaced = working.length === committeeSize && working.length > 0 && waiting.length > 0 ? 1 : 0;
  const leaving = Math.max(working.length - committeeSize, 0) + replaced;
  const entering = Math.max(committeeSize - working.length, 0) + replaced;
  return { leaving: draw(suite, working, leaving, value), entering: draw(suite, waiting, entering, value) };
}

/**
 * Takes `count` of the nodes after shuffling all of them: Fisher and Yates, as 2.x, but for the next random number, which
 * is the hash of the last one. 2.x hashes the index that was drawn, so that in most groups some are never drawn.
 */
function draw(suite: CryptoSuite, sorted: readonly NodeId[], count: number, value: Uint8Array): NodeId[] {
  const nodes = [...sorted];
  let random = value;
  for (let index = nodes.length - 1; index > 0; index--) {
    const other = Number(toBigInt(random) % BigInt(index + 1));
    [nodes[index], nodes[other]] = [nodes[other]!, nodes[index]!];
    random = suite.hash(random);
  }
  return nodes.slice(0, count);
}
