import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { toHex } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { ChannelCertificates } from '@menglian/channel/channelServer';
import type { NodeId } from '@menglian/types/address';
import { readGroupGenesis, readGroupTuning, type GroupGenesis, type GroupTuning } from './config/groupConfig.js';
import { describeProblems } from './config/ini.js';
import { readNodeConfig, type NodeConfig } from './config/nodeConfig.js';

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

export interface GroupFiles extends GroupGenesis {
  readonly tuning: GroupTuning;
  readonly dataPath: string;
}

/** Everything a node reads before it starts. */
export interface NodeFiles {
  /** of `config.ini` */
  readonly configPath: string;
  readonly folder: string;
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly channel: ChannelCertificates;
  readonly groups: readonly GroupFiles[];
}

const KEYS_ADVICE = 'restore it from a copy, or set [network_security] to where it is';

/** Groups on one node; each has its own thread. */
const GROUPS_MAX = 256;

/**
 * Reads the configuration, key, certificates and groups of a node.
 * @param configPath path of config.ini; other paths in it are relative to its folder
 * @returns sentences for the operator when something cannot stand
 */
export function readNodeFiles(configPath: string): Result<NodeFiles> {
  const folder = dirname(resolve(configPath));
  const inFolder = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const text = readText(configPath, 'the configuration of the node', 'name the right file with --config');
  if (!text.ok) return text;
  const config = readNodeConfig(text.value, configPath);
  if (!config.ok) return failure(describeProblems(config.reason));
  const identity = readIdentity(config.value, inFolder);
  if (!identity.ok) return identity;
  const groups = readGroups(config.value, inFolder);
  if (!groups.ok) return groups;
  const channel = readChannelCertificates(config.value, identity.value, inFolder);
  if (!channel.ok) return channel;
  return success({
    configPath: resolve(configPath),
    folder,
    config: config.value,
    identity: identity.value,
    channel: channel.value,
    groups: groups.value,
  });
}

function readIdentity(config: NodeConfig, inFolder: (path: string) => string): Result<NodeIdentity> {
  const { security } = config;
  const path = (name: string) => inFolder(join(security.dataPath, name));
  const key = readText(path(security.key), 'the private key of the node ([network_security] key)', KEYS_ADVICE);
  if (!key.ok) return key;
  const certificate = readText(
    path(security.certificate),
    'the certificate of the node ([network_security] cert)',
    KEYS_ADVICE,
  );
  if (!certificate.ok) return certificate;
  const authority = readText(
    path(security.authority),
    'the certificate of the chain CA ([network_security] ca_cert)',
    KEYS_ADVICE,
  );
  if (!authority.ok) return authority;
  let privateKey: Uint8Array;
  let nodeId: NodeId;
  try {
    const jwk = createPrivateKey(key.value).export({ format: 'jwk' });
    if (jwk.crv !== 'secp256k1' || jwk.d === undefined) throw new Error('another curve');
    privateKey = padded(jwk.d);
    nodeId = toHex(padded(jwk.x!)) + toHex(padded(jwk.y!));
  } catch {
    return failure(`${path(security.key)} is not an unencrypted secp256k1 private key in PEM form; ${KEYS_ADVICE}`);
  }
  if (!isCertificate(authority.value)) {
    return failure(`${path(security.authority)} is not a certificate in PEM form; ${KEYS_ADVICE}`);
  }
  try {
    const leaf = new X509Certificate(certificate.value);
    if (!leaf.checkPrivateKey(createPrivateKey(key.value))) {
      const pair = `${path(security.certificate)} does not belong to the key ${path(security.key)}`;
      return failure(`${pair}; put back the two files that were made together`);
    }
    return success({
      nodeId,
      privateKey,
      keyPem: key.value,
      certificatePem: certificate.value,
      authorityPem: authority.value,
      commonName: nameIn(leaf.subject),
      agency: nameIn(leaf.issuer),
    });
  } catch {
    return failure(`${path(security.certificate)} is not a certificate in PEM form; ${KEYS_ADVICE}`);
  }
}

