/**
 * SM2, SM3 and SM4 against the `openssl` program (not the OpenSSL inside of Node), both ways: 20 random messages, and 1,000
 * with MENGLIAN_LONG=1. Where there is no such program the other tests hold the published examples.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sm3 } from './hashes.js';
import { hmac } from './hmac.js';
import { pkcs8OfKey } from './pkcs8.js';
import { sm2PublicKey, sm2Sign, sm2Verify } from './sm2.js';
import { derSignature, parseDerSignature } from './sm2Der.js';
import { sm2Decrypt, sm2Encrypt } from './sm2Encryption.js';
import { expandSm4Key, sm4Ctr, sm4DecryptCbc, sm4EncryptCbc, sm4EncryptEcb } from './sm4.js';

const isLong = process.env['MENGLIAN_LONG'] === '1';
const MESSAGES = isLong ? 1000 : 20;
const TIME_ALLOWED_MS = isLong ? 900_000 : 60_000;

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['list', '-public-key-algorithms'], { encoding: 'utf8' }).includes('SM2');
  } catch {
    return false;
  }
})();

describe('the openssl program and we', () => {
  let folder: string;
  const random = new SeededRandom(21);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-sm-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  const openssl = (line: string) =>
    execFileSync('openssl', line.split(' '), { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  /** A key in files of its own, for whichever of the two sides needs it. */
  function newKey(): { privateKey: Uint8Array; publicKey: Uint8Array } {
    const privateKey = random.bytes(32);
    const publicKey = sm2PublicKey(privateKey);
    const pem = Buffer.from(pkcs8OfKey('sm2', privateKey, publicKey)).toString('base64');
    write('key.pem', `-----BEGIN PRIVATE KEY-----\n${pem}\n-----END PRIVATE KEY-----\n`);
    openssl('pkey -in key.pem -pubout -out public.pem');
    return { privateKey, publicKey };
  }

  it(
    'accept the signatures of each other, under any signer id, and no others',
    () => {
      if (!hasOpenssl) return;
      let key = newKey();
      for (let i = 0; i < MESSAGES; i++) {
        if (i % 50 === 0) key = newKey();
        const message = random.bytes(1 + random.below(300));
        const signerId = i % 2 === 0 ? '1234567812345678' : `signer-${toHex(random.bytes(random.below(40)))}`;
        const options = `-rawin -digest sm3 -pkeyopt distid:${signerId} -in message`;
        write('message', message);
        write('ours', derSignature(sm2Sign(message, key.privateKey, utf8Bytes(signerId), random.bytes(32))));
        expect(openssl(`pkeyutl -verify ${options} -pubin -inkey public.pem -sigfile ours`)).toContain('Successfully');
        openssl(`pkeyutl -sign ${options} -inkey key.pem -out theirs`);
        const theirs = parseDerSignature(read('theirs'))!;
        expect(sm2Verify(message, theirs, key.publicKey, utf8Bytes(signerId))).toBe(true);
        theirs[random.below(64)]! ^= 1 << random.below(8);
        expect(sm2Verify(message, theirs, key.publicKey, utf8Bytes(signerId))).toBe(false);
      }
    },
    TIME_ALLOWED_MS,
  );

  it(
    'decrypt what the other encrypted',
    () => {
      if (!hasOpenssl) return;
      let key = newKey();
      for (let i = 0; i < MESSAGES; i++) {
        if (i % 50 === 0) key = newKey();
        const message = random.bytes(1 + random.below(300));
        write('message', message);
        write('ours', sm2Encrypt(message, key.publicKey, random.bytes(32), 'asn1'));
        openssl('pkeyutl -decrypt -inkey key.pem -in ours -out decrypted');
        expect(read('decrypted')).toEqual(message);
        openssl('pkeyutl -encrypt -pubin -inkey public.pem -in message -out theirs');
        expect(sm2Decrypt(read('theirs'), key.privateKey, 'asn1')).toEqual(message);
      }
    },
    TIME_ALLOWED_MS,
  );

  it(
    'hash and authenticate alike',
    () => {
      if (!hasOpenssl) return;
      const messages = Array.from({ length: MESSAGES }, () => random.bytes(random.below(500)));
      const key = random.bytes(20);
      messages.forEach((message, i) => write(`m${i}`, message));
      const files = messages.map((_, i) => `m${i}`).join(' ');
      const lastWords = (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => line.split(' ').at(-1));
      expect(lastWords(openssl(`dgst -sm3 ${files}`))).toEqual(messages.map((message) => toHex(sm3(message))));
      expect(lastWords(openssl(`dgst -sm3 -mac HMAC -macopt hexkey:${toHex(key)} ${files}`))).toEqual(
        messages.map((message) => toHex(hmac(sm3, key, message))),
      );
    },
    TIME_ALLOWED_MS,
  );

  it(
    'encrypt alike with SM4 in each mode',
    () => {
      if (!hasOpenssl) return;
      for (let i = 0; i < MESSAGES; i++) {
        const [keyBytes, iv] = [random.bytes(16), random.bytes(16)];
        const key = expandSm4Key(keyBytes);
        const message = random.bytes(16 * random.below(20) + (i % 2));
        const whole = message.subarray(0, message.length - (message.length % 16));
        const ours = {
          cbc: sm4EncryptCbc(key, iv, message),
          ctr: sm4Ctr(key, iv, message),
          ecb: sm4EncryptEcb(key, whole),
        };
        for (const mode of ['cbc', 'ctr', 'ecb'] as const) {
          write('message', mode === 'ecb' ? whole : message);
          const ivOption = mode === 'ecb' ? ' -nopad' : ` -iv ${toHex(iv)}`;
          openssl(`enc -sm4-${mode} -K ${toHex(keyBytes)}${ivOption} -in message -out theirs`);
          expect(read('theirs')).toEqual(ours[mode]);
        }
        expect(sm4DecryptCbc(key, iv, ours.cbc)).toEqual(message);
      }
    },
    TIME_ALLOWED_MS,
  );
});
