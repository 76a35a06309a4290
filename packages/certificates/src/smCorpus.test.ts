import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { derElement } from '@menglian/crypto/der';
import { sm2PublicKey } from '@menglian/crypto/sm2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OID, objectIdentifier, TAG } from './asn1.js';
import { readCertificateFields } from './certificateFields.js';
import { readNodeCredentials, readSmCredentials, type SmPairTexts } from './credentials.js';
import { readTrustAnchors } from './pathValidation.js';
import { readPrivateKey } from './privateKey.js';
import { publicKeyInfo } from './publicKeyInfo.js';
import { verifyShownPair } from './smPair.js';
import {
  derExtension,
  derName,
  keyPem,
  makeKey,
  makeSmTestChain,
  makeTestCertificate,
  makeTestChain,
  SM_ENCRYPTION_USAGE,
  SM_SIGNING_USAGE,
  toPem,
  type TestCertificate,
  type TestCertificateRecipe,
} from './testing/testCertificates.js';
import { judgeCertificateChain } from './verifyCertificateChain.js';

/** Files of SM chains that are wrong in every way we could think of. Each is refused with the file and the cause. */

const now = Date.parse('2026-06-01T00:00:00Z');
const sm = makeSmTestChain();
const ecdsa = makeTestChain();
const superiors = sm.agency.pem + sm.chain.pem;

interface Files {
  readonly key: string;
  readonly certificate: string;
  readonly enKey: string;
  readonly enCertificate: string;
  readonly authority: string;
}

const good: Files = {
  key: keyPem(sm.node.privateKey),
  certificate: sm.node.pem + superiors,
  enKey: keyPem(sm.nodeEncryption.privateKey),
  enCertificate: sm.nodeEncryption.pem,
  authority: sm.chain.pem,
};

const FILE_NAMES = [
  ['key', 'gmnode.key'],
  ['certificate', 'gmnode.crt'],
  ['enKey', 'gmennode.key'],
  ['enCertificate', 'gmennode.crt'],
  ['authority', 'gmca.crt'],
] as const;

function texts(files: Files): SmPairTexts {
  return {
    signingKey: { path: 'gmnode.key', text: files.key },
    signingCertificate: { path: 'gmnode.crt', text: files.certificate },
    encryptionKey: { path: 'gmennode.key', text: files.enKey },
    encryptionCertificate: { path: 'gmennode.crt', text: files.enCertificate },
    authority: { path: 'gmca.crt', text: files.authority },
  };
}

/** The sentence about a node whose files are good but for these. */
function sentence(changed: Partial<Files>): string {
  const credentials = readSmCredentials(texts({ ...good, ...changed }), now);
  return credentials.ok ? 'accepted' : credentials.reason;
}

/** The sentence about a node whose signing certificate is ordinary but for the given fields. */
function signingSentence(recipe: TestCertificateRecipe): string {
  const certificate = makeTestCertificate({
    authority: false,
    keyUsage: SM_SIGNING_USAGE,
    issuer: sm.agency,
    privateKey: sm.node.privateKey,
    ...recipe,
  });
  return sentence({ certificate: certificate.pem + superiors });
}

/** The same of its encryption certificate. */
function encryptionSentence(recipe: TestCertificateRecipe): string {
  const certificate = makeTestCertificate({
    organizationalUnit: 'ennode',
    authority: false,
    keyUsage: SM_ENCRYPTION_USAGE,
    issuer: sm.agency,
    privateKey: sm.nodeEncryption.privateKey,
    ...recipe,
  });
  return sentence({ enCertificate: certificate.pem });
}

