import { X509Certificate } from 'node:crypto';
import { toHex } from '@menglian/base/bytes';

/** What a session knows about who it is with. */
export interface ClientCertificate {
  /** 128 hexadecimal digits; undefined where the certificate says nothing about what it is for, as RSA ones of 2.x */
  readonly publicKey: string | undefined;
}

/**
 * Looks at a client's certificate after its chain was checked (docs/channel.md, "Certificates").
 * @param der of the leaf. @param issuer of the node's own certificate, or undefined where any will do
 * @returns undefined when the client is of another agency
 */
export function readClientCertificate(der: Buffer, issuer: string | undefined): ClientCertificate | undefined {
  const certificate = new X509Certificate(der);
  // Certificates without basic constraints are those of RSA channels: 2.x compares nothing there, and neither do we.
  if (!der.includes(BASIC_CONSTRAINTS) || certificate.ca) return { publicKey: undefined };
  if (issuer !== undefined && certificate.issuer !== issuer) return undefined;
  return { publicKey: curvePoint(certificate) };
}

/** Object identifier 2.5.29.19 in DER. */
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');

function curvePoint({ publicKey }: X509Certificate): string | undefined {
  if (publicKey.asymmetricKeyType !== 'ec') return undefined;
  const { x, y } = publicKey.export({ format: 'jwk' });
  return toHex(Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]));
}
