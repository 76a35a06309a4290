import { join } from 'node:path';
import { failure, success, type Result } from '@menglian/base/result';
import { readNodeCredentials, type NamedText } from '@menglian/certificates/credentials';
import type { NodeId } from '@menglian/types/address';
import type { NodeConfig } from './config/nodeConfig.js';
import { openKeyText } from './config/storageSecurityKeyFiles.js';
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

/** What to do about a file of `[network_security]` that is missing or wrong. */
const KEYS_ADVICE = 'restore it from a copy, or set [network_security] to where it is';
const TOGETHER_ADVICE =
  'put back the files of this chain that were made together, or set [network_security] to where they are';

const ALGORITHMS = { ecdsa: 'secp256k1', sm: 'sm2' } as const;

/**
 * Reads key, certificate and authority and checks that they fit together and are valid now.
 * @returns a sentence for the operator when they are not there or wrong
 */
export function readIdentity(config: NodeConfig, inFolder: (path: string) => string): Result<NodeIdentity> {
  const { security } = config;
  const path = (name: string) => inFolder(join(security.dataPath, name));
  const key = readNamed(path(security.key), 'the private key of the node ([network_security] key)');
  if (!key.ok) return key;
  const openKey = openKeyText(key.value, config.storageSecurity, inFolder, process.env);
  if (!openKey.ok) return openKey;
  const certificate = readNamed(path(security.certificate), 'the certificate of the node ([network_security] cert)');
  if (!certificate.ok) return certificate;
  const authority = readNamed(path(security.authority), 'the certificate of the chain CA ([network_security] ca_cert)');
  if (!authority.ok) return authority;
  const files = { key: openKey.value, certificate: certificate.value, authority: authority.value };
  const credentials = readNodeCredentials(files, ALGORITHMS[config.suite], Date.now());
  if (!credentials.ok) return failure(`${credentials.reason}; ${TOGETHER_ADVICE}`);
  const { node, key: own } = credentials.value;
  return success({
    nodeId: node.nodeId,
    privateKey: own.key,
    keyPem: files.key.text,
    certificatePem: files.certificate.text,
    authorityPem: files.authority.text,
    commonName: node.commonName,
    agency: node.agency,
  });
}

/** @param what what the file is, for the operator */
function readNamed(path: string, what: string): Result<NamedText> {
  const text = readText(path, what, KEYS_ADVICE);
  return text.ok ? success({ path, text: text.value }) : text;
}
