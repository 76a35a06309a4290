import { createPrivateKey, ECDH } from 'node:crypto';
import { toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { NodeId } from '@menglian/types/address';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PeerId, PrivateKey } from '@libp2p/interface';

/** The node's own key in the two forms that are needed. */
export interface NodeKey {
  readonly privateKey: PrivateKey;
  readonly nodeId: NodeId;
}

/** Reads `node.key`: PKCS#8 or SEC1 PEM, unencrypted, on secp256k1. */
export function readNodeKey(pem: string): Result<NodeKey> {
  let key;
  try {
    key = createPrivateKey(pem);
  } catch {
    return failure('it is not an unencrypted private key in PEM');
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'secp256k1') {
    return failure('it is not a key of the curve secp256k1');
  }
  const { d, x, y } = key.export({ format: 'jwk' });
  const nodeId = toHex(Buffer.concat([coordinate(x), coordinate(y)]));
  return success({ privateKey: privateKeyFromRaw(coordinate(d)), nodeId });
}

/** RFC 7518 6.2: coordinates and key are padded to the size of the field. */
function coordinate(base64Url: string | undefined): Buffer {
  return Buffer.from(base64Url ?? '', 'base64url');
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
