/** Makes every key and certificate of a planned chain, in memory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { failure, success, type Result } from '@menglian/base/result';
import { keyMatchesCertificate, type KeyedCertificate, type ValidityPeriod } from '../certificates/certificate.js';
import {
  issueAgency,
  issueChainAuthority,
  issueChannelAuthority,
  issueChannelCertificate,
  issueNode,
  issueSdk,
} from '../certificates/issue.js';
import { publicKeyText } from '../certificates/keys.js';
import type { ChainPlan, PlannedNode } from './chainPlan.js';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { shown } from './hostList.js';

/** The authority of the whole chain. */
export interface ChainAuthority extends KeyedCertificate {
  /** What nodes trust: its own certificate, or that of an authority above it. */
  readonly rootPem: string;
}

/** Authorities of one organization. */
export interface IssuedAgency {
  readonly name: string;
  /** Signs nodes and clients: the agency's own, or the chain's where there are no agencies. */
  readonly authority: KeyedCertificate;
  /** What follows a leaf in its chain file: agency and chain authority. */
  readonly superiorsPem: string;
  /** Signs RSA certificates for channel ports; undefined where these use certificates of the chain. */
  readonly channelAuthority: KeyedCertificate | undefined;
}

export interface IssuedNode {
  readonly node: PlannedNode;
  readonly agency: IssuedAgency;
  readonly certificate: KeyedCertificate;
  /** 128 hexadecimal digits */
  readonly nodeId: string;
  /** RSA, for the channel port. */
  readonly channelCertificate: KeyedCertificate | undefined;
}

/** What clients of one host's nodes need. */
export interface IssuedClient {
  readonly host: string;
  readonly agency: IssuedAgency;
  /** RSA where the agency has a channel authority, else of the chain. */
  readonly certificate: KeyedCertificate;
}

export interface IssuedChain {
  readonly authority: ChainAuthority;
  readonly agencies: readonly IssuedAgency[];
  readonly nodes: readonly IssuedNode[];
  readonly clients: readonly IssuedClient[];
}

/** Asks for all keys at once: RSA keys take 50 to 500 ms each, and Node.js makes four at a time. */
export async function issueChain(
  plan: ChainPlan,
  authority: ChainAuthority,
  validity: ValidityPeriod,
): Promise<IssuedChain> {
  const agencies = await Promise.all(
    plan.agencies.map((name): Promise<IssuedAgency> => issueAgencyAuthorities(plan, name, authority, validity)),
  );
  const agencyOf = new Map(agencies.map((agency) => [agency.name, agency]));
  const nodes = plan.nodes.map(async (node): Promise<IssuedNode> => {
    const agency = agencyOf.get(node.agency)!;
    const [certificate, channelCertificate] = await Promise.all([
      issueNode(agency.authority, node.name, validity),
      agency.channelAuthority && issueChannelCertificate(agency.channelAuthority, validity),
    ]);
    return { node, agency, certificate, channelCertificate, nodeId: publicKeyText(certificate.privateKeyPem) };
  });
  const clients = plan.hosts.map(async (host): Promise<IssuedClient> => {
    // A host shared by agencies serves clients of the first one; nodes of another refuse them as 2.x does.
    const agency = agencyOf.get(plan.nodes.find((node) => node.host === host)!.agency)!;
    const certificate =
      agency.channelAuthority === undefined
        ? issueSdk(agency.authority, validity)
        : issueChannelCertificate(agency.channelAuthority, validity);
    return { host, agency, certificate: await certificate };
  });
  return { authority, agencies, nodes: await Promise.all(nodes), clients: await Promise.all(clients) };
}

async function issueAgencyAuthorities(
  plan: ChainPlan,
  name: string,
  chain: ChainAuthority,
  validity: ValidityPeriod,
): Promise<IssuedAgency> {
  const { withoutAgencies, chainCertificatesOnChannel } = plan.options;
  const channel = chainCertificatesOnChannel === true ? undefined : issueChannelAuthority(name, validity);
  const authority = withoutAgencies === true ? chain : await issueAgency(chain, name, validity);
  const superiorsPem =
    authority === chain ? chain.certificatePem : `${authority.certificatePem}${chain.certificatePem}`;
  return { name, authority, superiorsPem, channelAuthority: await channel };
}

/** A new authority, or the one in the folder of -k: `ca.key`, `ca.crt` and, where it has a superior, `root.crt`. */
export async function chainAuthority(
  folder: string | undefined,
  validity: ValidityPeriod,
): Promise<Result<ChainAuthority, ChainProblem>> {
  if (folder === undefined) {
    const authority = await issueChainAuthority(validity);
    return success({ ...authority, rootPem: authority.certificatePem });
  }
  const example = '-l 127.0.0.1:4 -k cert';
  const problem = (en: string, zh: string) =>
    failure(chainProblem(`-k ${shown(folder)}: ${en}`, `-k ${shown(folder)}：${zh}`, example));
  let authority: ChainAuthority;
  try {
    const certificatePem = pemText(join(folder, 'ca.crt'));
    const rootPath = join(folder, 'root.crt');
    authority = {
      certificatePem,
      privateKeyPem: readFileSync(join(folder, 'ca.key'), 'utf8'),
      rootPem: existsSync(rootPath) ? pemText(rootPath) : certificatePem,
    };
  } catch {
    return problem('needs the files ca.key and ca.crt in PEM form', '需要 PEM 格式的 ca.key 和 ca.crt');
  }
  const certificate = new X509Certificate(authority.certificatePem);
  if (!certificate.ca) return problem('ca.crt is not the certificate of an authority', 'ca.crt 不是 CA 证书');
  if (Date.parse(certificate.validTo) < validity.notBefore.getTime()) {
    return problem('ca.crt has expired', 'ca.crt 已过期');
  }
  if (!keyMatchesCertificate(authority)) {
    return problem('ca.key does not belong to ca.crt', 'ca.key 与 ca.crt 不匹配');
  }
  return success(authority);
}

/** A file that other files are appended to, so it must end with its line. @throws Error when it holds no certificate */
function pemText(path: string): string {
  const text = `${readFileSync(path, 'utf8').trimEnd()}\n`;
  // The constructor throws on anything else.
  void new X509Certificate(text);
  return text;
}
