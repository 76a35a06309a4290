/** What we use of the OpenSSL inside of Node: arithmetic, not its randomness. */
interface NodeCrypto {
  getCiphers(): readonly string[];
  getHashes(): readonly string[];
  createCipheriv(name: string, key: Uint8Array, iv: Uint8Array): NodeCipher;
  createDecipheriv(name: string, key: Uint8Array, iv: Uint8Array): NodeCipher;
  pbkdf2Sync(password: Uint8Array, salt: Uint8Array, rounds: number, length: number, hash: string): Uint8Array;
}

interface NodeCipher {
  update(data: Uint8Array): Uint8Array;
  /** @throws Error when the padding is wrong */
  final(): Uint8Array;
}

/**
 * Undefined outside of Node. Found without an import, so that bundles for browsers need no stand-in for the module, and so
 * that nothing has to be awaited.
 */
export const nodeCrypto: NodeCrypto | undefined =
  typeof process === 'object' ? process.getBuiltinModule?.('crypto') : undefined;
