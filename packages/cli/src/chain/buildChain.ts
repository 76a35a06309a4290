import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, success, type Result } from '@menglian/base/result';
import { publicKeyText } from '../certificates/keys.js';
import { keyMatchesCertificate, type KeyedCertificate, type ValidityPeriod } from '../certificates/certificate.js';
import {
  issueAgency,
  issueChainAuthority,
  issueChannelAuthority,
  issueChannelCertificate,
  issueNode,
  issueSdk,
  validityOfDays,
} from '../certificates/issue.js';
import type { ChainOptions } from './chainOptions.js';
import { planChain, type ChainPlan, type PlannedNode } from './chainPlan.js';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { groupGenesisText, groupTuningText, nodeConfigText } from './configFiles.js';
import {
  containerStartScript,
  containerStopScript,
  launcherScript,
  monitorScript,
  startAllScript,
  startScript,
  stopAllScript,
  stopScript,
} from './scripts.js';

/** What was built and where. */
export interface BuiltChain {
  /** absolute path */
  readonly folder: string;
  /** absolute path of each node's config.ini, in the order of the plan */
  readonly configPaths: readonly string[];
}

/** The command that the launcher of each host runs. */
const COMMAND = fileURLToPath(new URL('../../bin/menglian.js', import.meta.url));

const PRIVATE = 0o600;
const EXECUTABLE = 0o755;

/** Keys and certificates of one agency; `channel` is its RSA authority, for the ports of clients. */
interface Agency {
  readonly authority: KeyedCertificate;
  /** PEM of everything between a leaf and the root, the root included */
  readonly chainPem: string;
  readonly channel: KeyedCertificate;
}

interface IssuedNode {
  readonly node: PlannedNode;
  readonly nodeId: string;
  readonly certificate: KeyedCertificate;
  readonly agency: Agency;
}

/**
 * Makes keys, certificates, configuration and scripts of a chain in the layout of 2.x's build_chain.sh
 * (docs/operations.md). Everything is made in a folder beside the output and moved there at the end, so that a failure
 * leaves nothing half made.
 */
export async function buildChain(options: ChainOptions): Promise<Result<BuiltChain, ChainProblem>> {
  const fileText = readHostFile(options.file);
  if (!fileText.ok) return fileText;
  const planned = planChain(options, fileText.value);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const output = resolve(plan.output);
  if (existsSync(output)) {
    const en = `${plan.output} exists already; choose another folder with -o, or remove it if the chain in it is not needed`;
    return failure(chainProblem(en, `${plan.output} 已存在；请用 -o 指定其他目录，或在不再需要时删除它`));
  }
  const authority = await chainAuthority(plan);
  if (!authority.ok) return authority;
  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(dirname(output), `.${basename(output)}-`));
  try {
    await writeChain(folder, plan, authority.value);
    await chmod(folder, EXECUTABLE);
    await rename(folder, output);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    return failure(chainProblem(`the chain could not be written: ${reason}`, `无法写入链的文件：${reason}`));
  }
  return success({ folder: output, configPaths: plan.nodes.map((node) => join(output, node.folder, 'config.ini')) });
}

function readHostFile(path: string | undefined): Result<string | undefined, ChainProblem> {
  if (path === undefined) return success(undefined);
  try {
    return success(readFileSync(path, 'utf8'));
  } catch {
    return failure(chainProblem(`the file ${path} of -f cannot be read`, `无法读取 -f 指定的文件 ${path}`));
  }
}

/** The chain's own authority: a new one, or that of -k with the certificates that lead up to its root. */
async function chainAuthority(plan: ChainPlan): Promise<Result<KeyedCertificate & { rootPem: string }, ChainProblem>> {
  if (plan.authorityFolder === undefined) {
    const authority = await issueChainAuthority(validityOfDays(plan.days, Date.now()));
    return success({ ...authority, rootPem: authority.certificatePem });
  }
  const path = (name: string) => join(plan.authorityFolder!, name);
  try {
    const certificatePem = readFileSync(path('ca.crt'), 'utf8');
    const privateKeyPem = readFileSync(path('ca.key'), 'utf8');
    const rootPem = existsSync(path('root.crt')) ? readFileSync(path('root.crt'), 'utf8') : certificatePem;
    if (keyMatchesCertificate({ certificatePem, privateKeyPem }))
      return success({ certificatePem, privateKeyPem, rootPem });
    const en = `ca.key in ${plan.authorityFolder} does not belong to ca.crt`;
    return failure(chainProblem(en, `${plan.authorityFolder} 中的 ca.key 与 ca.crt 不匹配`));
  } catch {
    const en = `-k ${plan.authorityFolder} needs the files ca.key and ca.crt in PEM form`;
    return failure(chainProblem(en, `-k ${plan.authorityFolder} 需要 PEM 格式的 ca.key 和 ca.crt`));
  }
}

async function writeChain(
  folder: string,
  plan: ChainPlan,
  authority: KeyedCertificate & { rootPem: string },
): Promise<void> {
  const nowMs = Date.now();
  const validity = validityOfDays(plan.days, nowMs);
  await writeFiles(join(folder, 'cert'), { 'ca.crt': authority.certificatePem, 'ca.key': authority.privateKeyPem });
  const agencies = new Map<string, Agency>();
  for (const name of plan.agencies) agencies.set(name, await makeAgency(folder, plan, name, authority, validity));
  const issued: IssuedNode[] = [];
  for (const node of plan.nodes) {
    const agency = agencies.get(node.agency)!;
    const certificate = await issueNode(agency.authority, node.name, validity);
    issued.push({ node, nodeId: publicKeyText(certificate.privateKeyPem), certificate, agency });
  }
  // One time for all groups and nodes, to the second as 2.x has it: it is part of block 0.
  const timestampMs = Math.floor(nowMs / 1000) * 1000;
  for (const one of issued) await writeNode(folder, plan, one, issued, authority.rootPem, timestampMs, validity);
  for (const host of plan.hosts) {
    const first = issued.find(({ node }) => node.host === host)!;
    await writeHost(join(folder, host), plan, first.agency, authority.rootPem, validity);
    if (plan.options.copySdk !== true) continue;
    for (const { node } of issued.filter((one) => one.node.host === host)) {
      await copySdk(join(folder, host, 'sdk'), join(folder, node.folder, 'sdk'));
    }
  }
}

