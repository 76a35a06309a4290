import { concatBytes, fromHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { derElement as der } from '@menglian/crypto/der';
import { describe, expect, it } from 'vitest';
import { readDistinguishedName } from './distinguishedName.js';
import { MAX_PEM_CHARACTERS } from './pem.js';
import { readPrivateKey } from './privateKey.js';
import {
  derExtension,
  derName,
  keyPem,
  makeKey,
  makeSmTestChain,
  makeTestCertificate,
  makeTestChain,
  toPem,
  type TestCertificate,
  type TestCertificateRecipe,
} from './testing/testCertificates.js';
import { verifyCertificateChain } from './verifyCertificateChain.js';

const now = Date.parse('2026-06-01T00:00:00Z');

interface Family {
  readonly algorithm: 'secp256k1' | 'sm2';
  readonly namedCurve: string;
  makeChain(): { chain: TestCertificate; agency: TestCertificate; node: TestCertificate };
  /** What is said of a node's key on P-256. */
  readonly unfitKey: string;
  /** Mutated certificates: checking a signature of SM2 is slower. */
  readonly rounds: number;
}

const FAMILIES: readonly Family[] = [
  {
    algorithm: 'secp256k1',
    namedCurve: 'secp256k1',
    makeChain: makeTestChain,
    unfitKey: 'NotSecp256k1',
    rounds: 2000,
  },
  { algorithm: 'sm2', namedCurve: 'SM2', makeChain: makeSmTestChain, unfitKey: 'MixedAlgorithms', rounds: 500 },
];

function pemOf(...certificates: readonly TestCertificate[]): string {
  return certificates.map(({ pem }) => pem).join('');
}

describe.each(FAMILIES)('verifyCertificateChain with $algorithm', (family) => {
  const { algorithm, namedCurve, makeChain } = family;
  const { chain, agency, node } = makeChain();
  const make = (recipe: TestCertificateRecipe) => makeTestCertificate({ namedCurve, ...recipe });

  function reasonOf(pem: string, authorities: readonly string[] = [chain.pem], nowMs = now): string {
    const result = verifyCertificateChain(pem, authorities, nowMs);
    return result.ok ? 'accepted' : result.reason;
  }

  /** The reason for a node certificate that is ordinary but for the given fields. */
  function nodeReason(recipe: TestCertificateRecipe): string {
    const certificate = make({ authority: false, keyUsage: 0xe0, issuer: agency, ...recipe });
    return reasonOf(pemOf(certificate, agency, chain));
  }

  it('accepts leaf, agency and chain authority, and tells who it is', () => {
    const result = verifyCertificateChain(pemOf(node, agency, chain), [chain.pem], now);
    const key = readPrivateKey(keyPem(node.privateKey));
    expect(result).toEqual({
      ok: true,
      value: {
        algorithm,
        nodeId: key.ok && toHex(key.value.publicKey),
        agency: commonNameOf(agency),
        commonName: 'node0',
      },
    });
  });

  it('accepts a chain without its last certificate, and a node right below the chain authority', () => {
    expect(reasonOf(pemOf(node, agency))).toBe('accepted');
    const direct = make({ issuer: chain });
    const result = verifyCertificateChain(pemOf(direct, chain), [chain.pem], now);
    expect(result.ok && result.value.agency).toBe(commonNameOf(chain));
  });

  it('accepts a root above the chain authority, and an agency trusted by itself', () => {
    const root = make({ commonName: 'root', authority: true });
    const middle = make({ commonName: 'chain', authority: true, issuer: root });
    const lower = make({ commonName: 'agency', authority: true, issuer: middle });
    const leaf = make({ issuer: lower });
    expect(reasonOf(pemOf(leaf, lower, middle), [root.pem])).toBe('accepted');
    expect(reasonOf(pemOf(leaf, lower, middle, root), [root.pem])).toBe('accepted');
    expect(reasonOf(pemOf(leaf, lower, middle), [lower.pem])).toBe('accepted');
    expect(reasonOf(pemOf(leaf, lower, middle), [chain.pem])).toBe('UnknownAuthority');
  });

  it('trusts one of several authorities, in one file or many', () => {
    const other = makeChain();
    expect(reasonOf(pemOf(node, agency, chain), [other.chain.pem])).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(node, agency, chain), [other.chain.pem + chain.pem])).toBe('accepted');
    expect(reasonOf(pemOf(other.node, other.agency, other.chain), [chain.pem, other.chain.pem])).toBe('accepted');
  });

  it('accepts a renewed chain authority: same name and key, other dates', () => {
    const renewed = make({
      subject: chain.subject,
      authority: true,
      privateKey: chain.privateKey,
      notBefore: '20250101000000Z',
    });
    expect(reasonOf(pemOf(node, agency, chain), [renewed.pem])).toBe('accepted');
  });

  it('refuses an authority of the same name with another key', () => {
    const impostor = makeChain();
    expect(reasonOf(pemOf(impostor.node, impostor.agency, impostor.chain))).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(impostor.node, impostor.agency))).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(impostor.node, agency, chain))).toBe('BadSignature');
  });

  it('refuses certificates nobody else signed', () => {
    expect(reasonOf(make({}).pem)).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(make({}), agency, chain))).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(node))).toBe('UnknownAuthority');
    expect(reasonOf(pemOf(node, chain))).toBe('IssuerMismatch');
    expect(reasonOf(pemOf(agency, node, chain))).not.toBe('accepted');
    expect(reasonOf(pemOf(chain, agency, node))).toBe('LeafIsAuthority');
  });

  it('refuses certificates signed by a node, with or without saying so', () => {
    const below = make({ commonName: 'thief', issuer: node });
    expect(reasonOf(pemOf(below, node, agency, chain))).toBe('NotAnAuthority');
    const forged = make({ commonName: 'thief', issuer: agency, signingKey: node.privateKey });
    expect(reasonOf(pemOf(forged, agency, chain))).toBe('BadSignature');
    const silent = make({ commonName: 'agency', issuer: chain });
    expect(reasonOf(pemOf(make({ issuer: silent }), silent, chain))).toBe('NotAnAuthority');
    const noSigning = make({ commonName: 'agency', issuer: chain, authority: true, keyUsage: 0x80 });
    expect(reasonOf(pemOf(make({ issuer: noSigning }), noSigning, chain))).not.toBe('accepted');
  });

  it('keeps to the path length of an authority', () => {
    const root = make({ commonName: 'root', authority: true, pathLength: 0 });
    const middle = make({ commonName: 'middle', authority: true, issuer: root });
    const leaf = make({ issuer: middle });
    expect(reasonOf(pemOf(leaf, middle), [root.pem])).toBe('PathTooLong');
    expect(reasonOf(make({ issuer: root }).pem, [root.pem])).toBe('accepted');
  });

  it('refuses an authority, a client or an unfit key as node', () => {
    expect(reasonOf(pemOf(agency, chain))).toBe('LeafIsAuthority');
    expect(nodeReason({})).toBe('accepted');
    expect(nodeReason({ organizationalUnit: 'sdk' })).toBe('LeafIsClient');
    expect(nodeReason({ keyUsage: 0x20 })).toBe('LeafKeyUsage');
    expect(nodeReason({ namedCurve: 'prime256v1' })).toBe(family.unfitKey);
  });

  it('checks the dates of every certificate', () => {
    expect(nodeReason({ notAfter: '20260531235959Z' })).toBe('Expired');
    expect(nodeReason({ notBefore: '20260601000001Z' })).toBe('NotYetValid');
    expect(nodeReason({ notBefore: '20260601000000Z', notAfter: '20260601000000Z' })).toBe('accepted');
    expect(nodeReason({ notAfter: '20261301000000Z' })).toBe('MalformedCertificate');
    expect(nodeReason({ notAfter: '20260431000000Z' })).toBe('MalformedCertificate');
    expect(nodeReason({ notAfter: '20260430000060Z' })).toBe('MalformedCertificate');
    expect(nodeReason({ notAfter: '2026043000Z' })).toBe('MalformedCertificate');
    const oldAgency = make({
      commonName: 'agency',
      authority: true,
      issuer: chain,
      notAfter: '20250101000000Z',
    });
    expect(reasonOf(pemOf(make({ issuer: oldAgency }), oldAgency, chain))).toBe('Expired');
    expect(reasonOf(pemOf(node, agency, chain), [chain.pem], Date.parse('2121-01-01T00:00:00Z'))).toBe('Expired');
    expect(reasonOf(pemOf(node, agency, chain), [chain.pem], 0)).toBe('NotYetValid');
  });

  it('refuses unknown critical extensions', () => {
    const unknown = derExtension('551d1e', der(0x30), true);
    expect(nodeReason({ extensions: [unknown] })).toBe('MalformedCertificate');
    expect(nodeReason({ extensions: [derExtension('551d12', der(0x30))] })).toBe('accepted');
    const twice = derExtension('551d0f', der(0x03, Uint8Array.of(0, 0x80)));
    expect(nodeReason({ extensions: [twice] })).toBe('MalformedCertificate');
  });

  it('refuses names that do not belong into a log', () => {
    for (const commonName of ['', 'a'.repeat(65), 'node\n0', 'node\u0000', 'node\u202e0', '\u2028']) {
      expect(nodeReason({ commonName })).toBe('BadName');
    }
    expect(nodeReason({ commonName: '节点 1' })).toBe('accepted');
    expect(nodeReason({ subject: der(0x30) })).toBe('BadName');
    expect(nodeReason({ subject: derName('node0', 'node', 0x14) })).toBe('BadName');
    const attribute = der(0x31, der(0x30, der(0x06, fromHex('550403')), der(0x0c, utf8Bytes('node0'))));
    expect(nodeReason({ subject: der(0x30, attribute, attribute) })).toBe('BadName');
  });

  it('refuses encodings that are not distinguished', () => {
    // One byte more after the certificate, and a length in two bytes where one is enough.
    const trailing = concatBytes(node.der, Uint8Array.of(0));
    expect(reasonOf(toPem(trailing) + agency.pem)).toBe('MalformedCertificate');
    const body = node.der.subarray(4);
    const long = concatBytes(Uint8Array.of(0x30, 0x83, 0, body.length >> 8, body.length & 0xff), body);
    expect(reasonOf(toPem(long) + agency.pem)).toBe('MalformedCertificate');
    const indefinite = concatBytes(Uint8Array.of(0x30, 0x80), body, Uint8Array.of(0, 0));
    expect(reasonOf(toPem(indefinite) + agency.pem)).toBe('MalformedCertificate');
  });

  it('refuses text that is no chain', () => {
    expect(reasonOf('')).toBe('NoCertificate');
    expect(reasonOf('hello')).toBe('NoCertificate');
    expect(reasonOf(pemOf(node, agency, chain, chain, chain))).toBe('TooManyCertificates');
    expect(reasonOf(' '.repeat(MAX_PEM_CHARACTERS + 1))).toBe('TooLarge');
    expect(reasonOf(node.pem.slice(0, -20))).toBe('NotPem');
    expect(reasonOf(node.pem.replace('-----BEGIN CERTIFICATE-----', ''))).toBe('NotPem');
    expect(reasonOf(node.pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'))).toBe('NotPem');
    expect(reasonOf(node.pem.replace('\nM', '\n*M'))).toBe('NotPem');
    expect(reasonOf(`-----BEGIN CERTIFICATE-----\n${pemOf(node)}`)).toBe('NotPem');
    expect(reasonOf(toPem(new Uint8Array(5000)))).toBe('TooLarge');
    expect(reasonOf(toPem(new Uint8Array(100)))).toBe('MalformedCertificate');
    const commented = `subject=node0\n${pemOf(node, agency, chain).replaceAll('\n', '\r\n')}\r\n`;
    expect(reasonOf(commented)).toBe('accepted');
  });

  it('says so when the local authorities are unusable', () => {
    const chainText = pemOf(node, agency, chain);
    expect(reasonOf(chainText, [])).toBe('BadTrustAnchor');
    expect(reasonOf(chainText, [''])).toBe('BadTrustAnchor');
    expect(reasonOf(chainText, [node.pem])).toBe('BadTrustAnchor');
    expect(reasonOf(chainText, [chain.pem, 'x'])).toBe('BadTrustAnchor');
    expect(reasonOf(chainText, Array<string>(17).fill(chain.pem))).toBe('BadTrustAnchor');
  });

  it('gives reasons, never exceptions, on a corpus of malformed certificates: changed, cut short, longer', () => {
    const random = new SeededRandom(30);
    const rounds = process.env['MENGLIAN_LONG'] === '1' ? 20 * family.rounds : family.rounds;
    for (let i = 0; i < rounds; i++) {
      const parts: Uint8Array[] = [node, agency, chain].map(({ der: bytes }) => bytes.slice());
      const target = random.below(2);
      let bytes: Uint8Array = parts[target]!;
      for (let change = random.below(3); change >= 0; change--) {
        const at = random.below(bytes.length);
        const kind = random.below(4);
        if (kind === 0) bytes[at]! ^= 1 << random.below(8);
        else if (kind === 1) bytes[at] = random.below(256);
        else if (kind === 2) bytes = bytes.slice(0, at + 1);
        else bytes = concatBytes(bytes.subarray(0, at), random.bytes(1 + random.below(4)), bytes.subarray(at));
      }
      const same = toHex(bytes) === toHex([node, agency][target]!.der);
      parts[target] = bytes;
      const reason = reasonOf(parts.map((part) => toPem(part)).join(''));
      if (!same) expect(reason).not.toBe('accepted');
    }
  }, 600_000);

  it('gives reasons, never exceptions, on text of any kind', () => {
    const random = new SeededRandom(31);
    const good = pemOf(node, agency, chain);
    for (let i = 0; i < 1000; i++) {
      const at = random.below(good.length);
      const insertion = String.fromCharCode(...random.bytes(random.below(5)));
      reasonOf(good.slice(0, at) + insertion + good.slice(at + random.below(80)));
    }
    expect(reasonOf(good)).toBe('accepted');
  });
});

