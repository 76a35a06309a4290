import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyCertificateChain } from './verifyCertificateChain.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { serialNumberText, type KeyedCertificate } from './createCertificate.js';
import {
  issueAgency,
  issueChainAuthority,
  issueChannelAuthority,
  issueChannelCertificate,
  issueNode,
  issueSdk,
  validityOfDays,
} from './issue.js';
import { publicKeyText, readCertificateKey } from './keys.js';

const now = Date.parse('2026-11-21T00:00:00Z');
const validity = validityOfDays(36_500, now);
const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('certificates of the chain', () => {
  let chain: KeyedCertificate;
  let agency: KeyedCertificate;
  let node: KeyedCertificate;
  let sdk: KeyedCertificate;

  beforeAll(async () => {
    chain = await issueChainAuthority(validity);
    agency = await issueAgency(chain, 'agency', validity);
    node = await issueNode(agency, 'node0', validity);
    sdk = await issueSdk(agency, validity);
  });

  it('carry the subjects of 2.x', () => {
    const subject = ({ certificatePem }: KeyedCertificate) =>
      new X509Certificate(certificatePem).subject.replaceAll('\n', ', ');
    expect(subject(chain)).toBe('CN=chain, O=fisco-bcos, OU=chain');
    expect(subject(agency)).toBe('CN=agency, O=fisco-bcos, OU=agency');
    expect(subject(node)).toBe('CN=node0, O=fisco-bcos, OU=node');
    expect(subject(sdk)).toBe('CN=sdk, O=fisco-bcos, OU=sdk');
  });

  it('verify with node:crypto, each by the one above', () => {
    const [root, middle, leaf] = [chain, agency, node].map(({ certificatePem }) => new X509Certificate(certificatePem));
    expect(root!.ca && middle!.ca && !leaf!.ca).toBe(true);
    for (const [below, above] of [
      [root!, root!],
      [middle!, root!],
      [leaf!, middle!],
    ] as const) {
      expect(below.checkIssued(above)).toBe(true);
      expect(below.verify(above.publicKey)).toBe(true);
    }
    expect(leaf!.verify(root!.publicKey)).toBe(false);
    expect(leaf!.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp256k1');
    expect(leaf!.validFrom).toBe('Nov 20 23:00:00 2026 GMT');
    expect(leaf!.validTo).toBe('Oct 28 00:00:00 2126 GMT');
  });

  it('let a node in and keep a client out', () => {
    const chainText = (leaf: KeyedCertificate) => leaf.certificatePem + agency.certificatePem + chain.certificatePem;
    expect(verifyCertificateChain(chainText(node), [chain.certificatePem], now)).toEqual({
      ok: true,
      value: {
        algorithm: 'secp256k1',
        nodeId: publicKeyText(node.privateKeyPem),
        agency: 'agency',
        commonName: 'node0',
      },
    });
    expect(verifyCertificateChain(chainText(sdk), [chain.certificatePem], now)).toEqual({
      ok: false,
      reason: 'LeafIsClient',
    });
  });

  it('have keys of their own, PKCS #8, never beginning with a zero byte', () => {
    for (const certificate of [chain, agency, node, sdk]) {
      expect(certificate.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      expect(belongsTogether(certificate)).toBe(true);
      const { d } = createPrivateKey(certificate.privateKeyPem).export({ format: 'jwk' });
      expect(Buffer.from(d!, 'base64url')).toHaveLength(32);
      expect(Buffer.from(d!, 'base64url')[0]).not.toBe(0);
    }
    expect(publicKeyText(node.privateKeyPem)).toMatch(/^[0-9a-f]{128}$/);
  });

  it('have serial numbers of 32 digits, all different', () => {
    const serials = [chain, agency, node, sdk].map(({ certificatePem }) => serialNumberText(certificatePem));
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(4);
    expect(new X509Certificate(node.certificatePem).serialNumber).toBe(serials[2]);
  });

  it('name the issuer as the issuer names itself, whatever its name is', async () => {
    const foreign = await issueAgency(chain, '机构 一', validity);
    const below = await issueNode(foreign, 'node7', validity);
    expect(
      verifyCertificateChain(below.certificatePem + foreign.certificatePem, [chain.certificatePem], now),
    ).toMatchObject({ ok: true, value: { agency: '机构 一', commonName: 'node7' } });
  });

  it('sign below an authority with an RSA key too', async () => {
    const authority = await issueChannelAuthority('enterprise', validity);
    const below = await issueNode(authority, 'node0', validity);
    expect(verifyCertificateChain(below.certificatePem, [authority.certificatePem], now)).toMatchObject({ ok: true });
  });

  it('are refused when the authority has a key of another kind', () => {
    const other = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(() => readCertificateKey(other)).toThrow('ed25519');
  });

  it('verify with the openssl program where there is one', () => {
    if (!hasOpenssl) return;
    const directory = mkdtempSync(join(tmpdir(), 'menglian-certificates-'));
    try {
      const file = (name: string, text: string) => {
        const path = join(directory, name);
        writeFileSync(path, text);
        return path;
      };
      const root = file('ca.crt', chain.certificatePem);
      const middle = file('agency.crt', agency.certificatePem);
      const leaf = file('node.crt', node.certificatePem + agency.certificatePem + chain.certificatePem);
      const key = file('node.key', node.privateKeyPem);
      expect(openssl('verify', '-CAfile', root, '-untrusted', middle, leaf)).toContain('OK');
      const text = openssl('x509', '-in', leaf, '-noout', '-text');
      expect(text).toContain('CA:FALSE');
      expect(text).toContain('Digital Signature, Non Repudiation, Key Encipherment');
      expect(text).toContain('ASN1 OID: secp256k1');
      expect(openssl('pkey', '-in', key, '-noout', '-text')).toContain('ASN1 OID: secp256k1');
      expect(openssl('x509', '-in', root, '-noout', '-text')).toContain('CA:TRUE');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('certificates of the channel port', () => {
  it('are RSA, below the agency, and alike for nodes and clients', async () => {
    const authority = await issueChannelAuthority('agency', validity);
    const certificate = await issueChannelCertificate(authority, validity);
    const root = new X509Certificate(authority.certificatePem);
    const leaf = new X509Certificate(certificate.certificatePem);
    expect(root.subject).toBe('CN=agency\nO=fisco-bcos\nOU=chain');
    expect(leaf.subject).toBe('CN=FISCO-BCOS\nO=fisco-bcos\nOU=agency');
    expect(root.ca).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(belongsTogether(certificate)).toBe(true);
    expect(certificate.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    if (!hasOpenssl) return;
    const directory = mkdtempSync(join(tmpdir(), 'menglian-certificates-'));
    try {
      writeFileSync(join(directory, 'ca.crt'), authority.certificatePem);
      writeFileSync(join(directory, 'node.crt'), certificate.certificatePem);
      expect(openssl('verify', '-CAfile', join(directory, 'ca.crt'), join(directory, 'node.crt'))).toContain('OK');
      const text = openssl('x509', '-in', join(directory, 'node.crt'), '-noout', '-text');
      expect(text).toContain('Version: 1');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

function belongsTogether({ certificatePem, privateKeyPem }: KeyedCertificate): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
}

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