describe('the files of an SM node', () => {
  it('are read when all is well', () => {
    const credentials = readSmCredentials(texts(good), now);
    expect(credentials).toMatchObject({
      ok: true,
      value: {
        signing: { algorithm: 'sm2', commonName: 'node0', agency: 'agency-gm', organizationalUnits: ['node'] },
        encryption: { organizationalUnits: ['ennode'] },
      },
    });
    if (!credentials.ok) return;
    const { signingKey, signing, encryptionKey, encryption, shown } = credentials.value;
    expect(shown.map(toHex)).toEqual([sm.node, sm.nodeEncryption, sm.agency, sm.chain].map(({ der }) => toHex(der)));
    expect(signing.publicKey).toEqual(sm2PublicKey(signingKey.key));
    expect(encryption.publicKey).toEqual(sm2PublicKey(encryptionKey.key));
    expect(signingSentence({})).toBe('accepted');
    expect(encryptionSentence({})).toBe('accepted');
    expect(sentence({ enCertificate: sm.nodeEncryption.pem + superiors })).toBe('accepted');
  });

  it('may have comments, other line ends, a mark of the byte order, and names in UTF-8', () => {
    const dressed = `\uFEFFsubject=node0\r\n${good.certificate.replaceAll('\n', '\r\n')}end\r\n`;
    expect(sentence({ certificate: dressed })).toBe('accepted');
    expect(sentence({ key: `# mine\n${good.key.replaceAll('\n', '\r\n')}` })).toBe('accepted');
    expect(signingSentence({ commonName: '节点 一' })).toBe('accepted');
    expect(signingSentence({ extensions: [derExtension('551d12', derElement(TAG.sequence))] })).toBe('accepted');
    const withNull = derElement(TAG.sequence, objectIdentifier(OID.sm2WithSm3), derElement(TAG.null));
    expect(signingSentence({ signatureAlgorithm: withNull })).toBe('accepted');
  });
});

describe('dates', () => {
  it('decide for each certificate', () => {
    expect(signingSentence({ notAfter: '20260531235959Z' })).toBe(
      'gmnode.crt: the certificate of node0 expired on 2026-05-31T23:59:59Z',
    );
    expect(signingSentence({ notBefore: '20260601000001Z' })).toBe(
      'gmnode.crt: the certificate of node0 is not valid before 2026-06-01T00:00:01Z',
    );
    expect(encryptionSentence({ notAfter: '20260531235959Z' })).toMatch(/^gmennode.crt: .*node0 expired on 2026-05-31/);
    const authority = makeTestCertificate({
      commonName: 'gmchain',
      authority: true,
      namedCurve: 'SM2',
      notAfter: '20260101000000Z',
    });
    const direct = { issuer: authority, authority: false };
    const files = {
      certificate: makeTestCertificate({ ...direct, keyUsage: SM_SIGNING_USAGE, privateKey: sm.node.privateKey }).pem,
      enCertificate: makeTestCertificate({
        ...direct,
        keyUsage: SM_ENCRYPTION_USAGE,
        privateKey: sm.nodeEncryption.privateKey,
      }).pem,
      authority: authority.pem,
    };
    expect(sentence(files)).toBe('gmnode.crt: the certificate of gmchain expired on 2026-01-01T00:00:00Z');
  });

  it('must be dates', () => {
    for (const notAfter of ['20261301000000Z', '20260431000000Z', '20260430000060Z', '2026043000Z', '']) {
      expect(signingSentence({ notAfter })).toBe('gmnode.crt: the certificate at place 1 has dates that are none');
    }
  });
});

