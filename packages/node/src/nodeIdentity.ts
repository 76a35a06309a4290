import { join } from 'node:path';
import { equalBytes, toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { Certificate } from '@menglian/certificates/certificate';
import { readDistinguishedName } from '@menglian/certificates/distinguishedName';
import { readChain, readTrustAnchors } from '@menglian/certificates/pathValidation';
import { readPrivateKey, type PrivateKey } from '@menglian/certificates/privateKey';
import type { SuiteName } from '@menglian/crypto/suite';
import type { NodeId } from '@menglian/types/address';
import type { NodeConfig } from './config/nodeConfig.js';
import { readText } from './readText.js';

/** The node's own key and certificates. `privateKey` and `keyPem` are secrets: never logged. */
export interface NodeIdentity {
  readonly nodeId: NodeId;
  readonly privateKey: Uint8Array;
  readonly keyPem: string;
  /** leaf, agency and chain CA, as PEM */
  readonly certificatePem: string;
  readonly authorityPem: string;
  readonly commonName: string;
  readonly agency: string;
}

const KEYS_ADVICE = 'restore it from a copy, or set [network_security] to where it is';
const PAIR_ADVICE = 'put back the two files that were made together';

const CURVES = { ecdsa: 'secp256k1', sm: 'sm2' } as const;

/**
 * Reads key, certificate and authority. Whether the certificate is valid, the network checks.
 * @returns a sentence for the operator when they are not there or do not fit together
 */
export function readIdentity(config: NodeConfig, inFolder: (path: string) => string): Result<NodeIdentity> {
  const { security } = config;
  const path = (name: string) => inFolder(join(security.dataPath, name));
  const keyPath = path(security.key);
  const keyPem = readText(keyPath, 'the private key of the node ([network_security] key)', KEYS_ADVICE);
  if (!keyPem.ok) return keyPem;
  const certificatePath = path(security.certificate);
  const certificatePem = readText(
    certificatePath,
    'the certificate of the node ([network_security] cert)',
    KEYS_ADVICE,
  );
  if (!certificatePem.ok) return certificatePem;
  const authorityPath = path(security.authority);
  const authorityPem = readText(
    authorityPath,
    'the certificate of the chain CA ([network_security] ca_cert)',
    KEYS_ADVICE,
  );
  if (!authorityPem.ok) return authorityPem;
  const key = readKey(keyPem.value, keyPath, config.suite);
  if (!key.ok) return key;
  const authorities = readTrustAnchors([authorityPem.value]);
  if (!authorities.ok) return failure(`${authorityPath}: ${authorities.reason.sentence}; ${KEYS_ADVICE}`);
  const chain = readChain(certificatePem.value);
  if (!chain.ok) return failure(`${certificatePath}: ${chain.reason.sentence}; ${KEYS_ADVICE}`);
  const [leaf] = chain.value as [Certificate, ...Certificate[]];
  if (leaf.key.point === undefined || !equalBytes(leaf.key.point, key.value.publicKey)) {
    return failure(`${certificatePath} does not belong to the key ${keyPath}; ${PAIR_ADVICE}`);
  }
  return success({
    nodeId: toHex(key.value.publicKey),
    privateKey: key.value.key,
    keyPem: keyPem.value,
    certificatePem: certificatePem.value,
    authorityPem: authorityPem.value,
    commonName: commonNameIn(leaf.fields.subject),
    agency: commonNameIn(leaf.fields.issuer),
  });
}

function readKey(pem: string, path: string, suite: SuiteName): Result<PrivateKey> {
  const key = readPrivateKey(pem);
  if (!key.ok) return failure(`${path} ${key.reason}; ${KEYS_ADVICE}`);
  const { algorithm } = key.value;
  if (algorithm === CURVES[suite]) return key;
  const isSm = suite === 'sm';
  const words = `${path} is a key on ${algorithm}, and [chain] sm_crypto=${isSm} asks for one on ${CURVES[suite]}`;
  return failure(`${words}; put the right key there, or set sm_crypto=${!isSm} if that is what the chain is`);
}

function commonNameIn(name: Uint8Array): string {
  return readDistinguishedName(name)?.commonName ?? '';
}
