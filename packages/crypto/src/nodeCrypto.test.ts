import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { afterEach, expect, it, vi } from 'vitest';
import { pbkdf2 } from './kdf.js';
import { pkcs8OfKey } from './pkcs8.js';
import { encryptPkcs8, type Pkcs8Encryption } from './pkcs8Encryption.js';
import { createSm4Gcm } from './sm4Gcm.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

it('is not needed but for AES: without it the same bytes come out, and AES is refused', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
  vi.resetModules();
  const without = {
    ...(await import('./kdf.js')),
    ...(await import('./pkcs8Encryption.js')),
    ...(await import('./sm4Gcm.js')),
    ...(await import('./nodeCrypto.js')),
  };
  expect(without.nodeCrypto).toBeUndefined();

  const [key, nonce, long] = [new Uint8Array(16).fill(1), new Uint8Array(12).fill(2), new Uint8Array(5000).fill(3)];
  expect(without.createSm4Gcm(key).seal(nonce, long, key)).toEqual(createSm4Gcm(key).seal(nonce, long, key));
  const password = utf8Bytes('password');
  expect(toHex(without.pbkdf2('sm3', password, key, 20, 40))).toBe(toHex(pbkdf2('sm3', password, key, 20, 40)));

  const pkcs8 = pkcs8OfKey('sm2', new Uint8Array(32).fill(4));
  const encryption = (cipher: Pkcs8Encryption['cipher']): Pkcs8Encryption => ({
    cipher,
    hash: 'sm3',
    rounds: 5,
    salt: key,
    initializationVector: key,
  });
  const withSm4 = encryptPkcs8(pkcs8, password, encryption('sm4-cbc'));
  expect(without.encryptPkcs8(pkcs8, password, encryption('sm4-cbc'))).toEqual(withSm4);
  const withAes = encryptPkcs8(pkcs8, password, encryption('aes-256-cbc'));
  expect(without.encryptPkcs8(pkcs8, password, encryption('aes-256-cbc'))).toEqual({
    ok: false,
    reason: 'Unsupported',
  });
  expect(withAes.ok && without.decryptPkcs8(withAes.value, password)).toEqual({ ok: false, reason: 'Unsupported' });
});