describe('authorities', () => {
  const impostor = makeSmTestChain();
  const place = 'gmnode.crt: the certificate of';

  it('must be the ones that are trusted here', () => {
    const identity = 'and the identity 1234567812345678';
    expect(sentence({ authority: impostor.chain.pem })).toBe(
      `${place} gmchain names a trusted authority, but was not signed with the key of the certificate of gmchain ${identity}`,
    );
    expect(signingSentence({ issuer: impostor.agency })).toBe(
      `${place} node0 was not signed with the key of the certificate of agency-gm ${identity}`,
    );
    expect(signingSentence({ issuer: sm.client })).toBe(
      `${place} node0 names another issuer than the certificate of agency-gm, which follows it`,
    );
    expect(signingSentence({ issuer: undefined })).toBe(`${place} node0 leads to no authority that is trusted here`);
    expect(sentence({ certificate: sm.node.pem })).toBe(`${place} node0 leads to no authority that is trusted here`);
    expect(sentence({ authority: '' })).toBe('gmca.crt: it holds no certificate');
    expect(sentence({ authority: sm.node.pem })).toBe("gmca.crt: the certificate of node0 is no authority's");
    expect(sentence({ authority: sm.chain.pem + sm.chain.pem.slice(0, -40) })).toMatch(/^gmca.crt: it is not PEM/);
  });

  it('must be allowed to sign, and so many in a row', () => {
    const judge = (authority: TestCertificateRecipe) => {
      const agency = makeTestCertificate({ commonName: 'agency-gm', issuer: sm.chain, ...authority });
      const leaf = { issuer: agency, authority: false };
      const signing = makeTestCertificate({ ...leaf, keyUsage: SM_SIGNING_USAGE, privateKey: sm.node.privateKey });
      const encryption = makeTestCertificate({
        ...leaf,
        keyUsage: SM_ENCRYPTION_USAGE,
        privateKey: sm.nodeEncryption.privateKey,
      });
      return sentence({ certificate: signing.pem + agency.pem + sm.chain.pem, enCertificate: encryption.pem });
    };
    expect(judge({ authority: true })).toBe('accepted');
    expect(judge({})).toBe(`${place} agency-gm is no authority's, but has signed another`);
    expect(judge({ authority: false })).toBe(`${place} agency-gm is no authority's, but has signed another`);
    expect(judge({ authority: true, keyUsage: 0x80 })).toBe(
      `${place} agency-gm has a key usage without signing certificates`,
    );
    const root = makeTestCertificate({ commonName: 'gmchain', authority: true, pathLength: 0, namedCurve: 'SM2' });
    const middle = makeTestCertificate({ commonName: 'middle', authority: true, issuer: root });
    const leaf = makeTestCertificate({ issuer: middle, privateKey: sm.node.privateKey });
    expect(sentence({ certificate: leaf.pem + middle.pem, authority: root.pem })).toBe(
      `${place} gmchain allows 0 authorities below it, and there are 1`,
    );
  });

  it('cannot be impersonated by a node', () => {
    const below = makeTestCertificate({ issuer: sm.node, privateKey: sm.node.privateKey, commonName: 'thief' });
    expect(sentence({ certificate: below.pem + sm.node.pem + superiors })).toBe(
      `${place} node0 is no authority's, but has signed another`,
    );
    expect(signingSentence({ signingKey: sm.node.privateKey })).toMatch(
      /was not signed with the key of .*agency-gm and/,
    );
  });
});

