import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pemText } from '@menglian/certificates/pem';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import { pkcs8OfKey } from '@menglian/crypto/pkcs8';
import { encryptPkcs8, type Pkcs8Cipher, type Pkcs8Hash } from '@menglian/crypto/pkcs8Encryption';
import { utf8Bytes } from '@menglian/base/bytes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeProblems } from './ini.js';
import { readNodeConfig } from './nodeConfig.js';
import { openKeyText } from './storageSecurityKeyFiles.js';
import { openConfiguredKeyring, readMasterSecret } from './storageSecurityKeys.js';

function securityOf(lines: string, before = '') {
  const config = readNodeConfig(`${before}\n[storage_security]\n${lines}\n`, 'config.ini');
  if (!config.ok) throw new Error(describeProblems(config.reason));
  return config.value.storageSecurity;
}

describe('[storage_security]', () => {
  it('has defaults, the algorithm by the suite of the chain', () => {
    expect(securityOf('')).toEqual({
      isEnabled: false,
      algorithm: 'aes',
      keySource: 'passphrase',
      keyFile: 'conf/storage.key',
      passphraseVariable: 'MENGLIAN_STORAGE_PASSPHRASE',
      passphraseDescriptor: 0,
      keyringFile: 'conf/storage_keyring.json',
    });
    expect(securityOf('', '[chain]\nsm_crypto=true').algorithm).toBe('sm4');
    expect(securityOf('enable=true\nalgorithm=SM4\nkey_source=file').algorithm).toBe('sm4');
  });

  it('takes the keys of 2.x while encryption is off', () => {
    const of2x = 'key_manager_ip=127.0.0.1\nkey_manager_port=8150\ncipher_data_key=ed157f4588b86d61a2e1745efe71e6ea';
    expect(securityOf(`enable=false\n${of2x}`).isEnabled).toBe(false);
    expect(securityOf('enable=true\nkey_manager_ip=\nkey_manager_port=\ncipher_data_key=').isEnabled).toBe(true);
    expect(() => securityOf(`enable=true\n${of2x}`)).toThrow(
      /key_manager_ip.* 2\.x.*\n.*key_manager_port.*\n.*cipher_data_key/,
    );
  });

  it.each([
    ['algorithm=des', 'must be aes or sm4'],
    ['key_source=hardware', 'must be passphrase or file'],
    ['passphrase_env=my secret words', 'must be the name of an environment variable'],
    ['passphrase_fd=0', 'must be a whole number of 3 to 255'],
    ['pass=x', 'unknown key "pass"'],
  ])('refuses %s', (line, sentence) => {
    expect(() => securityOf(line)).toThrow(sentence);
  });
});

describe('what the storage is opened with', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const inFolder = (path: string) => join(folder, path);

  it('is missed with a sentence', async () => {
    const security = securityOf('enable=true\nkeyring_file=keyring.json');
    const opened = await openConfiguredKeyring(security, inFolder, {});
    expect(opened).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/no keyring .*keyring\.json.*restore it/),
    });
    writeFileSync(inFolder('keyring.json'), '{}');
    expect(await openConfiguredKeyring(security, inFolder, {})).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is not a keyring'),
    });
  });

  it('is read from a file descriptor once', () => {
    writeFileSync(inFolder('secret'), 'a passphrase for tests\nand more\n');
    const descriptor = openSync(inFolder('secret'), 'r');
    const security = securityOf(`passphrase_fd=${descriptor}`);
    const expected = { ok: true, value: { kind: 'passphrase', bytes: utf8Bytes('a passphrase for tests') } };
    expect(readMasterSecret(security, inFolder, {})).toEqual(expected);
    closeSync(descriptor);
    expect(readMasterSecret(security, inFolder, {})).toEqual(expected);
    expect(readMasterSecret(securityOf('passphrase_fd=255'), inFolder, {})).toMatchObject({
      ok: false,
      reason: expect.stringContaining('file descriptor 255'),
    });
  });

  const PASSPHRASE = 'a passphrase for tests';
  const KEY = new Uint8Array(32).fill(7);
  const environment = { MENGLIAN_STORAGE_PASSPHRASE: PASSPHRASE };

  function encrypted(curve: 'secp256k1' | 'sm2', cipher: Pkcs8Cipher, hash: Pkcs8Hash, password: string) {
    const encryption = {
      cipher,
      hash,
      rounds: 2048,
      salt: new Uint8Array(16).fill(1),
      initializationVector: new Uint8Array(16).fill(2),
    };
    const der = encryptPkcs8(pkcs8OfKey(curve, KEY), utf8Bytes(password), encryption);
    if (!der.ok) throw new Error(der.reason);
    return { path: 'conf/node.key', text: pemText('ENCRYPTED PRIVATE KEY', der.value) };
  }

  it.each([
    ['secp256k1', 'aes-256-cbc', 'sha256'],
    ['sm2', 'sm4-cbc', 'sm3'],
  ] as const)('opens private key files on %s, by passphrase and by key file', (curve, cipher, hash) => {
    const byPassphrase = openKeyText(encrypted(curve, cipher, hash, PASSPHRASE), securityOf(''), inFolder, environment);
    const digits = 'a5'.repeat(32);
    writeFileSync(inFolder('storage.key'), `${digits}\n`, { mode: 0o600 });
    const security = securityOf('key_source=file\nkey_file=storage.key');
    const byFile = openKeyText(encrypted(curve, cipher, hash, digits), security, inFolder, {});
    for (const opened of [byPassphrase, byFile]) {
      const key = opened.ok ? readPrivateKey(opened.value.text) : opened;
      expect(key).toMatchObject({ ok: true, value: { algorithm: curve, key: KEY } });
    }
  });

  it('says why a private key file is not opened, and leaves others to their readers', () => {
    const file = encrypted('sm2', 'sm4-cbc', 'sm3', PASSPHRASE);
    const reasonOf = (text: string, values: Record<string, string>) => {
      const opened = openKeyText({ ...file, text }, securityOf(''), inFolder, values);
      return opened.ok ? undefined : opened.reason;
    };
    expect(reasonOf(file.text, {})).toMatch(/^conf\/node\.key is encrypted; .*MENGLIAN_STORAGE_PASSPHRASE/);
    expect(reasonOf(file.text, { MENGLIAN_STORAGE_PASSPHRASE: 'another one' })).toMatch(/is not opened by the secret/);
    expect(reasonOf(pemText('ENCRYPTED PRIVATE KEY', KEY), environment)).toMatch(/is no encrypted PKCS #8/);
    for (const text of ['', 'no key', pemText('PRIVATE KEY', pkcs8OfKey('sm2', KEY))]) {
      expect(openKeyText({ ...file, text }, securityOf(''), inFolder, {})).toEqual({
        ok: true,
        value: { ...file, text },
      });
    }
  });
});
