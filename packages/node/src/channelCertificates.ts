import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import type { ChannelCertificates } from '@menglian/channel/channelServer';
import type { NodeConfig } from './config/nodeConfig.js';
import type { NodeIdentity } from './nodeIdentity.js';
import { readText } from './readText.js';

const RSA_ADVICE =
  'menglian chain build makes it; or set [chain] rsa_crypto_channel=false, so that the channel uses the certificates of the chain';
const ORIGIN_ADVICE =
  'menglian chain build makes it; or set [chain] rsa_crypto_channel=true, so that the channel uses those in channel_cert';

type Pems = Omit<ChannelCertificates, 'clientIssuer'>;

/** Reads what the port of SDKs is opened with. @returns a sentence for the operator when it is not there */
export function readChannelCertificates(
  { security, channel, suite }: NodeConfig,
  identity: NodeIdentity,
  inFolder: (path: string) => string,
): Result<ChannelCertificates> {
  const folder = (name: string) => inFolder(join(security.dataPath, name));
  const isOwn = channel.family === 'chain' && suite === 'ecdsa';
  const pems = isOwn ? success<Pems>(identity) : readFolder(channel.family, folder);
  if (!pems.ok) return pems;
  const { keyPem, certificatePem, authorityPem } = pems.value;
  const clientIssuer = channel.checksIssuer ? new X509Certificate(certificatePem).issuer : undefined;
  return success({ keyPem, certificatePem, authorityPem, clientIssuer });
}

function readFolder(family: 'chain' | 'rsa' | 'sm', folder: (name: string) => string): Result<Pems> {
  return family === 'rsa'
    ? readPems(folder('channel_cert'), RSA_ADVICE)
    : readPems(folder('origin_cert'), ORIGIN_ADVICE);
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
