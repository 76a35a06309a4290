/** The files of a chain that only SM chains have, by the names of 2.x. Pure. */
import { serialNumberText } from '@menglian/certificates/createCertificate';
import { publicKeyText } from '@menglian/certificates/keys';
import { SM_CURVE_PARAMETERS, SM_OPENSSL_CONFIGURATION } from './opensslConfiguration.js';
import type { IssuedSmChain, IssuedSmPair, SmAgency } from './smChain.js';

type Files = Record<string, string>;

/** What the scripts of 2.x that add a node or an agency read. */
const OPENSSL_FILES: Files = { 'gmcert.cnf': SM_OPENSSL_CONFIGURATION, 'gmsm2.param': SM_CURVE_PARAMETERS };

/** `gmcert/` @param lastSigned by the authority */
export function smAuthorityFiles({ authority }: IssuedSmChain, lastSigned: string): Files {
  const { certificatePem, privateKeyPem, rootPem } = authority;
  return {
    'gmca.crt': certificatePem,
    'gmca.key': privateKeyPem,
    'gmca.srl': `${serialNumberText(lastSigned)}\n`,
    ...OPENSSL_FILES,
    ...(rootPem === certificatePem ? {} : { 'gmroot.crt': rootPem }),
  };
}

/** `gmcert/<agency>-gm/` */
export function smAgencyFiles({ authority }: SmAgency, chain: IssuedSmChain): Files {
  return {
    'gmagency.crt': authority.certificatePem,
    'gmagency.key': authority.privateKeyPem,
    'gmca.crt': chain.authority.certificatePem,
    ...OPENSSL_FILES,
  };
}

/** `conf/` of a node. */
export function smNodeFiles({ signing, encryption, agency }: IssuedSmPair, rootPem: string): Files {
  return {
    'gmca.crt': rootPem,
    'gmnode.crt': signing.certificatePem + agency.superiorsPem,
    'gmnode.key': signing.privateKeyPem,
    'gmnode.nodeid': `${publicKeyText(signing.privateKeyPem)}\n`,
    'gmnode.serial': serialNumberText(signing.certificatePem),
    'gmennode.crt': encryption.certificatePem,
    'gmennode.key': encryption.privateKeyPem,
  };
}

/** `sdk/gm/` */
export function smClientFiles({ signing, encryption, agency }: IssuedSmPair, rootPem: string): Files {
  return {
    'gmca.crt': rootPem,
    'gmsdk.crt': signing.certificatePem + agency.superiorsPem,
    'gmsdk.key': signing.privateKeyPem,
    'gmsdk.publickey': `${publicKeyText(signing.privateKeyPem)}\n`,
    'gmensdk.crt': encryption.certificatePem,
    'gmensdk.key': encryption.privateKeyPem,
  };
}
