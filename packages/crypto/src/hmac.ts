import { concatBytes } from '@menglian/base/bytes';

/** HMAC (RFC 2104) over a hash of 64-byte blocks, which SM3 and SHA-256 both are. @returns as many bytes as the hash */
export function hmac(hash: (data: Uint8Array) => Uint8Array, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > block.length ? hash(key) : key);
  const inner = hash(
    concatBytes(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  );
  return hash(
    concatBytes(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}
