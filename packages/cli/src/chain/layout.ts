/** Which file of a chain has which content: the tree of 2.x's build_chain.sh (docs/operations.md). Pure. */
import { serialNumberText } from '@menglian/certificates/createCertificate';
import { publicKeyText } from '@menglian/certificates/keys';
import { groupGenesisText, groupTuningText } from '@menglian/node/config/groupConfigText';
import type { ChainPlan } from './chainPlan.js';
import { nodeConfigText } from './configFiles.js';
import type { IssuedAgency, IssuedChain, IssuedClient, IssuedNode } from './issueChain.js';
import { OPENSSL_CONFIGURATION } from './opensslConfiguration.js';
import { smAgencyFiles, smAuthorityFiles, smClientFiles, smNodeFiles } from './smLayout.js';
import {
  containerStartScript,
  containerStopScript,
  launcherScript,
  startAllScript,
  startScript,
  stopAllScript,
  stopScript,
} from './scripts.js';
import { transTestScript } from './transTestScript.js';
import { loadNewGroupsScript, monitorScript, reloadSdkAllowListScript, reloadWhitelistScript } from './nodeScripts.js';

/** Content by path below the chain's folder, with `/`. */
export type FileTree = ReadonlyMap<string, string>;

export interface LayoutInput {
  readonly plan: ChainPlan;
  readonly issued: IssuedChain;
  /** Time of block 0 of all groups, ms since 1970. */
  readonly timestampMs: number;
  /** Absolute path of the menglian command on this machine. */
  readonly commandPath: string;
  /** Absolute path of the Node.js that runs now. */
  readonly nodePath: string;
}

export function chainLayout(input: LayoutInput): FileTree {
  const files = new Map<string, string>([['cert.cnf', OPENSSL_CONFIGURATION]]);
  const put = (folder: string, content: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(content)) files.set(`${folder}/${name}`, text);
  };
  put('cert', authorityFiles(input));
  // With -N no agency exists: its folders would only hold keys that sign nothing.
  if (input.plan.options.withoutAgencies !== true) {
    for (const agency of input.issued.agencies) put(`cert/${agency.name}`, agencyFiles(agency, input.issued));
  }
  const { sm } = input.issued;
  if (sm !== undefined) {
    const withoutAgencies = input.plan.options.withoutAgencies === true;
    const lastNode = input.issued.nodes.at(-1)!.smPair!.encryption;
    put('gmcert', smAuthorityFiles(sm, (withoutAgencies ? lastNode : sm.agencies.at(-1)!.authority).certificatePem));
    if (!withoutAgencies) for (const agency of sm.agencies) put(`gmcert/${agency.name}`, smAgencyFiles(agency, sm));
  }
  for (const client of input.issued.clients) {
    put(client.host, hostFiles(input, client.host));
    put(`${client.host}/sdk`, clientFiles(client, input.issued));
  }
  for (const issued of input.issued.nodes) {
    const { folder, host } = issued.node;
    put(folder, nodeFiles(input, issued));
    if (input.plan.options.copySdk !== true) continue;
    const client = input.issued.clients.find((one) => one.host === host)!;
    put(`${folder}/sdk`, clientFiles(client, input.issued));
  }
  return files;
}

/** Private keys are for their owner alone, scripts can be run. */
export function fileMode(path: string): number {
  if (path.endsWith('.key')) return 0o600;
  return path.endsWith('.sh') || path.endsWith('fisco-bcos') ? 0o755 : 0o644;
}

function authorityFiles({ plan, issued }: LayoutInput): Record<string, string> {
  const { certificatePem, privateKeyPem, rootPem } = issued.authority;
  const signed =
    plan.options.withoutAgencies === true ? issued.nodes.at(-1)?.certificate : issued.agencies.at(-1)?.authority;
  return {
    'ca.crt': certificatePem,
    'ca.key': privateKeyPem,
    'ca.srl': serialFile(signed!.certificatePem),
    'cert.cnf': OPENSSL_CONFIGURATION,
    ...(rootPem === certificatePem ? {} : { 'root.crt': rootPem }),
  };
}

function agencyFiles(agency: IssuedAgency, issued: IssuedChain): Record<string, string> {
  const nodes = issued.nodes.filter((one) => one.agency === agency);
  const clients = issued.clients.filter((one) => one.agency === agency);
  const { authority, channelAuthority } = agency;
  const files = {
    'agency.crt': authority.certificatePem,
    'agency.key': authority.privateKeyPem,
    'agency.srl': serialFile(nodes.at(-1)!.certificate.certificatePem),
    'ca.crt': issued.authority.certificatePem,
    'cert.cnf': OPENSSL_CONFIGURATION,
  };
  if (channelAuthority === undefined) return files;
  const lastSigned = clients.at(-1)?.certificate ?? nodes.at(-1)!.channelCertificate!;
  return {
    ...files,
    'channel/ca.crt': channelAuthority.certificatePem,
    'channel/ca.key': channelAuthority.privateKeyPem,
    'channel/ca.srl': serialFile(lastSigned.certificatePem),
    'channel/cert.cnf': OPENSSL_CONFIGURATION,
  };
}