describe('verifyCertificateChain with other algorithms', () => {
  const { chain, agency, node } = makeTestChain();
  const nodeReason = (recipe: TestCertificateRecipe) =>
    reasonOf(pemOf(makeTestCertificate({ keyUsage: 0xe0, issuer: agency, ...recipe }), agency, chain));

  function reasonOf(pem: string): string {
    const result = verifyCertificateChain(pem, [chain.pem], now);
    return result.ok ? 'accepted' : result.reason;
  }

  it('refuses weak signatures', () => {
    expect(nodeReason({ hash: 'SHA1' })).toBe('UnsupportedAlgorithm');
  });

  it('refuses keys on secp256k1 in another form', () => {
    const jwk = node.privateKey.export({ format: 'jwk' });
    const x = Buffer.from(jwk.x!, 'base64url');
    const odd = Buffer.from(jwk.y!, 'base64url')[31]! & 1;
    const algorithm = der(0x30, der(0x06, fromHex('2a8648ce3d0201')), der(0x06, fromHex('2b8104000a')));
    const compressed = der(0x30, algorithm, der(0x03, Uint8Array.of(0, 2 + odd), x));
    expect(nodeReason({ publicKeyInfo: compressed })).toBe('NotSecp256k1');
  });

  it('does not read keys before they are vouched for', () => {
    const stranger = makeTestCertificate({ commonName: 'stranger', authority: true, namedCurve: 'prime256v1' });
    const leaf = makeTestCertificate({ issuer: stranger, signingKey: makeKey('prime256v1') });
    expect(reasonOf(pemOf(leaf, stranger))).toBe('UnknownAuthority');
  });
});

function commonNameOf({ subject }: TestCertificate): string | undefined {
  return readDistinguishedName(subject)?.commonName;
}
