import { failure, success, type Result } from '@menglian/base/result';

/** Four certificates of the largest size, in base64, with room for the text that tools put between them. */
export const MAX_PEM_CHARACTERS = 32_768;
/** A certificate of this consortium takes 500 to 700 bytes, one with an RSA key of 4096 bits 1,500. */
export const MAX_CERTIFICATE_BYTES = 4096;

export type PemReason = 'TooLarge' | 'NotPem' | 'NoCertificate' | 'TooManyCertificates';

/** What stands between `BEGIN` and `END`. */
export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

const LABEL = /^-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LINE_CHARACTERS = /.{1,64}/g;

/** The blocks of a PEM text in their order. Lines outside of them are skipped, as every tool does. */
export function readPemBlocks(text: string, maxBlocks: number): Result<PemBlock[], 'TooLarge' | 'NotPem' | 'TooMany'> {
  if (text.length > MAX_PEM_CHARACTERS) return failure('TooLarge');
  const blocks: PemBlock[] = [];
  let open: { label: string; body: string } | undefined;
  for (const rawLine of text.split('\n')) {
    const line = rawLine.trim();
    const [, edge, label = ''] = LABEL.exec(line) ?? [];
    if (edge === undefined) {
      if (open !== undefined) open.body += line;
    } else if (edge === 'BEGIN') {
      if (open !== undefined) return failure('NotPem');
      if (blocks.length === maxBlocks) return failure('TooMany');
      open = { label, body: '' };
    } else {
      const der = open?.label === label ? decodeBase64(open.body) : undefined;
      if (der === undefined) return failure('NotPem');
      blocks.push({ label, der });
      open = undefined;
    }
  }
  return open === undefined ? success(blocks) : failure('NotPem');
}

/**
 * The certificates of a PEM text in their order, as DER. A block that is not a certificate is refused, because a chain
 * goes to strangers and a private key must not.
 */
export function readPemCertificates(text: string, maxCertificates: number): Result<Uint8Array[], PemReason> {
  const blocks = readPemBlocks(text, maxCertificates);
  if (!blocks.ok) return failure(blocks.reason === 'TooMany' ? 'TooManyCertificates' : blocks.reason);
  if (blocks.value.some(({ label }) => label !== 'CERTIFICATE')) return failure('NotPem');
  const certificates = blocks.value.map(({ der }) => der);
  if (certificates.some((der) => der.length > MAX_CERTIFICATE_BYTES)) return failure('TooLarge');
  return certificates.length === 0 ? failure('NoCertificate') : success(certificates);
}

/** One block, in lines of 64 characters. */
export function pemText(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').match(LINE_CHARACTERS) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Strict where Buffer is lenient: no foreign characters, whole groups, no stray bits. */
function decodeBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}