/** The last number an authority gave, as the openssl program keeps it. */
function serialFile(certificatePem: string): string {
  return `${serialNumberText(certificatePem)}\n`;
}

function hostFiles({ plan, commandPath, nodePath }: LayoutInput, host: string): Record<string, string> {
  const scripts = {
    'start_all.sh': startAllScript(),
    'stop_all.sh': stopAllScript(),
    '.transTest.sh': transTestScript(
      plan,
      plan.nodes.find((node) => node.host === host)!,
    ),
  };
  if (plan.options.containers === true || plan.options.deployLayout === true) return scripts;
  return { ...scripts, 'fisco-bcos': launcherScript(commandPath, nodePath) };
}

function clientFiles(
  { agency, certificate, smPair }: IssuedClient,
  { authority, sm }: IssuedChain,
): Record<string, string> {
  const smFiles = smPair === undefined ? {} : below('gm', smClientFiles(smPair, sm!.authority.rootPem));
  if (agency.channelAuthority !== undefined) {
    return {
      'ca.crt': agency.channelAuthority.certificatePem,
      'sdk.crt': certificate.certificatePem,
      'sdk.key': certificate.privateKeyPem,
      'cert.cnf': OPENSSL_CONFIGURATION,
      ...smFiles,
    };
  }
  return {
    'ca.crt': authority.rootPem,
    'sdk.crt': certificate.certificatePem + agency.superiorsPem,
    'sdk.key': certificate.privateKeyPem,
    'sdk.publickey': `${publicKeyText(certificate.privateKeyPem)}\n`,
    ...smFiles,
  };
}

function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

/** Key and certificates of a node. An SM chain keeps the ordinary ones beside its own, for the channel port. */
function identityFiles(
  { certificate, agency, nodeId, smPair }: IssuedNode,
  { authority, sm }: IssuedChain,
): Record<string, string> {
  const ordinary = {
    'ca.crt': authority.rootPem,
    'node.crt': certificate.certificatePem + agency.superiorsPem,
    'node.key': certificate.privateKeyPem,
  };
  if (smPair === undefined) return below('conf', { ...ordinary, 'node.nodeid': `${nodeId}\n` });
  return {
    ...below('conf/origin_cert', ordinary),
    ...below('conf', smNodeFiles(smPair, sm!.authority.rootPem)),
  };
}

function nodeFiles(input: LayoutInput, issued: IssuedNode): Record<string, string> {
  const { plan, timestampMs } = input;
  const { node, agency, channelCertificate } = issued;
  const files: Record<string, string> = {
    'config.ini': nodeConfigText(plan, node),
    ...identityFiles(issued, input.issued),
    ...runFiles(input),
    'scripts/monitor.sh': monitorScript(),
    'scripts/load_new_groups.sh': loadNewGroupsScript(),
    'scripts/reload_whitelist.sh': reloadWhitelistScript(),
    'scripts/reload_sdk_allowlist.sh': reloadSdkAllowListScript(),
  };
  for (const groupId of node.groups) {
    const sealers = input.issued.nodes.filter((one) => one.node.groups.includes(groupId));
    const nodeIds = sealers.map((one) => one.nodeId);
    const { consensus, options } = plan;
    const group = { groupId, timestampMs, consensus, nodeIds, freeStorage: options.freeStorage === true };
    files[`conf/group.${groupId}.genesis`] = groupGenesisText(group);
    files[`conf/group.${groupId}.ini`] = groupTuningText();
  }
  if (channelCertificate === undefined) return files;
  return {
    ...files,
    'conf/channel_cert/ca.crt': agency.channelAuthority!.certificatePem,
    'conf/channel_cert/node.crt': channelCertificate.certificatePem,
    'conf/channel_cert/node.key': channelCertificate.privateKeyPem,
    'conf/channel_cert/cert.cnf': OPENSSL_CONFIGURATION,
  };
}

function runFiles({ plan, commandPath, nodePath }: LayoutInput): Record<string, string> {
  if (plan.options.containers === true) {
    return { 'start.sh': containerStartScript(), 'stop.sh': containerStopScript() };
  }
  if (plan.options.deployLayout !== true) {
    return { 'start.sh': startScript('../fisco-bcos'), 'stop.sh': stopScript('../fisco-bcos') };
  }
  return {
    'start.sh': startScript('fisco-bcos'),
    'stop.sh': stopScript('fisco-bcos'),
    'fisco-bcos': launcherScript(commandPath, nodePath),
  };
}
