/** Makes every key and certificate of a planned chain, in memory. */
import type { KeyedCertificate, ValidityPeriod } from '@menglian/certificates/createCertificate';
import {
  issueAgency,
  issueChannelAuthority,
  issueChannelCertificate,
  issueNode,
  issueSdk,
} from '@menglian/certificates/issue';
import { publicKeyText } from '@menglian/certificates/keys';
import type { ChainPlan, PlannedNode } from './chainPlan.js';
import type { ChainAuthority } from './chainAuthority.js';
import { issueSmChain, type IssuedSmChain, type IssuedSmPair } from './smChain.js';

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
  /** 128 hexadecimal digits; in an SM chain of the signing certificate's key */
  readonly nodeId: string;
  /** RSA, for the channel port. */
  readonly channelCertificate: KeyedCertificate | undefined;
  readonly smPair: IssuedSmPair | undefined;
}

/** What clients of one host's nodes need. */
export interface IssuedClient {
  readonly host: string;
  readonly agency: IssuedAgency;
  /** RSA where the agency has a channel authority, else of the chain. */
  readonly certificate: KeyedCertificate;
  readonly smPair: IssuedSmPair | undefined;
}

export interface ChainAuthorities {
  readonly standard: ChainAuthority;
  /** Undefined for an ordinary chain. */
  readonly sm: ChainAuthority | undefined;
}

export interface IssuedChain {
  readonly authority: ChainAuthority;
  readonly sm: IssuedSmChain | undefined;
  readonly agencies: readonly IssuedAgency[];
  readonly nodes: readonly IssuedNode[];
  readonly clients: readonly IssuedClient[];
}

/** Asks for all keys at once: RSA keys take 50 to 500 ms each, and Node.js makes four at a time. */
export async function issueChain(
  plan: ChainPlan,
  { standard: authority, sm: smAuthority }: ChainAuthorities,
  validity: ValidityPeriod,
): Promise<IssuedChain> {
  const sm = smAuthority && issueSmChain(plan, smAuthority, validity);
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
    const smPair = sm?.nodes.get(node);
    const nodeId = publicKeyText((smPair?.signing ?? certificate).privateKeyPem);
    return { node, agency, certificate, channelCertificate, smPair, nodeId };
  });
  const clients = plan.hosts.map(async (host): Promise<IssuedClient> => {
    // A host shared by agencies serves clients of the first one; nodes of another refuse them as 2.x does.
    const agency = agencyOf.get(plan.nodes.find((node) => node.host === host)!.agency)!;
    const certificate =
      agency.channelAuthority === undefined
        ? issueSdk(agency.authority, validity)
        : issueChannelCertificate(agency.channelAuthority, validity);
    return { host, agency, certificate: await certificate, smPair: sm?.clients.get(host) };
  });
  return { authority, sm, agencies, nodes: await Promise.all(nodes), clients: await Promise.all(clients) };
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
