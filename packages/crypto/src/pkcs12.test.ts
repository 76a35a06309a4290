import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOfPkcs12, pkcs12OfKey } from './pkcs12.js';
import { keyOfPkcs8, pkcs8OfKey } from './pkcs8.js';
import { decryptPkcs8, encryptPkcs8 } from './pkcs8Encryption.js';

const random = new SeededRandom(71);
const password = '密码 secret';
const key = random.bytes(32);

function fileOf(curve: 'sm2' | 'secp256k1'): Uint8Array {
  const encrypted = encryptPkcs8(pkcs8OfKey(curve, key), utf8Bytes(password), {
    cipher: curve === 'sm2' ? 'sm4-cbc' : 'aes-256-cbc',
    hash: 'sha256',
    rounds: 100,
    salt: random.bytes(16),
    initializationVector: random.bytes(16),
  });
  if (!encrypted.ok) throw new Error(encrypted.reason);
  return pkcs12OfKey(encrypted.value, password, random.bytes(16), 100);
}

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('pkcs12', () => {
  it('gives the key that was put in', () => {
    for (const curve of ['sm2', 'secp256k1'] as const) {
      const keys = keysOfPkcs12(fileOf(curve));
      expect(keys.map(({ isEncrypted }) => isEncrypted)).toEqual([true]);
      const opened = decryptPkcs8(keys[0]!.der, utf8Bytes(password));
      expect(opened.ok && keyOfPkcs8(opened.value, curve)).toEqual(key);
    }
  });

  it('is opened, and its seal checked, by the openssl program where there is one', () => {
    if (!hasOpenssl) return;
    const folder = mkdtempSync(join(tmpdir(), 'menglian-pkcs12-'));
    const opened = (word: string) =>
      execFileSync('openssl', ['pkcs12', '-in', 'key.p12', '-nodes', '-nocerts', '-passin', `pass:${word}`], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    try {
      for (const curve of ['sm2', 'secp256k1'] as const) {
        writeFileSync(join(folder, 'key.p12'), fileOf(curve));
        const [, base64] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(opened(password))!;
        expect(keyOfPkcs8(new Uint8Array(Buffer.from(base64!, 'base64')), curve)).toEqual(key);
        expect(() => opened('other')).toThrow();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be any bytes', () => {
    const file = fileOf('sm2');
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (index, byte) => {
        const changed = file.slice();
        changed[index] = byte;
        expect(keysOfPkcs12(changed).length).toBeLessThanOrEqual(1);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => keysOfPkcs12(bytes).length === 0));
    expect(keysOfPkcs12(new Uint8Array(2 * 1024 * 1024))).toEqual([]);
  });
});