const CHANNEL_ADVICE =
  'menglian chain build makes it; or set [chain] rsa_crypto_channel=false, so that the channel uses the certificates of the chain';

function readChannelCertificates(
  { security, channel }: NodeConfig,
  identity: NodeIdentity,
  inFolder: (path: string) => string,
): Result<ChannelCertificates> {
  const clientIssuer = channel.checksIssuer ? new X509Certificate(identity.certificatePem).issuer : undefined;
  if (!channel.usesRsa) {
    const { keyPem, certificatePem, authorityPem } = identity;
    return success({ keyPem, certificatePem, authorityPem, clientIssuer });
  }
  const path = (name: string) => inFolder(join(security.dataPath, 'channel_cert', name));
  const key = readText(path('node.key'), 'the private key of the channel', CHANNEL_ADVICE);
  if (!key.ok) return key;
  const certificate = readText(path('node.crt'), 'the certificate of the channel', CHANNEL_ADVICE);
  if (!certificate.ok) return certificate;
  const authority = readText(path('ca.crt'), 'the authority of the channel', CHANNEL_ADVICE);
  if (!authority.ok) return authority;
  if (!isCertificate(authority.value))
    return failure(`${path('ca.crt')} is not a certificate in PEM form; ${CHANNEL_ADVICE}`);
  try {
    const isPair = new X509Certificate(certificate.value).checkPrivateKey(createPrivateKey(key.value));
    if (!isPair)
      return failure(
        `${path('node.crt')} does not belong to the key beside it; put back the two files that were made together`,
      );
  } catch {
    return failure(`${path('node.crt')} and node.key are not a certificate and its key in PEM form; ${CHANNEL_ADVICE}`);
  }
  return success({
    keyPem: key.value,
    certificatePem: certificate.value,
    authorityPem: authority.value,
    clientIssuer,
  });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey !== undefined;
  } catch {
    return false;
  }
}

function readGroups(config: NodeConfig, inFolder: (path: string) => string): Result<GroupFiles[]> {
  const folder = inFolder(config.groupConfigPath);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /^group\.\d{1,5}\.genesis$/.test(name));
  } catch (error) {
    return failure(`the folder ${folder} ([group] group_config_path) cannot be read: ${reasonOf(error)}`);
  }
  if (names.length === 0) {
    return failure(`no group.<id>.genesis in ${folder}: a node needs at least one group; copy it from another node`);
  }
  if (names.length > GROUPS_MAX)
    return failure(`${names.length} groups in ${folder}; at most ${GROUPS_MAX} are served`);
  const groups: GroupFiles[] = [];
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const text = readText(path, 'the genesis of a group', 'copy it from another node of the group');
    if (!text.ok) return text;
    const genesis = readGroupGenesis(text.value, path);
    if (!genesis.ok) return failure(describeProblems(genesis.reason));
    const { groupId } = genesis.value.genesis;
    if (name !== `group.${groupId}.genesis`)
      return failure(`${path}: [group] id=${groupId} does not fit the file's name`);
    const tuningPath = join(folder, `group.${groupId}.ini`);
    const tuningText = readText(tuningPath, 'the settings of a group', '');
    const tuning = readGroupTuning(tuningText.ok ? tuningText.value : undefined, tuningPath);
    if (!tuning.ok) return failure(describeProblems(tuning.reason));
    const dataPath = inFolder(join(config.groupDataPath, `group${groupId}`, 'block'));
    groups.push({ ...genesis.value, tuning: tuning.value, dataPath });
  }
  return success(groups.toSorted((a, b) => a.genesis.groupId - b.genesis.groupId));
}

/** @param advice what to do when the file is not there */
function readText(path: string, what: string, advice: string): Result<string> {
  try {
    return success(readFileSync(path, 'utf8'));
  } catch (error) {
    return failure(`${path}, ${what}, cannot be read: ${reasonOf(error)}; ${advice}`);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  return code ?? 'unknown error';
}

/** A base64url integer of a JWK as 32 bytes. */
function padded(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  const full = new Uint8Array(32);
  full.set(bytes, 32 - bytes.length);
  return full;
}

function nameIn(subject: string): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
}
