/** Makes the SM certificates of a planned chain, in memory: beside the ordinary ones, which the channel port uses. */
import type { KeyedCertificate, ValidityPeriod } from '@menglian/certificates/createCertificate';
import { issueSmAgency, issueSmNode, issueSmSdk, type SmPair } from '@menglian/certificates/issue';
import type { ChainAuthority } from './chainAuthority.js';
import type { ChainPlan, PlannedNode } from './chainPlan.js';

export interface SmAgency {
  /** `agency-gm`: common name of its certificate, and its folder. */
  readonly name: string;
  /** Signs nodes and clients: the agency's own, or the chain's where there are no agencies. */
  readonly authority: KeyedCertificate;
  /** What follows a leaf in its chain file: agency and chain authority. */
  readonly superiorsPem: string;
}

/** A pair with what stands behind its signing certificate in the file. */
export interface IssuedSmPair extends SmPair {
  readonly agency: SmAgency;
}

export interface IssuedSmChain {
  readonly authority: ChainAuthority;
  readonly agencies: readonly SmAgency[];
  readonly nodes: ReadonlyMap<PlannedNode, IssuedSmPair>;
  /** By host. */
  readonly clients: ReadonlyMap<string, IssuedSmPair>;
}

export function issueSmChain(plan: ChainPlan, authority: ChainAuthority, validity: ValidityPeriod): IssuedSmChain {
  const agencyOf = new Map(plan.agencies.map((name) => [name, smAgency(plan, name, authority, validity)]));
  const nodes = plan.nodes.map((node): [PlannedNode, IssuedSmPair] => {
    const agency = agencyOf.get(node.agency)!;
    return [node, { ...issueSmNode(agency.authority, node.name, validity), agency }];
  });
  const clients = plan.hosts.map((host): [string, IssuedSmPair] => {
    const agency = agencyOf.get(plan.nodes.find((node) => node.host === host)!.agency)!;
    return [host, { ...issueSmSdk(agency.authority, validity), agency }];
  });
  return { authority, agencies: [...agencyOf.values()], nodes: new Map(nodes), clients: new Map(clients) };
}

function smAgency(plan: ChainPlan, name: string, chain: ChainAuthority, validity: ValidityPeriod): SmAgency {
  const smName = `${name}-gm`;
  if (plan.options.withoutAgencies === true) {
    return { name: smName, authority: chain, superiorsPem: chain.certificatePem };
  }
  const authority = issueSmAgency(chain, smName, validity);
  return { name: smName, authority, superiorsPem: `${authority.certificatePem}${chain.certificatePem}` };
}