describe('uses', () => {
  it('are kept apart', () => {
    const exchanged =
      'gmnode.crt holds the certificate for encryption and gmennode.crt the one for signing: exchange them';
    expect(sentence({ certificate: sm.nodeEncryption.pem + superiors, enCertificate: sm.node.pem })).toBe(exchanged);
    expect(
      sentence({
        certificate: sm.nodeEncryption.pem + superiors,
        enCertificate: sm.node.pem,
        key: good.enKey,
        enKey: good.key,
      }),
    ).toBe(exchanged);
    expect(sentence({ key: good.enKey, enKey: good.key })).toBe(
      'gmnode.crt does not belong to the key gmnode.key, but to gmennode.key',
    );
    expect(sentence({ enKey: good.key })).toBe('gmennode.key holds the same key as gmnode.key; each use needs its own');
    expect(sentence({ enCertificate: sm.node.pem })).toBe(
      'gmennode.crt does not belong to the key gmennode.key, but to gmnode.key',
    );
    expect(sentence({ certificate: sm.agency.pem + sm.chain.pem })).toMatch(/^gmnode.crt does not belong to the key/);
    expect(signingSentence({ keyUsage: SM_ENCRYPTION_USAGE })).toBe(
      'gmnode.crt: the certificate of node0 is not for signing: its key usage does not say so',
    );
    expect(encryptionSentence({ keyUsage: SM_SIGNING_USAGE })).toBe(
      'gmennode.crt: the certificate of node0 is not for encryption: its key usage does not say so',
    );
    expect(signingSentence({ authority: true })).toBe("gmnode.crt: the certificate of node0 is an authority's");
  });

  it('of one key for both are found in the certificates too', () => {
    const anchors = readTrustAnchors([sm.chain.pem]);
    if (!anchors.ok) throw new Error(anchors.reason.sentence);
    const twice = makeTestCertificate({
      issuer: sm.agency,
      privateKey: sm.node.privateKey,
      keyUsage: SM_ENCRYPTION_USAGE,
    });
    const judge = (...shown: readonly TestCertificate[]) => {
      const pair = verifyShownPair(
        shown.map(({ der }) => der),
        anchors.value,
        now,
      );
      return pair.ok ? 'accepted' : pair.reason.reason;
    };
    expect(judge(sm.node, sm.nodeEncryption, sm.agency)).toBe('accepted');
    expect(judge(sm.client, sm.clientEncryption, sm.agency, sm.chain)).toBe('accepted');
    expect(judge(sm.client, sm.agency)).toBe('accepted');
    expect(judge(sm.node, twice, sm.agency)).toBe('PairKeyTwice');
    expect(judge(sm.nodeEncryption, sm.node, sm.agency)).toBe('LeafKeyUsage');
    expect(judge(sm.node, makeTestCertificate({ issuer: sm.chain, keyUsage: SM_ENCRYPTION_USAGE }), sm.agency)).toBe(
      'PairIssuersDiffer',
    );
    expect(judge()).toBe('NoCertificate');
    expect(judge(sm.node, sm.nodeEncryption, sm.agency, sm.chain, sm.chain, sm.chain)).toBe('TooManyCertificates');
    expect(judge({ ...sm.node, der: new Uint8Array(5000) }, sm.nodeEncryption)).toBe('TooLarge');
    expect(judge(ecdsa.node, ecdsa.agency)).toBe('MixedAlgorithms');
  });

  it('of a client do not make a node', () => {
    const files = {
      key: { path: 'gmnode.key', text: keyPem(sm.client.privateKey) },
      certificate: { path: 'gmnode.crt', text: sm.client.pem + superiors },
      authority: { path: 'gmca.crt', text: sm.chain.pem },
    };
    expect(readNodeCredentials(files, 'sm2', now)).toEqual({
      ok: false,
      reason: 'gmnode.crt: the certificate of sdk belongs to a client, not to a node',
    });
  });
});

