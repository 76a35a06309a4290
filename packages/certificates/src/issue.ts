/** The kinds of certificates of a consortium: chain authority → agency → node and SDK, and those of the channel port. */
import { createPublicKey } from 'node:crypto';
import {
  createCertificate,
  type CertificateProfile,
  type KeyedCertificate,
  type Subject,
  type ValidityPeriod,
} from './createCertificate.js';
import { generateChainKey, generateChannelKey, privateKeyPem } from './keys.js';

const MS_PER_DAY = 86_400_000;
const BACKDATING_MS = 3_600_000;

/**
 * `days` from now. The start lies an hour back, because the clock of a node that gets the certificate next may be behind
 * ours, and would refuse it as not yet valid.
 */
export function validityOfDays(days: number, nowMs: number): ValidityPeriod {
  return { notBefore: new Date(nowMs - BACKDATING_MS), notAfter: new Date(nowMs + days * MS_PER_DAY) };
}

/** The consortium's own authority, signed by itself. */
export async function issueChainAuthority(validity: ValidityPeriod): Promise<KeyedCertificate> {
  const key = await generateChainKey();
  const subject = { commonName: 'chain', organizationalUnit: 'chain' };
  const certificatePem = createCertificate({
    subject,
    publicKey: createPublicKey(key),
    profile: 'root',
    validity,
    issuer: { selfSignedWith: key },
  });
  return { certificatePem, privateKeyPem: privateKeyPem(key) };
}

/** The authority of one organization. @param name 1 to 64 characters, common name of the certificate */
export function issueAgency(
  chainAuthority: KeyedCertificate,
  name: string,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  return issueBelow(chainAuthority, { commonName: name, organizationalUnit: 'agency' }, 'authority', validity);
}

/** A node. @param authority its agency, or the chain authority itself */
export function issueNode(
  authority: KeyedCertificate,
  commonName: string,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  return issueBelow(authority, { commonName, organizationalUnit: 'node' }, 'member', validity);
}

/** A client of the channel port, where that port uses certificates of the chain. */
export function issueSdk(authority: KeyedCertificate, validity: ValidityPeriod): Promise<KeyedCertificate> {
  return issueBelow(authority, { commonName: 'sdk', organizationalUnit: 'sdk' }, 'member', validity);
}

async function issueBelow(
  issuer: KeyedCertificate,
  subject: Subject,
  profile: CertificateProfile,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  const key = await generateChainKey();
  const certificatePem = createCertificate({ subject, publicKey: createPublicKey(key), profile, validity, issuer });
  return { certificatePem, privateKeyPem: privateKeyPem(key) };
}

/** The RSA authority of one organization for its channel ports; it stands beside the chain, not below it. */
export async function issueChannelAuthority(agencyName: string, validity: ValidityPeriod): Promise<KeyedCertificate> {
  const key = await generateChannelKey();
  const certificatePem = createCertificate({
    subject: { commonName: agencyName, organizationalUnit: 'chain' },
    publicKey: createPublicKey(key),
    profile: 'root',
    validity,
    issuer: { selfSignedWith: key },
  });
  return { certificatePem, privateKeyPem: privateKeyPem(key) };
}

/** A node's or client's RSA certificate for the channel port. Both are the same but for the key. */
export async function issueChannelCertificate(
  channelAuthority: KeyedCertificate,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  const key = await generateChannelKey();
  const certificatePem = createCertificate({
    subject: { commonName: 'FISCO-BCOS', organizationalUnit: 'agency' },
    publicKey: createPublicKey(key),
    profile: 'bare',
    validity,
    issuer: channelAuthority,
  });
  return { certificatePem, privateKeyPem: privateKeyPem(key) };
}
