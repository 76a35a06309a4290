/**
 * Certificates for tests, polite and hostile: written by hand in DER, so that they can break each rule the verifier
 * has, which no issuing tool would do. Not used outside tests.
 */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { concatBytes, fromHex, utf8Bytes } from '@menglian/base/bytes';

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
  readonly issuer?: TestCertificate;
  /** Signs with this key instead of the issuer's. */
  readonly signingKey?: KeyObject;
  readonly privateKey?: KeyObject;
  /** SubjectPublicKeyInfo instead of the key's own. */
  readonly publicKeyInfo?: Uint8Array;
  readonly namedCurve?: string;
  readonly authority?: boolean;
  readonly pathLength?: number;
  /** First byte of the key usage bits. */
  readonly keyUsage?: number;
  /** Further extensions as DER. */
  readonly extensions?: readonly Uint8Array[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly hash?: 'SHA1' | 'SHA256';
}

export function makeTestCertificate(recipe: TestCertificateRecipe): TestCertificate {
  const privateKey = recipe.privateKey ?? makeKey(recipe.namedCurve ?? 'secp256k1');
  const subject = recipe.subject ?? derName(recipe.commonName ?? 'node0', recipe.organizationalUnit ?? 'node');
  const sha1 = recipe.hash === 'SHA1';
  const algorithm = der(0x30, der(0x06, fromHex(sha1 ? '2a8648ce3d0401' : '2a8648ce3d040302')));
  const extensions: Uint8Array[] = [...(recipe.extensions ?? [])];
  if (recipe.authority !== undefined) extensions.push(basicConstraints(recipe.authority, recipe.pathLength));
  if (recipe.keyUsage !== undefined)
    extensions.push(derExtension('551d0f', der(0x03, Uint8Array.of(0, recipe.keyUsage))));
  const signedPart = der(
    0x30,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of(1, 2, 3)),
    algorithm,
    recipe.issuer?.subject ?? subject,
    der(0x30, derTime(recipe.notBefore ?? '20200101000000Z'), derTime(recipe.notAfter ?? '21200101000000Z')),
    subject,
    recipe.publicKeyInfo ?? publicKeyInfo(privateKey),
    ...(extensions.length === 0 ? [] : [der(0xa3, der(0x30, ...extensions))]),
  );
  const signature = createSign(sha1 ? 'SHA1' : 'SHA256')
    .update(signedPart)
    .sign(recipe.signingKey ?? recipe.issuer?.privateKey ?? privateKey);
  const certificate = der(0x30, signedPart, algorithm, der(0x03, Uint8Array.of(0), signature));
  return { der: certificate, pem: toPem(certificate), privateKey, subject };
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

export function makeKey(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

export function toPem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  if (body.length < 0x80) return concatBytes(Uint8Array.of(tag, body.length), body);
  if (body.length < 0x100) return concatBytes(Uint8Array.of(tag, 0x81, body.length), body);
  return concatBytes(Uint8Array.of(tag, 0x82, body.length >> 8, body.length & 0xff), body);
}

export function derName(commonName: string, organizationalUnit: string, stringTag = 0x0c): Uint8Array {
  const attribute = (type: string, text: string) =>
    der(0x31, der(0x30, der(0x06, fromHex(type)), der(stringTag, utf8Bytes(text))));
  return der(
    0x30,
    attribute('550403', commonName),
    attribute('55040a', 'fisco-bcos'),
    attribute('55040b', organizationalUnit),
  );
}

export function derExtension(id: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [der(0x01, Uint8Array.of(0xff))] : [];
  return der(0x30, der(0x06, fromHex(id)), ...flag, der(0x04, value));
}

function basicConstraints(authority: boolean, pathLength: number | undefined): Uint8Array {
  const flag = authority ? [der(0x01, Uint8Array.of(0xff))] : [];
  const limit = pathLength === undefined ? [] : [der(0x02, Uint8Array.of(pathLength))];
  return derExtension('551d13', der(0x30, ...flag, ...limit));
}

/** @param text as GeneralizedTime; years that UTCTime can hold are written as UTCTime, as the rules want */
function derTime(text: string): Uint8Array {
  const year = Number(text.slice(0, 4));
  return year >= 2050 || year < 1950 ? der(0x18, utf8Bytes(text)) : der(0x17, utf8Bytes(text.slice(2)));
}

function publicKeyInfo(privateKey: KeyObject): Uint8Array {
  const jwk = privateKey.export({ format: 'jwk' });
  const point = concatBytes(
    Uint8Array.of(4),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from(jwk.y ?? '', 'base64url'),
  );
  const curve = jwk.crv === 'secp256k1' ? '2b8104000a' : '2a8648ce3d030107';
  return der(
    0x30,
    der(0x30, der(0x06, fromHex('2a8648ce3d0201')), der(0x06, fromHex(curve))),
    der(0x03, Uint8Array.of(0), point),
  );
}