describe('algorithms', () => {
  const nodeSentence = (key: KeyObject, certificate: string, authority: string, algorithm: 'sm2' | 'secp256k1') => {
    const files = {
      key: { path: 'node.key', text: keyPem(key) },
      certificate: { path: 'node.crt', text: certificate },
      authority: { path: 'ca.crt', text: authority },
    };
    const credentials = readNodeCredentials(files, algorithm, now);
    return credentials.ok ? 'accepted' : credentials.reason;
  };
  const ecdsaText = ecdsa.node.pem + ecdsa.agency.pem + ecdsa.chain.pem;

  it('are those of the chain', () => {
    expect(nodeSentence(sm.node.privateKey, good.certificate, sm.chain.pem, 'sm2')).toBe('accepted');
    expect(nodeSentence(ecdsa.node.privateKey, ecdsaText, ecdsa.chain.pem, 'secp256k1')).toBe('accepted');
    expect(nodeSentence(ecdsa.node.privateKey, ecdsaText, ecdsa.chain.pem, 'sm2')).toBe(
      'node.key holds a key on secp256k1, and this chain needs sm2',
    );
    expect(nodeSentence(sm.node.privateKey, ecdsaText, ecdsa.chain.pem, 'sm2')).toBe(
      'node.crt is for a key on secp256k1, and this chain needs sm2',
    );
    expect(nodeSentence(sm.node.privateKey, ecdsaText, sm.chain.pem, 'sm2')).toBe(
      'node.crt: the certificate of node0 has a key that is not on sm2, and all trusted authorities have',
    );
    expect(nodeSentence(sm.node.privateKey, good.certificate, ecdsa.chain.pem, 'sm2')).toBe(
      'node.crt: the certificate of node0 has a key on sm2, and no trusted authority has',
    );
    const stranger = makeKey('SM2');
    expect(nodeSentence(stranger, good.certificate, sm.chain.pem, 'sm2')).toBe(
      'node.crt does not belong to the key node.key',
    );
  });

  it('are not mixed in a chain', () => {
    const under = makeTestCertificate({
      issuer: ecdsa.agency,
      privateKey: sm.node.privateKey,
      keyUsage: SM_SIGNING_USAGE,
    });
    expect(sentence({ certificate: under.pem + ecdsa.agency.pem, authority: ecdsa.chain.pem })).toBe(
      'gmnode.crt: the certificate of node0 has a key of the kind sm2 and a signature without SM2',
    );
    const over = makeTestCertificate({ issuer: sm.agency, privateKey: ecdsa.node.privateKey });
    expect(nodeSentence(ecdsa.node.privateKey, over.pem + superiors, sm.chain.pem, 'secp256k1')).toBe(
      'node.crt: the certificate of node0 has a key of the kind secp256k1 and a signature with SM2',
    );
    const bridge = makeTestCertificate({
      commonName: 'bridge',
      authority: true,
      issuer: ecdsa.chain,
      namedCurve: 'SM2',
    });
    const leaf = makeTestCertificate({ issuer: bridge, privateKey: sm.node.privateKey });
    expect(sentence({ certificate: leaf.pem + bridge.pem, authority: sm.chain.pem })).toBe(
      'gmnode.crt: the certificate of bridge has a key of the kind sm2 and a signature without SM2, ' +
        'while the certificate of node0 has a key on sm2',
    );
  });

  it('other than SM2 are named', () => {
    const others: readonly (readonly [string, KeyObject])[] = [
      ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
      ['prime256v1', makeKey('prime256v1')],
      ['secp384r1', makeKey('secp384r1')],
      ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ];
    for (const [kind, key] of others) {
      expect(sentence({ key: keyPem(key) })).toBe(
        `gmnode.key holds a key of the kind ${kind}; nodes have keys on sm2 or secp256k1`,
      );
      if (kind === 'Ed25519') continue;
      const publicKeyOfKind = makeTestCertificate({ privateKey: key, issuer: ecdsa.agency });
      expect(sentence({ certificate: publicKeyOfKind.pem + superiors })).toBe(
        `gmnode.crt: the certificate of node0 has a key of the kind ${kind}, not sm2`,
      );
    }
    expect(sentence({ key: keyPem(makeKey('secp256k1')) })).toBe(
      'gmnode.key holds a key on secp256k1, and this chain needs sm2',
    );
  });

  it('of signatures are SM2 with SM3, without parameters', () => {
    const withText = derElement(TAG.sequence, objectIdentifier(OID.sm2WithSm3), derElement(TAG.utf8String));
    expect(signingSentence({ signatureAlgorithm: withText })).toBe(
      'gmnode.crt: the certificate at place 1 has no readable signature algorithm',
    );
    // SM3 with RSA, 1.2.156.10197.1.504
    const rsa = derElement(TAG.sequence, objectIdentifier('2a811ccf55018378'));
    expect(signingSentence({ signatureAlgorithm: rsa })).toMatch(/kind sm2 and a signature without SM2$/);
  });
});

describe('keys in certificates', () => {
  it('are points of the curve, uncompressed', () => {
    const point = sm2PublicKey(successOf(readPrivateKey(good.key)).key);
    const off = point.slice();
    off[63]! ^= 1;
    const judge = (info: Uint8Array) => {
      const certificate = makeTestCertificate({ issuer: sm.agency, publicKeyInfo: info, keyUsage: SM_SIGNING_USAGE });
      const anchors = successOf(readTrustAnchors([sm.chain.pem]));
      const pair = verifyShownPair([certificate.der, sm.agency.der], anchors, now);
      return pair.ok ? 'accepted' : pair.reason.sentence;
    };
    expect(judge(publicKeyInfo('sm2', point))).toBe('accepted');
    const fault = 'the certificate of node0 has a key that is no uncompressed point of the curve';
    expect(judge(publicKeyInfo('sm2', off))).toBe(fault);
    expect(judge(publicKeyInfo('sm2', new Uint8Array(64)))).toBe(fault);
    expect(judge(publicKeyInfo('sm2', point.subarray(1)))).toBe(fault);
    const algorithm = derElement(TAG.sequence, objectIdentifier(OID.ellipticCurveKey), objectIdentifier(OID.sm2));
    const compressed = concatBytes(Uint8Array.of(0, 2 + (point[63]! & 1)), point.subarray(0, 32));
    expect(judge(derElement(TAG.sequence, algorithm, derElement(TAG.bitString, compressed)))).toBe(fault);
  });
});

