import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { SuiteName } from '@menglian/crypto/suite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SdkError } from '../sdkError.js';
import { accountFromPrivateKey, randomAccount } from './account.js';
import { accountFromPem, encryptedPemOfAccount, pemOfAccount } from './pem.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url').toString('hex');

describe('a PEM file', () => {
  it('gives its account, in either form', async () => {
    for (const type of ['pkcs8', 'sec1'] as const) {
      const account = await accountFromPem(privateKey.export({ type, format: 'pem' }).toString());
      expect(Buffer.from(account.exportPrivateKey()).toString('hex')).toBe(secret);
    }
  });

  it('is written as OpenSSL reads it', async () => {
    const account = await randomAccount();
    const pem = pemOfAccount(account);
    const { d } = createPrivateKey(pem).export({ format: 'jwk' });
    expect(Buffer.from(d!, 'base64url')).toEqual(Buffer.from(account.exportPrivateKey()));
    expect((await accountFromPem(pem)).address).toBe(account.address);
  });

  it('is written with the key where nodejs-sdk cuts it out', async () => {
    const key = '77'.repeat(32);
    const der = async (suite: SuiteName) =>
      Buffer.from(pemOfAccount(await accountFromPrivateKey(key, suite)).replaceAll(/-----[^-]*-----/g, ''), 'base64');
    expect((await der('ecdsa')).toString('hex', 33, 65)).toBe(key);
    const beforeKey = '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420';
    expect((await der('sm')).toString('hex', 0, 36 + 32)).toBe(beforeKey + key);
  });

  it('is refused when it is damaged, encrypted or of another curve', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const texts = [
      '',
      'PRIVATE KEY',
      other.export({ type: 'pkcs8', format: 'pem' }).toString(),
      other.export({ type: 'sec1', format: 'pem' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replace('MIG', 'MIH'),
    ];
    for (const text of texts) {
      const error = (await accountFromPem(text).catch((thrown: unknown) => thrown)) as SdkError;
      expect(error.code, text).toBe('BadKey');
    }
  });
});

describe('a PEM file of suite sm', () => {
  // openssl genpkey -algorithm SM2; openssl ec; openssl pkcs8 -topk8 -v2 sm4-cbc -passout pass:secret
  const smSecret = 'fb8fa4bd17afc1e7cf451fb730de2282a116da6cf71291acf61a58989b9291e1';
  const pkcs8 = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQg+4+kvRevwefPRR+3
MN4igqEW2mz3EpGs9hpYmJuSkeGhRANCAAQUXtGydYiFQt7AgeLQyOnIsx/h4UoH
L9XkqOmSQHrz9g5C0ol1jmDpTJUrzeUKASbc10tWexZbIOpvR3391mYL
-----END PRIVATE KEY-----`;
  const sec1 = `-----BEGIN SM2 PRIVATE KEY-----
MHcCAQEEIPuPpL0Xr8Hnz0UftzDeIoKhFtps9xKRrPYaWJibkpHhoAoGCCqBHM9V
AYItoUQDQgAEFF7RsnWIhULewIHi0MjpyLMf4eFKBy/V5KjpkkB68/YOQtKJdY5g
6UyVK83lCgEm3NdLVnsWWyDqb0d9/dZmCw==
-----END SM2 PRIVATE KEY-----`;
  const encrypted = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHrMFYGCSqGSIb3DQEFDTBJMCkGCSqGSIb3DQEFDDAcBAh2He8lCfdffAICCAAw
DAYIKoZIhvcNAgkFADAcBggqgRzPVQFoAgQQsk7oIFQQnVelfuGX2wiHIASBkOpF
RARNFGU1GWFzlzJq4o294seZugOuqJw602hGIdv1u1RAZkLe7Q+0QwkBa4vBJXuP
Td+h0/qbXrl9s59pOcdB9N82ZmbiFRXU4R2YB4XZcrHeV8IoVvWb3WImvjaUjn8G
B6uPEvtLg7D//7ehh5JoMzOQPr284kHCc73gzbHPkHt5Lm++JOsNpnzLZzlSgQ==
-----END ENCRYPTED PRIVATE KEY-----`;

  it('gives its account as OpenSSL wrote it, in each form', async () => {
    for (const pem of [
      pkcs8,
      sec1,
      `-----BEGIN SM2 PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END SM2 PARAMETERS-----\n${sec1}`,
    ]) {
      const account = await accountFromPem(pem, 'sm');
      expect(Buffer.from(account.exportPrivateKey()).toString('hex')).toBe(smSecret);
    }
    const opened = await accountFromPem(encrypted, 'sm', 'secret');
    expect(Buffer.from(opened.exportPrivateKey()).toString('hex')).toBe(smSecret);
  });

  it('opens as GmSSL and Tongsuo wrote it, who name HMAC-SM3 differently', async () => {
    // gmssl sm2keygen -pass 1234; Tongsuo's openssl pkcs8 -topk8 -v2 sm4-cbc -v2prf hmacWithSM3 -passout pass:abcd
    const gmssl = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH2MGEGCSqGSIb3DQEFDTBUMDQGCSqGSIb3DQEFDDAnBBDRBp5LAGNPyarRzASI
duXyAgMBAAACARAwCwYJKoEcz1UBgxECMBwGCCqBHM9VAWgCBBC7oYLdaQGfwoQ8
F2k8lJpLBIGQBKdvRhM8bhChOvKb/74sIS06zEA4kOl+wdDbhAVOFpRkjYfBJTfh
uuMwjhbodsc2k6lBJ+OVh8kZvZup64pMWh++85msMXS2kZ7EBBodqOey1xFHsWM2
W7o+aJ2NwshLMQ42Bgyvg3mP2g30kPcEYSxH0Rtpv/cRZxUy8uO2vcEqc3CcQO9F
71o714AbcD3w
-----END ENCRYPTED PRIVATE KEY-----`;
    const tongsuo = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH1MGAGCSqGSIb3DQEFDTBTMDMGCSqGSIb3DQEFDDAmBBBs2vQn0aVHinUV49zi
4ddVAgIIADAOBgoqgRzPVQGDEQMBBQAwHAYIKoEcz1UBaAIEENAJTyb9NC+tp7jl
DDjIEFYEgZADJKAAXK8ybVzBzgQkYDviTp1iVyFK84PZOf7zxzhmNmgbFco+Zjza
t9R99CENwCfQLmICg6mzF6Zn+N0F2e3dt+poVagyh5lMGhAYOwpgMEREk/Y4qyoO
e+7mQOmDdc2YHkoCjVSSShwRUr/B8nk4F/f9WbxiYqFZ6UyzAgsQg+lfttT2kSx4
3OifpBo1lxk=
-----END ENCRYPTED PRIVATE KEY-----`;
    expect((await accountFromPem(gmssl, 'sm', '1234')).address).toBe('0x8de31c2b9c4108f714a4e2981ab693c1691f3fe7');
    expect(Buffer.from((await accountFromPem(tongsuo, 'sm', 'abcd')).exportPrivateKey()).toString('hex')).toBe(
      smSecret,
    );
  });

  it('is named when it is of the other suite', async () => {
    await expect(accountFromPem(pkcs8)).rejects.toThrow("say 'sm'");
    await expect(accountFromPem(privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'sm')).rejects.toThrow(
      "say 'ecdsa'",
    );
    await expect(accountFromPem(encrypted, 'ecdsa', 'secret')).rejects.toThrow("say 'sm'");
  });
});

describe('a PEM file under a password', () => {
  it('opens with it, in each suite, and is read by OpenSSL', async () => {
    for (const suite of ['ecdsa', 'sm'] as const) {
      const account = await randomAccount(suite);
      const pem = encryptedPemOfAccount(account, '密码', 'sha256');
      expect((await accountFromPem(pem, suite, '密码')).address).toBe(account.address);
      const plain = createPrivateKey({ key: pem, passphrase: '密码' }).export({ type: 'pkcs8', format: 'pem' });
      expect((await accountFromPem(plain.toString(), suite)).address).toBe(account.address);
      const byDefault = await accountFromPem(encryptedPemOfAccount(account, 'x'), suite, 'x');
      expect(byDefault.address).toBe(account.address);
      const refusals = [
        await accountFromPem(pem, suite).catch((thrown: unknown) => thrown as SdkError),
        await accountFromPem(pem, suite, 'hunter2').catch((thrown: unknown) => thrown as SdkError),
      ] as SdkError[];
      expect(refusals.map(({ code, advice }) => [code, advice])).toEqual([
        ['BadKey', 'give its password'],
        ['BadKey', 'see the password'],
      ]);
    }
  });

  it('says so when it was encrypted in another way', async () => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
    await expect(accountFromPem(pem, 'ecdsa', 'x')).rejects.toThrow('in a way that is not read here');
  });
});

describe('the text of a PEM file', () => {
  it('may be any', async () => {
    const body = fc.string({ unit: fc.constantFrom('A', '+', '=', '\n', '-', '\u{1f600}'), maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('', 'EC ', 'SM2 ', 'ENCRYPTED '), async (text, label) => {
        const pem = `-----BEGIN ${label}PRIVATE KEY-----${text}-----END ${label}PRIVATE KEY-----`;
        const error = (await accountFromPem(pem, 'sm', 'x').catch((thrown: unknown) => thrown)) as SdkError;
        expect(error.code).toBe('BadKey');
      }),
    );
  });
});
