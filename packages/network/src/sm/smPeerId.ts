import { sha256 } from '@menglian/crypto/hashes';
import { fromHex } from '@menglian/base/bytes';
import type { NodeId } from '@menglian/types/address';
import { peerIdFromMultihash } from '@libp2p/peer-id';
import type { PeerId } from '@libp2p/interface';

/** Multihash: code of sha2-256, length. */
const SHA2_256 = 0x12;
const DIGEST_BYTES = 32;

/**
 * The name under which libp2p keeps a peer with an SM2 key, of which it knows nothing: a hash of the key. It stays inside
 * this process; the node id is the key.
 */
export function smPeerId(nodeId: NodeId): PeerId {
  const digest = new Uint8Array(sha256(fromHex(nodeId)));
  const bytes = new Uint8Array([SHA2_256, DIGEST_BYTES, ...digest]);
  return peerIdFromMultihash({ code: SHA2_256, size: DIGEST_BYTES, digest, bytes });
}
