/**
 * Certificates for tests, polite and hostile: written by hand in DER, so that they can break each rule the verifier
 * has, which no issuing tool would do. Not used outside tests.
 */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fromHex, utf8Bytes } from '@menglian/base/bytes';
import { derElement, derInteger } from '@menglian/crypto/der';
import { objectIdentifier, OID, TAG } from '../asn1.js';
import { KEY_USAGE } from '../certificateFields.js';
import { readCertificateKey, type CertificateKey } from '../keys.js';
import { pemText } from '../pem.js';

export interface TestCertificate {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly subject: Uint8Array;
}

/** What a certificate says. Left out: an ordinary one of the kind that is asked for. */
export interface TestCertificateRecipe {
  readonly commonName?: string;
  readonly organizationalUnit?: string;
  /** The whole subject as DER, instead of the two above. */
  readonly subject?: Uint8Array;
  /** Who signs; without it the certificate signs itself. */
  readonly issuer?: TestCertificate | undefined;
  /** Signs with this key instead of the issuer's. */
  readonly signingKey?: KeyObject;
  readonly privateKey?: KeyObject;
  /** SubjectPublicKeyInfo instead of the key's own. */
  readonly publicKeyInfo?: Uint8Array;
  /** Of the key that is made; without it the issuer's family: SM2 or secp256k1. */
  readonly namedCurve?: string;
  readonly authority?: boolean | undefined;
  readonly pathLength?: number;
  /** First byte of the key usage bits. */
  readonly keyUsage?: number | undefined;
  /** Further extensions as DER. */
  readonly extensions?: readonly Uint8Array[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly hash?: 'SHA1' | 'SHA256';
  /** Content of the INTEGER. */
  readonly serialNumber?: Uint8Array;
  /** AlgorithmIdentifier as DER instead of the one that was used, inside and outside. */
  readonly signatureAlgorithm?: Uint8Array;
}

export function makeTestCertificate(recipe: TestCertificateRecipe): TestCertificate {
  const isSm = recipe.issuer !== undefined && certificateKey(recipe.issuer.privateKey).isSm;
  const privateKey = recipe.privateKey ?? makeKey(recipe.namedCurve ?? (isSm ? 'SM2' : 'secp256k1'));
  const signer = recipe.signingKey ?? recipe.issuer?.privateKey ?? privateKey;
  const subject = recipe.subject ?? derName(recipe.commonName ?? 'node0', recipe.organizationalUnit ?? 'node');
  const sha1 = recipe.hash === 'SHA1';
  const used = sha1 ? derElement(TAG.sequence, derElement(0x06, fromHex('2a8648ce3d0401'))) : undefined;
  const algorithm = recipe.signatureAlgorithm ?? used ?? certificateKey(signer).signatureAlgorithm;
  const extensions: Uint8Array[] = [...(recipe.extensions ?? [])];
  if (recipe.authority !== undefined) extensions.push(basicConstraints(recipe.authority, recipe.pathLength));
  if (recipe.keyUsage !== undefined) {
    extensions.push(derExtension(OID.keyUsage, derElement(TAG.bitString, Uint8Array.of(0, recipe.keyUsage))));
  }
  const signedPart = derElement(
    TAG.sequence,
    derElement(TAG.context0, derInteger(2n)),
    derElement(TAG.integer, recipe.serialNumber ?? Uint8Array.of(1, 2, 3)),
    algorithm,
    recipe.issuer?.subject ?? subject,
    derElement(
      TAG.sequence,
      derTime(recipe.notBefore ?? '20200101000000Z'),
      derTime(recipe.notAfter ?? '21200101000000Z'),
    ),
    subject,
    recipe.publicKeyInfo ?? certificateKey(privateKey).publicKeyInfo,
    ...(extensions.length === 0 ? [] : [derElement(TAG.context3, derElement(TAG.sequence, ...extensions))]),
  );
  const signature = sha1 ? createSign('SHA1').update(signedPart).sign(signer) : certificateKey(signer).sign(signedPart);
  const der = derElement(TAG.sequence, signedPart, algorithm, derElement(TAG.bitString, Uint8Array.of(0), signature));
  return { der, pem: toPem(der), privateKey, subject };
}

/** Chain authority, agency and node as a chain builder makes them. */
export function makeTestChain(): { chain: TestCertificate; agency: TestCertificate; node: TestCertificate } {
  const chain = makeTestCertificate({ commonName: 'chain', organizationalUnit: 'chain', authority: true });
  const agency = makeTestCertificate({
    commonName: 'agency',
    organizationalUnit: 'agency',
    authority: true,
    issuer: chain,
  });
  const node = makeTestCertificate({ authority: false, keyUsage: 0xe0, issuer: agency });
  return { chain, agency, node };
}

/** The certificates of an SM consortium, and of one node and one client of it. */
export interface SmTestChain {
  readonly chain: TestCertificate;
  readonly agency: TestCertificate;
  readonly node: TestCertificate;
  readonly nodeEncryption: TestCertificate;
  readonly client: TestCertificate;
  readonly clientEncryption: TestCertificate;
}

export const SM_SIGNING_USAGE = KEY_USAGE.digitalSignature | KEY_USAGE.nonRepudiation;
export const SM_ENCRYPTION_USAGE = KEY_USAGE.keyEncipherment | KEY_USAGE.dataEncipherment | KEY_USAGE.keyAgreement;
const SM_AUTHORITY_USAGE = KEY_USAGE.certificateSign | KEY_USAGE.revocationListSign;

export function makeSmTestChain(): SmTestChain {
  const authority = { authority: true, keyUsage: SM_AUTHORITY_USAGE };
  const chain = makeTestCertificate({
    ...authority,
    commonName: 'gmchain',
    organizationalUnit: 'chain',
    namedCurve: 'SM2',
  });
  const agency = makeTestCertificate({
    ...authority,
    commonName: 'agency-gm',
    organizationalUnit: 'agency',
    issuer: chain,
  });
  const member = (commonName: string, organizationalUnit: string, keyUsage: number) =>
    makeTestCertificate({ commonName, organizationalUnit, keyUsage, authority: false, issuer: agency });
  return {
    chain,
    agency,
    node: member('node0', 'node', SM_SIGNING_USAGE),
    nodeEncryption: member('node0', 'ennode', SM_ENCRYPTION_USAGE),
    client: member('sdk', 'sdk', SM_SIGNING_USAGE),
    clientEncryption: member('sdk', 'ensdk', SM_ENCRYPTION_USAGE),
  };
}

export function makeKey(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

/** PKCS #8. */
export function keyPem(privateKey: KeyObject): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function toPem(certificate: Uint8Array): string {
  return pemText('CERTIFICATE', certificate);
}

export function derName(
  commonName: string,
  organizationalUnit: string,
  stringTag: number = TAG.utf8String,
): Uint8Array {
  const attribute = (type: string, text: string) =>
    derElement(TAG.set, derElement(TAG.sequence, objectIdentifier(type), derElement(stringTag, utf8Bytes(text))));
  return derElement(
    TAG.sequence,
    attribute(OID.commonName, commonName),
    attribute(OID.organization, 'fisco-bcos'),
    attribute(OID.organizationalUnit, organizationalUnit),
  );
}

export function derExtension(id: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [derElement(TAG.boolean, Uint8Array.of(0xff))] : [];
  return derElement(TAG.sequence, objectIdentifier(id), ...flag, derElement(TAG.octetString, value));
}

function certificateKey(privateKey: KeyObject): CertificateKey {
  return readCertificateKey(keyPem(privateKey));
}

function basicConstraints(authority: boolean, pathLength: number | undefined): Uint8Array {
  const flag = authority ? [derElement(TAG.boolean, Uint8Array.of(0xff))] : [];
  const limit = pathLength === undefined ? [] : [derElement(TAG.integer, Uint8Array.of(pathLength))];
  return derExtension(OID.basicConstraints, derElement(TAG.sequence, ...flag, ...limit));
}

/** @param text as GeneralizedTime; years that UTCTime can hold are written as UTCTime, as the rules want */
function derTime(text: string): Uint8Array {
  const year = Number(text.slice(0, 4));
  return year >= 2050 || year < 1950
    ? derElement(TAG.generalizedTime, utf8Bytes(text))
    : derElement(TAG.utcTime, utf8Bytes(text.slice(2)));
}
