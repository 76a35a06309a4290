/** The kinds of certificates of a consortium: chain authority → agency → node and SDK, and those of the channel port. */
import {
  createCertificate,
  type CertificateProfile,
  type KeyedCertificate,
  type Subject,
  type ValidityPeriod,
} from './createCertificate.js';
import { generateChainKey, generateChannelKey, generateSmKey, type CertificateKey } from './keys.js';

/** What a member of an SM chain has: one certificate for signing and one for encryption, with a key each. */
export interface SmPair {
  readonly signing: KeyedCertificate;
  readonly encryption: KeyedCertificate;
}

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
  const subject = { commonName: 'chain', organizationalUnit: 'chain' };
  return issue('itself', subject, await generateChainKey(), 'root', validity);
}

/** The authority of one organization. @param name 1 to 64 characters, common name of the certificate */
export async function issueAgency(
  chainAuthority: KeyedCertificate,
  name: string,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  const subject = { commonName: name, organizationalUnit: 'agency' };
  return issue(chainAuthority, subject, await generateChainKey(), 'authority', validity);
}

/** A node. @param authority its agency, or the chain authority itself */
export async function issueNode(
  authority: KeyedCertificate,
  commonName: string,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  return issue(authority, { commonName, organizationalUnit: 'node' }, await generateChainKey(), 'member', validity);
}

/** A client of the channel port, where that port uses certificates of the chain. */
export async function issueSdk(authority: KeyedCertificate, validity: ValidityPeriod): Promise<KeyedCertificate> {
  const subject = { commonName: 'sdk', organizationalUnit: 'sdk' };
  return issue(authority, subject, await generateChainKey(), 'member', validity);
}

/** The RSA authority of one organization for its channel ports; it stands beside the chain, not below it. */
export async function issueChannelAuthority(agencyName: string, validity: ValidityPeriod): Promise<KeyedCertificate> {
  const subject = { commonName: agencyName, organizationalUnit: 'chain' };
  return issue('itself', subject, await generateChannelKey(), 'root', validity);
}

/** A node's or client's RSA certificate for the channel port. Both are the same but for the key. */
export async function issueChannelCertificate(
  channelAuthority: KeyedCertificate,
  validity: ValidityPeriod,
): Promise<KeyedCertificate> {
  const subject = { commonName: 'FISCO-BCOS', organizationalUnit: 'agency' };
  return issue(channelAuthority, subject, await generateChannelKey(), 'bare', validity);
}

/** The authority of an SM chain, signed by itself. */
export function issueSmChainAuthority(validity: ValidityPeriod): KeyedCertificate {
  const subject = { commonName: 'gmchain', organizationalUnit: 'chain' };
  return issue('itself', subject, generateSmKey(), 'smAuthority', validity);
}

/** @param name as for `issueAgency`; 2.x adds `-gm` to the name that people gave */
export function issueSmAgency(
  chainAuthority: KeyedCertificate,
  name: string,
  validity: ValidityPeriod,
): KeyedCertificate {
  const subject = { commonName: name, organizationalUnit: 'agency' };
  return issue(chainAuthority, subject, generateSmKey(), 'smAuthority', validity);
}

/** A node of an SM chain. @param authority its agency, or the chain authority itself */
export function issueSmNode(authority: KeyedCertificate, commonName: string, validity: ValidityPeriod): SmPair {
  return issueSmPair(authority, commonName, 'node', validity);
}

/** A client of the channel port of SM chains. */
export function issueSmSdk(authority: KeyedCertificate, validity: ValidityPeriod): SmPair {
  return issueSmPair(authority, 'sdk', 'sdk', validity);
}

function issueSmPair(
  authority: KeyedCertificate,
  commonName: string,
  unit: 'node' | 'sdk',
  validity: ValidityPeriod,
): SmPair {
  const signing = { commonName, organizationalUnit: unit };
  const encryption = { commonName, organizationalUnit: `en${unit}` };
  return {
    signing: issue(authority, signing, generateSmKey(), 'smSigning', validity),
    encryption: issue(authority, encryption, generateSmKey(), 'smEncryption', validity),
  };
}

function issue(
  issuer: KeyedCertificate | 'itself',
  subject: Subject,
  key: CertificateKey,
  profile: CertificateProfile,
  validity: ValidityPeriod,
): KeyedCertificate {
  const certificatePem = createCertificate({ subject, key, profile, validity, issuer });
  return { certificatePem, privateKeyPem: key.privateKeyPem };
}
