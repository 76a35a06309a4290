/**
 * A member's own keys and certificates, from the text of its files. Everything is checked together and before it is used,
 * and what is wrong is told with the name of the file.
 */
import { equalBytes, toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { certificateName, type Certificate } from './certificate.js';
import { KEY_USAGE } from './certificateFields.js';
import { readChain, readTrustAnchors } from './pathValidation.js';
import { readPrivateKey, type PrivateKey } from './privateKey.js';
import type { NodeKeyAlgorithm } from './publicKeyInfo.js';
import { verifyPair } from './smPair.js';
import { judgeCertificateChain, type CertifiedHolder, type CertifiedNode } from './verifyCertificateChain.js';

/** A file that was read. */
export interface NamedText {
  /** As people shall see it. */
  readonly path: string;
  readonly text: string;
}

export interface NodeFileTexts {
  /** `node.key` or `gmnode.key` */
  readonly key: NamedText;
  /** `node.crt` or `gmnode.crt` */
  readonly certificate: NamedText;
  /** `ca.crt` or `gmca.crt` */
  readonly authority: NamedText;
}

export interface NodeCredentials {
  readonly key: PrivateKey;
  readonly node: CertifiedNode;
}

/** The files of a pair; `signing` is `gmnode`, `encryption` is `gmennode`, or `gmsdk` and `gmensdk`. */
export interface SmPairTexts {
  readonly signingKey: NamedText;
  readonly signingCertificate: NamedText;
  readonly encryptionKey: NamedText;
  readonly encryptionCertificate: NamedText;
  readonly authority: NamedText;
}

export interface SmCredentials {
  readonly signingKey: PrivateKey;
  readonly encryptionKey: PrivateKey;
  readonly signing: CertifiedHolder;
  readonly encryption: CertifiedHolder;
  /** What is shown to the other side, as DER: signing, encryption, then those above them. */
  readonly shown: readonly Uint8Array[];
  /** For `verifyShownPair`. */
  readonly anchors: readonly Certificate[];
}

/**
 * @param algorithm that of the chain ([chain] sm_crypto)
 * @returns the identity, or a sentence that names the file and the cause
 */
export function readNodeCredentials(
  files: NodeFileTexts,
  algorithm: NodeKeyAlgorithm,
  nowMs: number,
): Result<NodeCredentials> {
  const key = readKeyFile(files.key, algorithm);
  if (!key.ok) return key;
  const node = judgeCertificateChain(files.certificate.text, [files.authority.text], nowMs);
  if (!node.ok) {
    const file = node.reason.reason === 'BadTrustAnchor' ? files.authority : files.certificate;
    return failure(`${file.path}: ${node.reason.sentence}`);
  }
  if (node.value.algorithm !== algorithm) {
    return failure(
      `${files.certificate.path} is for a key on ${node.value.algorithm}, and this chain needs ${algorithm}`,
    );
  }
  if (node.value.nodeId !== toHex(key.value.publicKey)) {
    return failure(`${files.certificate.path} does not belong to the key ${files.key.path}`);
  }
  return success({ key: key.value, node: node.value });
}

/** @returns keys and certificates of a server or client of TLCP, or a sentence that names the file and the cause */
export function readSmCredentials(files: SmPairTexts, nowMs: number): Result<SmCredentials> {
  const signingKey = readKeyFile(files.signingKey, 'sm2');
  if (!signingKey.ok) return signingKey;
  const encryptionKey = readKeyFile(files.encryptionKey, 'sm2');
  if (!encryptionKey.ok) return encryptionKey;
  if (equalBytes(signingKey.value.key, encryptionKey.value.key)) {
    return failure(
      `${files.encryptionKey.path} holds the same key as ${files.signingKey.path}; each use needs its own`,
    );
  }
  const anchors = readTrustAnchors([files.authority.text]);
  if (!anchors.ok) return failure(`${files.authority.path}: ${anchors.reason.sentence}`);
  const signing = readSmChain(files.signingCertificate);
  if (!signing.ok) return signing;
  const encryption = readSmChain(files.encryptionCertificate);
  if (!encryption.ok) return encryption;
  const misplaced = misplacedFile(files, {
    keys: [signingKey.value, encryptionKey.value],
    certificates: [signing.value[0]!, encryption.value[0]!],
  });
  if (misplaced !== undefined) return failure(misplaced);
  // 2.x writes those above a pair into the file of the signing certificate only.
  const superiors = signing.value.slice(1);
  const decrypter = encryption.value.length > 1 ? encryption.value : [...encryption.value, ...superiors];
  const pair = verifyPair(signing.value, decrypter, anchors.value, nowMs);
  if (!pair.ok) {
    const { of, sentence } = pair.reason;
    const file = of === 'encryption' ? files.encryptionCertificate : files.signingCertificate;
    return failure(`${file.path}: ${sentence}`);
  }
  return success({
    signingKey: signingKey.value,
    encryptionKey: encryptionKey.value,
    ...pair.value,
    shown: [signing.value[0]!, encryption.value[0]!, ...superiors].map(({ der }) => der),
    anchors: anchors.value,
  });
}

/** What people get wrong most: files of a pair in each other's place. Only a hint is wrong here, nothing is let in. */
function misplacedFile(
  files: SmPairTexts,
  { keys, certificates }: { readonly keys: readonly PrivateKey[]; readonly certificates: readonly Certificate[] },
): string | undefined {
  const [signing, encryption] = certificates as [Certificate, Certificate];
  if (!isForSigning(signing) && isForSigning(encryption)) {
    const [first, second] = [files.signingCertificate.path, files.encryptionCertificate.path];
    return `${first} holds the certificate for encryption and ${second} the one for signing: exchange them`;
  }
  const keyPaths = [files.signingKey.path, files.encryptionKey.path];
  const paths = [files.signingCertificate.path, files.encryptionCertificate.path];
  for (const [index, { key }] of certificates.entries()) {
    const owner = keys.findIndex(({ publicKey }) => key.point !== undefined && equalBytes(publicKey, key.point));
    if (owner === index) continue;
    const mismatch = `${paths[index]} does not belong to the key ${keyPaths[index]}`;
    return owner < 0 ? mismatch : `${mismatch}, but to ${keyPaths[owner]}`;
  }
  return undefined;
}

function isForSigning({ fields }: Certificate): boolean {
  return fields.keyUsage === undefined || (fields.keyUsage & KEY_USAGE.digitalSignature) !== 0;
}

function readSmChain(file: NamedText): Result<Certificate[]> {
  const chain = readChain(file.text);
  if (!chain.ok) return failure(`${file.path}: ${chain.reason.sentence}`);
  const { key } = chain.value[0]!;
  if (key.kind === 'sm2') return chain;
  return failure(`${file.path}: ${certificateName(chain.value[0]!, 0)} has a key of the kind ${key.kind}, not sm2`);
}

function readKeyFile(file: NamedText, algorithm: NodeKeyAlgorithm): Result<PrivateKey> {
  const key = readPrivateKey(file.text);
  if (!key.ok) return failure(`${file.path} ${key.reason}`);
  if (key.value.algorithm === algorithm) return key;
  return failure(`${file.path} holds a key on ${key.value.algorithm}, and this chain needs ${algorithm}`);
}