async function makeAgency(
  folder: string,
  plan: ChainPlan,
  name: string,
  chain: KeyedCertificate,
  validity: ValidityPeriod,
): Promise<Agency> {
  const channel = await issueChannelAuthority(name, validity);
  if (plan.options.withoutAgencies === true) return { authority: chain, chainPem: chain.certificatePem, channel };
  const authority = await issueAgency(chain, name, validity);
  const agencyFolder = join(folder, 'cert', name);
  await writeFiles(agencyFolder, {
    'agency.crt': authority.certificatePem,
    'agency.key': authority.privateKeyPem,
    'ca.crt': chain.certificatePem,
  });
  await writeFiles(join(agencyFolder, 'channel'), {
    'ca.crt': channel.certificatePem,
    'ca.key': channel.privateKeyPem,
  });
  return { authority, chainPem: authority.certificatePem + chain.certificatePem, channel };
}

async function writeNode(
  folder: string,
  plan: ChainPlan,
  { node, nodeId, certificate, agency }: IssuedNode,
  all: readonly IssuedNode[],
  rootPem: string,
  timestampMs: number,
  validity: ValidityPeriod,
): Promise<void> {
  const nodeFolder = join(folder, node.folder);
  const configuration: Record<string, string> = {
    'ca.crt': rootPem,
    'node.crt': certificate.certificatePem + agency.chainPem,
    'node.key': certificate.privateKeyPem,
    'node.nodeid': `${nodeId}\n`,
  };
  for (const groupId of node.groups) {
    const nodeIds = all.filter((one) => one.node.groups.includes(groupId)).map((one) => one.nodeId);
    configuration[`group.${groupId}.genesis`] = groupGenesisText(plan, groupId, nodeIds, timestampMs);
    configuration[`group.${groupId}.ini`] = groupTuningText();
  }
  await writeFiles(join(nodeFolder, 'conf'), configuration);
  if (plan.options.chainCertificatesOnChannel !== true) {
    const channel = await issueChannelCertificate(agency.channel, validity);
    await writeFiles(join(nodeFolder, 'conf', 'channel_cert'), {
      'ca.crt': agency.channel.certificatePem,
      'node.crt': channel.certificatePem,
      'node.key': channel.privateKeyPem,
    });
  }
  await writeFiles(nodeFolder, { 'config.ini': nodeConfigText(plan, node), ...nodeScripts(plan, node) });
  await writeFiles(join(nodeFolder, 'scripts'), { 'monitor.sh': monitorScript() });
  if (plan.options.deployLayout === true) await writeFiles(nodeFolder, { 'fisco-bcos': launcherScript(COMMAND) });
}

function nodeScripts(plan: ChainPlan, node: PlannedNode): Record<string, string> {
  if (plan.options.containers === true) {
    const name = `${node.host.replaceAll(/[^0-9A-Za-z]/g, '_')}_${node.name}`;
    return { 'start.sh': containerStartScript(name), 'stop.sh': containerStopScript(name) };
  }
  const launcher = plan.options.deployLayout === true ? 'fisco-bcos' : '../fisco-bcos';
  return { 'start.sh': startScript(launcher), 'stop.sh': stopScript(launcher) };
}

async function writeHost(
  hostFolder: string,
  plan: ChainPlan,
  agency: Agency,
  rootPem: string,
  validity: ValidityPeriod,
): Promise<void> {
  const { containers, deployLayout, chainCertificatesOnChannel } = plan.options;
  await writeFiles(hostFolder, { 'start_all.sh': startAllScript(), 'stop_all.sh': stopAllScript() });
  if (containers !== true && deployLayout !== true)
    await writeFiles(hostFolder, { 'fisco-bcos': launcherScript(COMMAND) });
  const sdk = join(hostFolder, 'sdk');
  if (chainCertificatesOnChannel === true) {
    const client = await issueSdk(agency.authority, validity);
    await writeFiles(sdk, {
      'ca.crt': rootPem,
      'sdk.crt': client.certificatePem + agency.chainPem,
      'sdk.key': client.privateKeyPem,
      'sdk.publickey': `${publicKeyText(client.privateKeyPem)}\n`,
    });
    return;
  }
  const client = await issueChannelCertificate(agency.channel, validity);
  await writeFiles(sdk, {
    'ca.crt': agency.channel.certificatePem,
    'sdk.crt': client.certificatePem,
    'sdk.key': client.privateKeyPem,
  });
}

async function copySdk(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of ['ca.crt', 'sdk.crt', 'sdk.key', 'sdk.publickey']) {
    if (existsSync(join(from, name))) await copyFile(join(from, name), join(to, name));
  }
}

/** Writes files by name: keys for the owner alone, scripts executable. */
async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const isScript = name.endsWith('.sh') || name === 'fisco-bcos';
    const mode = name.endsWith('.key') ? PRIVATE : isScript ? EXECUTABLE : 0o644;
    await writeFile(join(folder, name), content, { mode });
  }
}