describe('odd encodings', () => {
  const first = 'gmnode.crt: the certificate at place 1';
  const notDistinguished = `${first} is not one certificate in distinguished encoding (DER)`;
  const withDer = (der: Uint8Array) => sentence({ certificate: toPem(der) + superiors });

  it('of lengths and ends are refused', () => {
    const body = sm.node.der.subarray(4);
    const length = Uint8Array.of(body.length >> 8, body.length & 0xff);
    expect(withDer(concatBytes(Uint8Array.of(0x30, 0x82), length, body))).toBe('accepted');
    expect(withDer(concatBytes(Uint8Array.of(0x30, 0x80), body, Uint8Array.of(0, 0)))).toBe(notDistinguished);
    expect(withDer(concatBytes(Uint8Array.of(0x30, 0x83, 0), length, body))).toBe(notDistinguished);
    expect(withDer(concatBytes(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), body))).toBe(notDistinguished);
    expect(withDer(concatBytes(sm.node.der, Uint8Array.of(0)))).toBe(notDistinguished);
    expect(withDer(concatBytes(Uint8Array.of(0x3f, 0x81), length, body))).toBe(notDistinguished);
    expect(withDer(new Uint8Array(100))).toBe(notDistinguished);
  });

  it('of numbers are refused', () => {
    expect(signingSentence({ serialNumber: fromHex('ff') })).toBe(`${first} has a negative serial number`);
    expect(signingSentence({ serialNumber: fromHex('0001') })).toBe(
      `${first} has a serial number with superfluous zeros`,
    );
    expect(signingSentence({ serialNumber: new Uint8Array(0) })).toBe(`${first} has no serial number of 1 to 20 bytes`);
    expect(signingSentence({ serialNumber: new Uint8Array(22).fill(1) })).toBe(
      `${first} has no serial number of 1 to 20 bytes`,
    );
    expect(signingSentence({ serialNumber: fromHex('00ff') })).toBe('accepted');
  });

  it('of names are refused', () => {
    const fault = 'gmnode.crt: the certificate at place 1 has a common name that is missing, doubled or no plain text';
    for (const commonName of ['', 'a'.repeat(65), 'node\n0', 'node\u0000', 'node\u202e0']) {
      expect(signingSentence({ commonName })).toBe(fault);
    }
    // BMPString and TeletexString
    expect(signingSentence({ subject: derName('\0n\0o', 'node', 0x1e) })).toBe(fault);
    expect(signingSentence({ subject: derName('node0', 'node', 0x14) })).toBe(fault);
    expect(signingSentence({ subject: derElement(TAG.sequence) })).toBe(fault);
    const invalid = derElement(TAG.utf8String, fromHex('c328'));
    const attribute = derElement(TAG.sequence, objectIdentifier(OID.commonName), invalid);
    expect(signingSentence({ subject: derElement(TAG.sequence, derElement(TAG.set, attribute)) })).toBe(fault);
  });

  it('of extensions are refused', () => {
    const critical = derExtension('551d1e', derElement(TAG.sequence), true);
    expect(signingSentence({ extensions: [critical] })).toBe(
      `${first} has the critical extension 2.5.29.30, which is unknown here`,
    );
    const twice = derExtension(OID.keyUsage, derElement(TAG.bitString, Uint8Array.of(0, 0x80)));
    expect(signingSentence({ extensions: [twice] })).toBe(`${first} has the extension 2.5.29.15 twice`);
    expect(signingSentence({ keyUsage: undefined, extensions: [derExtension(OID.keyUsage, new Uint8Array(3))] })).toBe(
      `${first} has an unreadable key usage`,
    );
    expect(
      signingSentence({ authority: undefined, extensions: [derExtension(OID.basicConstraints, Uint8Array.of(1))] }),
    ).toBe(`${first} has unreadable basic constraints`);
    const many = Array.from({ length: 17 }, (_, index) =>
      derExtension(`551d${toHex(Uint8Array.of(64 + index))}`, new Uint8Array(0)),
    );
    expect(signingSentence({ extensions: many })).toBe(`${first} has more than 16 extensions`);
  });

  it('of PEM are refused', () => {
    const notPem = 'gmnode.crt: it is not PEM: a block is open, is not base64, or is no certificate';
    expect(sentence({ certificate: '' })).toBe('gmnode.crt: it holds no certificate');
    expect(sentence({ certificate: 'hello' })).toBe('gmnode.crt: it holds no certificate');
    expect(sentence({ certificate: good.certificate.slice(0, -20) })).toBe(notPem);
    expect(sentence({ certificate: good.certificate.replace('\nM', '\n*M') })).toBe(notPem);
    expect(sentence({ certificate: good.certificate + good.key })).toBe(notPem);
    expect(sentence({ certificate: `-----BEGIN CERTIFICATE-----\n${good.certificate}` })).toBe(notPem);
    expect(sentence({ certificate: good.certificate + superiors })).toBe(
      'gmnode.crt: it holds more than 4 certificates',
    );
    const large = 'gmnode.crt: it is larger than any chain of certificates';
    expect(sentence({ certificate: 'x'.repeat(3_000_000) })).toBe(large);
    expect(sentence({ certificate: toPem(new Uint8Array(2_000_000)) })).toBe(large);
    expect(sentence({ certificate: toPem(new Uint8Array(5000)) + superiors })).toBe(large);
  });
});

