/**
 * The ciphers and hashes of OpenSSL where this runs in Node: arithmetic only, neither its clock nor its randomness. Found
 * without an import, so that bundles for browsers need no stand-in for the module, and so that nothing has to be awaited.
 */
export const nodeCrypto: typeof import('crypto') | undefined =
  typeof process === 'object' ? process.getBuiltinModule?.('crypto') : undefined;
