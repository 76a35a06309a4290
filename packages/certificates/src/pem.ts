import { failure, success, type Result } from '@menglian/base/result';

/** Four certificates of the largest size, in base64, with room for the text that tools put between them. */
export const MAX_PEM_CHARACTERS = 32_768;
/** A certificate of this consortium takes 500 to 700 bytes, one with an RSA key of 4096 bits 1,500. */
const MAX_CERTIFICATE_BYTES = 4096;

export type PemReason = 'TooLarge' | 'NotPem' | 'NoCertificate' | 'TooManyCertificates';

const LABEL = /^-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The certificates of a PEM text in their order, as DER. Lines outside the blocks are skipped, as every tool does; a
 * block that is not a certificate is refused, because a chain goes to strangers and a private key must not.
 */
export function readPemCertificates(text: string, maxCertificates: number): Result<Uint8Array[], PemReason> {
  if (text.length > MAX_PEM_CHARACTERS) return failure('TooLarge');
  const certificates: Uint8Array[] = [];
  let body: string | undefined;
  for (const rawLine of text.split('\n')) {
    const line = rawLine.trim();
    const label = LABEL.exec(line);
    if (label === null) {
      if (body !== undefined) body += line;
      continue;
    }
    if (label[2] !== 'CERTIFICATE' || (label[1] === 'BEGIN') !== (body === undefined)) return failure('NotPem');
    if (body === undefined) {
      if (certificates.length === maxCertificates) return failure('TooManyCertificates');
      body = '';
      continue;
    }
    const der = decodeBase64(body);
    if (der === undefined) return failure('NotPem');
    if (der.length > MAX_CERTIFICATE_BYTES) return failure('TooLarge');
    certificates.push(der);
    body = undefined;
  }
  if (body !== undefined) return failure('NotPem');
  return certificates.length === 0 ? failure('NoCertificate') : success(certificates);
}

/** Strict where Buffer is lenient: no foreign characters, whole groups, no stray bits. */
function decodeBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