/** What a link between nodes says about a chain; much cheaper than all files of a node. */
function chainReason(certificate: string, authority = sm.chain.pem): string {
  const judged = judgeCertificateChain(certificate, [authority], now);
  return judged.ok ? 'accepted' : judged.reason.reason;
}

describe('cut certificates', () => {
  it('are refused at every length', () => {
    for (let length = 0; length < sm.node.der.length; length++) {
      const text = toPem(sm.node.der.subarray(0, length)) + superiors;
      expect(chainReason(text)).toBe(length === 0 ? 'NotPem' : 'MalformedCertificate');
      if (length % 32 === 1)
        expect(sentence({ certificate: text })).toMatch(/^gmnode.crt: the certificate at place 1 /);
    }
    const { enCertificate } = good;
    for (let length = 0; length < enCertificate.length - 2; length += 31) {
      expect(sentence({ enCertificate: enCertificate.slice(0, length) })).toMatch(/^gmennode.crt: it /);
    }
  });
});

describe('any bytes', () => {
  it('are answered, never thrown at', () => {
    const anchors = successOf(readTrustAnchors([sm.chain.pem]));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readCertificateFields(bytes).ok).toBe(false);
        expect(readPrivateKey(toPem(bytes).replaceAll('CERTIFICATE', 'PRIVATE KEY')).ok).toBe(false);
        expect(chainReason(toPem(bytes) + superiors)).not.toBe('accepted');
        expect(chainReason(good.certificate, toPem(bytes))).toBe('BadTrustAnchor');
        expect(verifyShownPair([sm.node.der, bytes, sm.agency.der], anchors, now).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(chainReason(text)).not.toBe('accepted');
        expect(readPrivateKey(text).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...FILE_NAMES), fc.uint8Array({ maxLength: 300 }), ([name, path], bytes) => {
        expect(sentence({ [name]: toPem(bytes) })).toContain(path);
      }),
      { numRuns: 30 },
    );
  });

  it('in place of one byte or some never let anybody else in', () => {
    const random = new SeededRandom(31);
    const rounds = process.env['MENGLIAN_LONG'] === '1' ? 20_000 : 300;
    for (let i = 0; i < rounds; i++) {
      const bytes = sm.node.der.slice();
      for (let change = random.below(3); change >= 0; change--)
        bytes[random.below(bytes.length)]! ^= 1 + random.below(255);
      if (toHex(bytes) === toHex(sm.node.der)) continue;
      expect(chainReason(toPem(bytes) + superiors)).not.toBe('accepted');
    }
  }, 600_000);
});

function successOf<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.reason));
  return result.value;
}
