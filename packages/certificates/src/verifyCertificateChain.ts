/** Who may connect: holders of a certificate below the consortium's authority. */
import { toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import { isSm2PublicKey } from '@menglian/crypto/sm2';
import type { NodeId } from '@menglian/types/address';
import { certificateName, type Certificate } from './certificate.js';
import { KEY_USAGE } from './certificateFields.js';
import type { CertificateFault, CertificateReason } from './certificateReason.js';
import { readDistinguishedName } from './distinguishedName.js';
import { readChain, readTrustAnchors, validatePath, type CertificatePath } from './pathValidation.js';
import type { NodeKeyAlgorithm } from './publicKeyInfo.js';

/** Whose certificate it is. */
export interface CertifiedHolder {
  readonly algorithm: NodeKeyAlgorithm;
  /** 64 bytes X ‖ Y */
  readonly publicKey: Uint8Array;
  /** Common name of the holder. */
  readonly commonName: string;
  readonly organizationalUnits: readonly string[];
  /** Common name of the authority that signed the certificate. */
  readonly agency: string;
}

export interface CertifiedNode {
  readonly algorithm: NodeKeyAlgorithm;
  readonly nodeId: NodeId;
  /** Common name of the authority that signed the node's certificate. */
  readonly agency: string;
  /** Common name of the node. */
  readonly commonName: string;
}

/** What the key of a certificate is for: a certificate without key usage may be used for either. */
export type CertificateUse = 'signing' | 'encryption';

/** Organizational units of certificates for clients. */
const CLIENT_UNITS = new Set(['sdk', 'ensdk']);
const ENCRYPTION_USAGE = KEY_USAGE.keyEncipherment | KEY_USAGE.dataEncipherment | KEY_USAGE.keyAgreement;

/**
 * Checks what a node presents: its certificate first, each signed by the next, up to an authority that is trusted here.
 *
 * @param pemChain text of `node.crt` or `gmnode.crt`: leaf, agency, chain authority (which may be left out)
 * @param caPems texts of trusted authorities (`ca.crt`, `gmca.crt`); each may hold several
 * @param nowMs the time at which all of them must be valid
 */
export function verifyCertificateChain(
  pemChain: string,
  caPems: readonly string[],
  nowMs: number,
): Result<CertifiedNode, CertificateReason> {
  const judged = judgeCertificateChain(pemChain, caPems, nowMs);
  return judged.ok ? judged : failure(judged.reason.reason);
}

/** Like `verifyCertificateChain`, with a sentence that says what is wrong with which certificate. */
export function judgeCertificateChain(
  pemChain: string,
  caPems: readonly string[],
  nowMs: number,
): Result<CertifiedNode, CertificateFault> {
  const anchors = readTrustAnchors(caPems);
  if (!anchors.ok) return anchors;
  const chain = readChain(pemChain);
  if (!chain.ok) return chain;
  const holder = verifyHolder(chain.value, anchors.value, 'signing', nowMs);
  if (!holder.ok) return holder;
  // The agency signs its clients with the same key: one that was stolen must not become a peer.
  if (holder.value.organizationalUnits.some((unit) => CLIENT_UNITS.has(unit))) {
    return failure({
      reason: 'LeafIsClient',
      sentence: `the certificate of ${holder.value.commonName} belongs to a client, not to a node`,
    });
  }
  const { algorithm, publicKey, agency, commonName } = holder.value;
  return success({ algorithm, nodeId: toHex(publicKey), agency, commonName });
}

/** @param chain the holder's certificate first, then those above it as far as they are known */
export function verifyHolder(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  use: CertificateUse,
  nowMs: number,
): Result<CertifiedHolder, CertificateFault> {
  const path = validatePath(chain, anchors, nowMs);
  return path.ok ? identify(path.value, use) : path;
}

function identify(path: CertificatePath, use: CertificateUse): Result<CertifiedHolder, CertificateFault> {
  const [leaf, issuer] = path as readonly [Certificate, Certificate];
  const { fields, key } = leaf;
  const fault = (reason: CertificateReason, sentence: string) =>
    failure({ reason, sentence: `${certificateName(leaf, 0)} ${sentence}` });
  if (fields.isAuthority) return fault('LeafIsAuthority', "is an authority's");
  const wanted = use === 'signing' ? KEY_USAGE.digitalSignature : ENCRYPTION_USAGE;
  if (fields.keyUsage !== undefined && (fields.keyUsage & wanted) === 0) {
    return fault('LeafKeyUsage', `is not for ${use}: its key usage does not say so`);
  }
  if (key.kind !== 'sm2' && (key.kind !== 'secp256k1' || key.point === undefined)) {
    return fault('NotSecp256k1', `has a key of the kind ${key.kind}, not an uncompressed one on secp256k1 or sm2`);
  }
  if (key.point === undefined || (key.kind === 'sm2' && !isSm2PublicKey(key.point))) {
    return fault('BadPublicKey', 'has a key that is no uncompressed point of the curve');
  }
  const subject = readDistinguishedName(fields.subject);
  const agency = readDistinguishedName(issuer.fields.subject);
  if (subject === undefined) return fault('BadName', 'has a common name that is missing, doubled or no plain text');
  if (agency === undefined)
    return fault('BadName', 'has an issuer whose common name is missing, doubled or no plain text');
  return success({
    algorithm: key.kind as NodeKeyAlgorithm,
    publicKey: key.point,
    commonName: subject.commonName,
    organizationalUnits: subject.organizationalUnits,
    agency: agency.commonName,
  });
}
