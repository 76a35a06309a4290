import { ECDH } from 'node:crypto';
import { toHex } from '@menglian/base/bytes';
import { success, type Result } from '@menglian/base/result';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import type { NodeId } from '@menglian/types/address';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PeerId, PrivateKey } from '@libp2p/interface';

/** The node's own key. The node id is its public key, X ‖ Y. */
export type NodeKey =
  /** as libp2p wants it */
  | { readonly algorithm: 'secp256k1'; readonly privateKey: PrivateKey; readonly nodeId: NodeId }
  /** 32 bytes */
  | { readonly algorithm: 'sm2'; readonly privateKey: Uint8Array; readonly nodeId: NodeId };

/** @param pem text of `node.key` or `gmnode.key`. @returns the key, or the end of a sentence that begins with the file */
export function readNodeKey(pem: string): Result<NodeKey> {
  const read = readPrivateKey(pem);
  if (!read.ok) return read;
  const { algorithm, key, publicKey } = read.value;
  const nodeId = toHex(publicKey);
  return success(
    algorithm === 'sm2'
      ? { algorithm, privateKey: key, nodeId }
      : { algorithm, privateKey: privateKeyFromRaw(key), nodeId },
  );
}

/**
 * The node id of a libp2p peer: libp2p names a peer by its compressed secp256k1 key (33 bytes), the chain by the
 * uncompressed one without its leading 04.
 * @returns undefined when the peer's key is of another kind
 */
export function nodeIdOfPeer(peer: PeerId): NodeId | undefined {
  if (peer.type !== 'secp256k1') return undefined;
  // noise has verified a signature of this key, so it is a point of the curve and the conversion cannot fail.
  const uncompressed = ECDH.convertKey(peer.publicKey.raw, 'secp256k1', undefined, undefined, 'uncompressed');
  return toHex((uncompressed as Buffer).subarray(1));
}
