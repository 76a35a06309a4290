/** The authority at the top of a chain: a new one, or the one in the folder of -k. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import type { KeyedCertificate, ValidityPeriod } from '@menglian/certificates/createCertificate';
import { issueChainAuthority } from '@menglian/certificates/issue';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { shown } from './hostList.js';

export interface ChainAuthority extends KeyedCertificate {
  /** What nodes trust: its own certificate, or that of an authority above it. */
  readonly rootPem: string;
}

/** Kinds of authority keys that nodes accept (`verifyCertificateChain` of network). */
const CURVES = ['secp256k1', 'prime256v1', 'secp384r1', 'secp521r1'];
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

/** @param folder with `ca.key`, `ca.crt` and, where the authority has a superior, `root.crt`; undefined for a new one */
export async function chainAuthority(
  folder: string | undefined,
  validity: ValidityPeriod,
): Promise<Result<ChainAuthority, ChainProblem>> {
  if (folder !== undefined) return readAuthority(folder);
  const authority = await issueChainAuthority(validity);
  return success({ ...authority, rootPem: authority.certificatePem });
}

function readAuthority(folder: string): Result<ChainAuthority, ChainProblem> {
  const problem = (en: string, zh: string) =>
    failure(chainProblem(`-k ${shown(folder)}: ${en}`, `-k ${shown(folder)}：${zh}`, '-l 127.0.0.1:4 -k cert'));
  let certificatePem: string;
  let privateKeyPem: string;
  let rootPem: string;
  try {
    certificatePem = readLines(join(folder, 'ca.crt'));
    privateKeyPem = readLines(join(folder, 'ca.key'));
    rootPem = existsSync(join(folder, 'root.crt')) ? readLines(join(folder, 'root.crt')) : certificatePem;
  } catch {
    return problem('needs the files ca.key and ca.crt in PEM form', '需要 PEM 格式的 ca.key 和 ca.crt');
  }
  const certificate = parse(() => new X509Certificate(certificatePem));
  const root = parse(() => new X509Certificate(rootPem));
  const key = parse(() => createPrivateKey(privateKeyPem));
  if (certificate === undefined)
    return problem('ca.crt is not a certificate in PEM form', 'ca.crt 不是 PEM 格式的证书');
  if (root === undefined) return problem('root.crt is not a certificate in PEM form', 'root.crt 不是 PEM 格式的证书');
  if (key === undefined) {
    return problem('ca.key is not an unencrypted private key in PEM form', 'ca.key 不是未加密的 PEM 私钥');
  }
  if (!isSupportedKey(key)) {
    const kinds = `${CURVES.join(', ')}, RSA ${MIN_RSA_BITS}–${MAX_RSA_BITS}`;
    return problem(
      `nodes take no authority with this kind of key; it may be ${kinds}`,
      `节点不接受此类密钥，可用 ${kinds}`,
    );
  }
  if (!certificate.checkPrivateKey(key)) {
    return problem('ca.key does not belong to ca.crt', 'ca.key 与 ca.crt 不匹配');
  }
  if (!certificate.ca) return problem('the holder of ca.crt is no authority', 'ca.crt 不是 CA 证书');
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now) {
    return problem(`ca.crt expired on ${certificate.validTo}`, `ca.crt 已于 ${certificate.validTo} 过期`);
  }
  if (Date.parse(certificate.validFrom) > now) {
    return problem(
      `ca.crt is not valid before ${certificate.validFrom}`,
      `ca.crt 在 ${certificate.validFrom} 之前无效`,
    );
  }
  // An authority below another may be trusted by itself; only a root that is named must have signed it.
  if (rootPem !== certificatePem && !(certificate.checkIssued(root) && certificate.verify(root.publicKey))) {
    return problem('root.crt has not signed ca.crt', 'root.crt 并未签发 ca.crt');
  }
  return success({ certificatePem, privateKeyPem, rootPem });
}

/** Other files are appended to these, so they must end with their line. */
function readLines(path: string): string {
  return `${readFileSync(path, 'utf8').trimEnd()}\n`;
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isSupportedKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { namedCurve = '', modulusLength = 0 } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'ec') return CURVES.includes(namedCurve);
  return asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS;
}
