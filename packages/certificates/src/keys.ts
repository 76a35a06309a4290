import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/**
 * A private key on secp256k1 whose 32 bytes do not begin with 00: tools of 2.x cut leading zeros off and then read
 * another key, so `build_chain.sh` throws such keys away as well.
 */
export async function generateChainKey(): Promise<KeyObject> {
  for (;;) {
    const { privateKey } = await generate('ec', { namedCurve: 'secp256k1' });
    if (privateKeyBytes(privateKey)[0] !== 0) return privateKey;
  }
}

/** A key for the TLS of the channel port, which clients of many kinds must be able to read. */
export async function generateChannelKey(): Promise<KeyObject> {
  return (await generate('rsa', { modulusLength: 2048 })).privateKey;
}

/** The 32 bytes of a private key on secp256k1. */
function privateKeyBytes(privateKey: KeyObject): Buffer {
  return Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
}

/**
 * Public key of a key on secp256k1 as 128 hexadecimal digits X ‖ Y: the text of `node.nodeid` and `sdk.publickey`.
 * @param key private or public, PEM or object
 */
export function publicKeyText(key: KeyObject | string): string {
  const publicKey = typeof key !== 'string' && key.type === 'public' ? key : createPublicKey(key);
  const { x, y } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')]).toString('hex');
}

/** PKCS #8, unencrypted: `BEGIN PRIVATE KEY`. */
export function privateKeyPem(privateKey: KeyObject): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
