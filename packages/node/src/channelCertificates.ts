import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readSmCredentials, type NamedText, type SmPairTexts } from '@menglian/certificates/credentials';
import type { SmChannelCertificates } from '@menglian/channel/tlcpCarrier';
import type { ChannelCertificates } from '@menglian/channel/tlsCarrier';
import type { SuiteName } from '@menglian/crypto/suite';
import type { NodeConfig } from './config/nodeConfig.js';
import { openKeyText } from './config/storageSecurityKeyFiles.js';
import type { NodeIdentity } from './nodeIdentity.js';
import { readText } from './readText.js';

const RSA_ADVICE =
  'menglian chain build makes it; or set [chain] rsa_crypto_channel=false, so that the channel uses the certificates of the chain';
const ORIGIN_ADVICE =
  'menglian chain build makes it; or set [chain] rsa_crypto_channel=true, so that the channel uses those in channel_cert';
const SM_ADVICE =
  'put back what menglian chain build -g -G made, or set [chain] sm_crypto_channel=false, so that the channel speaks TLS';

type Pems = Omit<ChannelCertificates, 'clientIssuer'>;

/** What the port of SDKs is opened with: for TLS, or for TLCP. */
export type ChannelFiles = ChannelCertificates | SmChannelCertificates;

/** Reads what the port of SDKs is opened with. @returns a sentence for the operator when it is not there or wrong */
export function readChannelCertificates(
  config: NodeConfig,
  identity: NodeIdentity,
  inFolder: (path: string) => string,
): Result<ChannelFiles> {
  const { security, channel, suite } = config;
  const path = (name: string) => inFolder(join(security.dataPath, name));
  if (channel.family === 'sm') return readPair(config, inFolder);
  const pems = channel.family === 'rsa' ? readPems(path('channel_cert'), RSA_ADVICE) : chainPems(suite, identity, path);
  if (!pems.ok) return pems;
  const { keyPem, certificatePem, authorityPem } = pems.value;
  const clientIssuer = channel.checksIssuer ? new X509Certificate(certificatePem).issuer : undefined;
  return success({ keyPem, certificatePem, authorityPem, clientIssuer });
}

/** SM chains have a second set of certificates on secp256k1, for clients that know nothing else. */
function chainPems(suite: SuiteName, identity: NodeIdentity, path: (name: string) => string): Result<Pems> {
  return suite === 'sm' ? readPems(path('origin_cert'), ORIGIN_ADVICE) : success(identity);
}

function readPair(
  { security, storageSecurity, channel }: NodeConfig,
  inFolder: (path: string) => string,
): Result<SmChannelCertificates> {
  const path = (name: string) => inFolder(join(security.dataPath, name));
  const names = {
    signingKey: security.key,
    signingCertificate: security.certificate,
    encryptionKey: security.encryptionKey,
    encryptionCertificate: security.encryptionCertificate,
    authority: security.authority,
  };
  const texts: Partial<Record<keyof typeof names, NamedText>> = {};
  for (const key of Object.keys(names) as (keyof typeof names)[]) {
    const text = readText(path(names[key]), 'which sm_crypto_channel=true needs', SM_ADVICE);
    if (!text.ok) return text;
    const file = { path: path(names[key]), text: text.value };
    const opened = openKeyText(file, storageSecurity, inFolder, process.env);
    if (!opened.ok) return opened;
    texts[key] = opened.value;
  }
  const pair = texts as SmPairTexts;
  const credentials = readSmCredentials(pair, Date.now());
  return credentials.ok
    ? success({ pair, isSameAgency: channel.checksIssuer })
    : failure(`${credentials.reason}; ${SM_ADVICE}`);
}

function readPems(folder: string, advice: string): Result<Pems> {
  const path = (name: string) => join(folder, name);
  const key = readText(path('node.key'), 'the private key of the channel', advice);
  if (!key.ok) return key;
  const certificate = readText(path('node.crt'), 'the certificate of the channel', advice);
  if (!certificate.ok) return certificate;
  const authority = readText(path('ca.crt'), 'the authority of the channel', advice);
  if (!authority.ok) return authority;
  if (!isCertificate(authority.value)) return failure(`${path('ca.crt')} is not a certificate in PEM form; ${advice}`);
  try {
    const isPair = new X509Certificate(certificate.value).checkPrivateKey(createPrivateKey(key.value));
    if (!isPair) {
      const pair = `${path('node.crt')} does not belong to the key beside it`;
      return failure(`${pair}; put back the two files that were made together`);
    }
  } catch {
    return failure(`${path('node.crt')} and node.key are not a certificate and its key in PEM form; ${advice}`);
  }
  return success({ keyPem: key.value, certificatePem: certificate.value, authorityPem: authority.value });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey !== undefined;
  } catch {
    return false;
  }
}
