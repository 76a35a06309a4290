import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@menglian/base/bytes';
import type { Result } from '@menglian/base/result';
import { afterAll, describe, expect, it } from 'vitest';
import { readCertificateFields } from './certificateFields.js';
import { serialNumberText, type KeyedCertificate } from './createCertificate.js';
import { issueSmAgency, issueSmChainAuthority, issueSmNode, issueSmSdk, validityOfDays } from './issue.js';
import { publicKeyText } from './keys.js';
import { readPemCertificates } from './pem.js';
import { readPrivateKey } from './privateKey.js';
import { verifyCertificateChain } from './verifyCertificateChain.js';

const now = Date.parse('2026-11-21T00:00:00Z');
const validity = validityOfDays(36_500, now);
const chain = issueSmChainAuthority(validity);
const agency = issueSmAgency(chain, 'agency-gm', validity);
const node = issueSmNode(agency, 'node0', validity);
const client = issueSmSdk(agency, validity);
const all = [chain, agency, node.signing, node.encryption, client.signing, client.encryption];

const scratch = mkdtempSync(join(tmpdir(), 'menglian-sm-certificates-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const DISTINGUISHING_ID = 'distid:1234567812345678';
/** SM2 certificates need the program's version 3 or later. */
const hasOpenssl = (() => {
  try {
    return /^OpenSSL [3-9]/.test(openssl('version'));
  } catch {
    return false;
  }
})();

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function file(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

function successOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.reason));
  return result.value;
}

describe('certificates of an SM chain', () => {
  it('carry the subjects of 2.x', () => {
    const subject = ({ certificatePem }: KeyedCertificate) =>
      new X509Certificate(certificatePem).subject.replaceAll('\n', ', ');
    expect(all.map(subject)).toEqual([
      'CN=gmchain, O=fisco-bcos, OU=chain',
      'CN=agency-gm, O=fisco-bcos, OU=agency',
      'CN=node0, O=fisco-bcos, OU=node',
      'CN=node0, O=fisco-bcos, OU=ennode',
      'CN=sdk, O=fisco-bcos, OU=sdk',
      'CN=sdk, O=fisco-bcos, OU=ensdk',
    ]);
  });

  it('let a node in, with the key that it has, and keep clients and encryption certificates out', () => {
    const judge = (leaf: KeyedCertificate) =>
      verifyCertificateChain(
        leaf.certificatePem + agency.certificatePem + chain.certificatePem,
        [chain.certificatePem],
        now,
      );
    expect(judge(node.signing)).toEqual({
      ok: true,
      value: {
        algorithm: 'sm2',
        nodeId: publicKeyText(node.signing.privateKeyPem),
        agency: 'agency-gm',
        commonName: 'node0',
      },
    });
    expect(judge(client.signing)).toEqual({ ok: false, reason: 'LeafIsClient' });
    expect(judge(node.encryption)).toEqual({ ok: false, reason: 'LeafKeyUsage' });
  });

  it('have keys of their own, PKCS #8, never beginning with a zero byte, and serial numbers of 16 digits', () => {
    const keys = all.map(({ privateKeyPem }) => readPrivateKey(privateKeyPem));
    for (const key of keys) expect(key).toMatchObject({ ok: true, value: { algorithm: 'sm2' } });
    const texts = keys.map((key) => (key.ok ? toHex(key.value.key) : ''));
    for (const text of texts) expect(text).toMatch(/^(?!00)[0-9a-f]{64}$/);
    expect(new Set(texts).size).toBe(all.length);
    const serials = all.map(({ certificatePem }) => serialNumberText(certificatePem));
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{15}$/);
    expect(new Set(serials).size).toBe(all.length);
  });

  it('say what openssl says of certificates: version, algorithms, usage', () => {
    if (!hasOpenssl) return;
    const text = ({ certificatePem }: KeyedCertificate) =>
      openssl('x509', '-in', file('one.crt', certificatePem), '-noout', '-text');
    for (const certificate of all) {
      expect(text(certificate)).toContain('Version: 3');
      expect(text(certificate)).toContain('Signature Algorithm: SM2-with-SM3');
      expect(text(certificate)).toContain('ASN1 OID: SM2');
    }
    expect(text(chain)).toMatch(/CA:TRUE\s+X509v3 Key Usage: *\n\s+Certificate Sign, CRL Sign\n/);
    expect(text(agency)).toMatch(/CA:TRUE\s+X509v3 Key Usage: *\n\s+Certificate Sign, CRL Sign\n/);
    expect(text(node.signing)).toMatch(/CA:FALSE\s+X509v3 Key Usage: *\n\s+Digital Signature, Non Repudiation\n/);
    expect(text(node.encryption)).toMatch(
      /CA:FALSE\s+X509v3 Key Usage: *\n\s+Key Encipherment, Data Encipherment, Key Agreement\n/,
    );
  });

  it('verify with the openssl program, each by the one above', () => {
    if (!hasOpenssl) return;
    const root = file('gmca.crt', chain.certificatePem);
    const middle = file('gmagency.crt', agency.certificatePem);
    expect(openssl('verify', '-vfyopt', DISTINGUISHING_ID, '-CAfile', root, middle)).toContain('OK');
    for (const { certificatePem } of all.slice(2)) {
      const leaf = file('leaf.crt', certificatePem);
      expect(openssl('verify', '-vfyopt', DISTINGUISHING_ID, '-partial_chain', '-trusted', middle, leaf)).toContain(
        'OK',
      );
    }
  });

  it('have a root whose own signature openssl accepts', () => {
    if (!hasOpenssl) return;
    // `openssl verify` has the identity for the last certificate only, and looks at the root as one that is trusted.
    const [block] = successOf(readPemCertificates(chain.certificatePem, 1));
    const { signedPart, signature } = successOf(readCertificateFields(block!));
    const key = file('root.pub', openssl('x509', '-in', file('root.crt', chain.certificatePem), '-noout', '-pubkey'));
    const [message, proof] = [join(scratch, 'signed'), join(scratch, 'signature')];
    writeFileSync(message, signedPart);
    writeFileSync(proof, signature);
    const options = ['-rawin', '-digest', 'sm3', '-pkeyopt', DISTINGUISHING_ID];
    expect(
      openssl('pkeyutl', '-verify', '-pubin', '-inkey', key, ...options, '-in', message, '-sigfile', proof),
    ).toContain('Signature Verified Successfully');
  });

  it('have keys that openssl reads, and that belong to their certificates', () => {
    if (!hasOpenssl) return;
    for (const { privateKeyPem, certificatePem } of all) {
      const key = file('one.key', privateKeyPem);
      expect(openssl('pkey', '-in', key, '-pubout')).toBe(
        openssl('x509', '-in', file('one.crt', certificatePem), '-noout', '-pubkey'),
      );
    }
  });
});
