/** The authority at the top of a chain: a new one, or the one in the folder of -k or -K. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import {
  hasAuthorityKey,
  namesIssuer,
  readCertificate,
  signatureHolds,
  type Certificate,
  type CertificateFamily,
} from '@menglian/certificates/certificate';
import { KEY_USAGE } from '@menglian/certificates/certificateFields';
import type { KeyedCertificate, ValidityPeriod } from '@menglian/certificates/createCertificate';
import { issueChainAuthority, issueSmChainAuthority } from '@menglian/certificates/issue';
import { readPemCertificates } from '@menglian/certificates/pem';
import { readPrivateKey } from '@menglian/certificates/privateKey';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { shown } from './hostList.js';

export interface ChainAuthority extends KeyedCertificate {
  /** What nodes trust: its own certificate, or that of an authority above it. */
  readonly rootPem: string;
}

interface FamilyNames {
  readonly option: string;
  readonly key: string;
  readonly certificate: string;
  readonly root: string;
  readonly example: string;
  /** Kinds of authority keys that nodes accept. */
  readonly kinds: string;
}

const NAMES: Readonly<Record<CertificateFamily, FamilyNames>> = {
  standard: {
    option: '-k',
    key: 'ca.key',
    certificate: 'ca.crt',
    root: 'root.crt',
    example: '-l 127.0.0.1:4 -k cert',
    kinds: 'secp256k1, prime256v1, secp384r1, secp521r1, RSA 2048–8192',
  },
  sm: {
    option: '-K',
    key: 'gmca.key',
    certificate: 'gmca.crt',
    root: 'gmroot.crt',
    example: '-l 127.0.0.1:4 -g -K gmcert',
    kinds: 'SM2',
  },
};

/** More than the certificate and those above it. */
const MAX_FILE_CERTIFICATES = 4;

/**
 * @param folder with `ca.key`, `ca.crt` and, where the authority has a superior, `root.crt`, or `gmca.key`, `gmca.crt`,
 *   `gmroot.crt` for SM; undefined for a new authority
 */
export async function chainAuthority(
  family: CertificateFamily,
  folder: string | undefined,
  validity: ValidityPeriod,
): Promise<Result<ChainAuthority, ChainProblem>> {
  if (folder !== undefined) return readAuthority(family, folder);
  const authority = family === 'sm' ? issueSmChainAuthority(validity) : await issueChainAuthority(validity);
  return success({ ...authority, rootPem: authority.certificatePem });
}

function readAuthority(family: CertificateFamily, folder: string): Result<ChainAuthority, ChainProblem> {
  const names = NAMES[family];
  const place = `${names.option} ${shown(folder)}`;
  const problem = (en: string, zh: string) =>
    failure(chainProblem(`${place}: ${en}`, `${place}：${zh}`, names.example));
  let certificatePem: string;
  let privateKeyPem: string;
  let rootPem: string;
  try {
    certificatePem = readLines(join(folder, names.certificate));
    privateKeyPem = readLines(join(folder, names.key));
    rootPem = existsSync(join(folder, names.root)) ? readLines(join(folder, names.root)) : certificatePem;
  } catch {
    return problem(
      `needs the files ${names.key} and ${names.certificate} in PEM form`,
      `需要 PEM 格式的 ${names.key} 和 ${names.certificate}`,
    );
  }
  const unreadable = (name: string, reason: string) =>
    problem(`${name} is not a certificate in PEM form: ${reason}`, `${name} 不是 PEM 格式的证书（${reason}）`);
  const certificate = firstCertificate(certificatePem);
  if (!certificate.ok) return unreadable(names.certificate, certificate.reason);
  const root = firstCertificate(rootPem);
  if (!root.ok) return unreadable(names.root, root.reason);
  const belongs = keyBelongs(privateKeyPem, certificate.value);
  if (belongs === undefined) {
    return problem(`${names.key} is not an unencrypted private key in PEM form`, `${names.key} 不是未加密的 PEM 私钥`);
  }
  const isSm = certificate.value.key.kind === 'sm2';
  if (isSm !== (family === 'sm') || !hasAuthorityKey(certificate.value)) {
    return problem(
      `nodes take no authority with this kind of key (${certificate.value.key.kind}); it may be ${names.kinds}`,
      `节点不接受此类密钥（${certificate.value.key.kind}），可用 ${names.kinds}`,
    );
  }
  if (!belongs) {
    return problem(
      `${names.key} does not belong to ${names.certificate}`,
      `${names.key} 与 ${names.certificate} 不匹配`,
    );
  }
  const { isAuthority, keyUsage, notBeforeMs, notAfterMs } = certificate.value.fields;
  if (!isAuthority || (keyUsage !== undefined && (keyUsage & KEY_USAGE.certificateSign) === 0)) {
    return problem(`the holder of ${names.certificate} is no authority`, `${names.certificate} 不是 CA 证书`);
  }
  const now = Date.now();
  if (notAfterMs < now) {
    const end = new Date(notAfterMs).toISOString();
    return problem(`${names.certificate} expired on ${end}`, `${names.certificate} 已于 ${end} 过期`);
  }
  if (notBeforeMs > now) {
    const start = new Date(notBeforeMs).toISOString();
    return problem(`${names.certificate} is not valid before ${start}`, `${names.certificate} 在 ${start} 之前无效`);
  }
  // An authority below another may be trusted by itself; only a root that is named must have signed it.
  const isSigned = namesIssuer(certificate.value, root.value) && signatureHolds(certificate.value, root.value);
  if (rootPem !== certificatePem && !isSigned) {
    return problem(`${names.root} has not signed ${names.certificate}`, `${names.root} 并未签发 ${names.certificate}`);
  }
  return success({ certificatePem, privateKeyPem, rootPem });
}

/** Other files are appended to these, so they must end with their line. */
function readLines(path: string): string {
  return `${readFileSync(path, 'utf8').trimEnd()}\n`;
}

function firstCertificate(pem: string): Result<Certificate> {
  const ders = readPemCertificates(pem, MAX_FILE_CERTIFICATES);
  return ders.ok ? readCertificate(ders.value[0]!) : ders;
}

/** @returns undefined when the text is not an unencrypted private key */
function keyBelongs(keyPem: string, { key, x509 }: Certificate): boolean | undefined {
  const read = readPrivateKey(keyPem);
  if (read.ok && read.value.algorithm === 'sm2') {
    return key.kind === 'sm2' && key.point !== undefined && equalBytes(key.point, read.value.publicKey);
  }
  try {
    const privateKey = createPrivateKey(keyPem);
    return x509 !== undefined && x509.checkPrivateKey(privateKey);
  } catch {
    return undefined;
  }
}
