import { failure, type Result } from '@menglian/base/result';
import type { Client } from '../client.js';
import type { Hash } from '../hex.js';
import { sdkError } from '../sdkError.js';
import { auditHotAccount, type HotSource, type ProvenBlocks, type UserSource } from './auditHotAccount.js';
import type { AuditReport } from './auditReport.js';
import { ChainReader, type ProvenBlock } from './chainReader.js';
import type { Finding } from './finding.js';
import { HOT_ACCOUNTS, SHADOW_ACCOUNTS } from './hotAccountEvents.js';
import { hotStateOf, shadowStateOf } from './toldState.js';

/** Chains that one audit reads. */
const CHAINS_MAX = 257;

/** A chain by one of its nodes, which need not be trusted. */
export interface ChainToAudit {
  /** Name of the chain in the report: another one for each. */
  readonly label: string;
  readonly client: Client;
}

export interface AuditOptions {
  /** Name of the hot account. */
  readonly account: string;
  readonly hot: ChainToAudit;
  /** All chains that the account is spread over. */
  readonly users: readonly ChainToAudit[];
  /** Identities that are believed, the hashes of blocks 0. Without it the report says which chains were read. */
  readonly trusted?: ReadonlySet<Hash>;
  /** Called for each block. */
  readonly onBlock?: (label: string, number: number, last: number) => void;
}

interface OpenChain extends ChainToAudit {
  readonly identity: Hash;
  /** The blocks up to this one that were not read yet. */
  readonly blocks: (last: number) => ProvenBlocks;
}

/**
 * Audits a hot account over running chains, with nothing but read access to one node of each, while they go on.
 * @throws SdkError when a node does not answer, or chains were named wrongly
 */
export async function auditChains({ account, hot, users, trusted, onBlock }: AuditOptions): Promise<AuditReport> {
  const all = [hot, ...users];
  if (all.length > CHAINS_MAX) throw sdkError('BadArgument', `${all.length} chains`, `name at most ${CHAINS_MAX}`);
  const suites = new Set(all.map(({ client }) => client.suite.name));
  if (suites.size > 1) throw sdkError('BadArgument', 'the chains are of two suites', 'an account has chains of one');
  const [openHot, ...openUsers] = await Promise.all(all.map((chain) => openChain(chain, trusted, onBlock)));
  checkIdentities([openHot!, ...openUsers]);
  // In this order: what the hot chain has booked by now the others have closed by then.
  const hotTold = await hotStateOf(hot.client, account);
  const userSources = openUsers.map(async ({ label, identity, client, blocks }): Promise<UserSource> => {
    const told = await shadowStateOf(client, account);
    return { label, identity, blocks: blocks(told.blockNumber), told: told.state };
  });
  const hotSource: HotSource = {
    label: hot.label,
    identity: openHot!.identity,
    blocks: openHot!.blocks(hotTold.blockNumber),
    laterBlocks: later(openHot!),
    told: hotTold.state,
  };
  const { suite } = hot.client;
  return auditHotAccount({ suite, account, hot: hotSource, users: await Promise.all(userSources) });
}

async function openChain(
  chain: ChainToAudit,
  trusted: AuditOptions['trusted'],
  onBlock: AuditOptions['onBlock'],
): Promise<OpenChain> {
  const { label, client } = chain;
  const reader = new ChainReader(client, {
    label,
    addresses: [SHADOW_ACCOUNTS, HOT_ACCOUNTS],
    ...(onBlock && { onBlock: (number: number, last: number) => onBlock(label, number, last) }),
  });
  const origin = await reader.open();
  if (!origin.ok) {
    // Named in the report with all else.
    return { ...chain, identity: await client.getBlockHash(0), blocks: () => only(failure(origin.reason)) };
  }
  const { identity } = origin.value;
  if (trusted === undefined || trusted.has(identity)) {
    return { ...chain, identity, blocks: (last) => reader.blocks(last) };
  }
  const finding: Finding = { code: 'other-chain', chain: label, blockNumber: 0, found: identity };
  return { ...chain, identity, blocks: () => only(failure(finding)) };
}

/** Two names for one chain would count it twice. */
function checkIdentities(chains: readonly OpenChain[]): void {
  const labels = new Map<Hash, string>();
  for (const { identity, label } of chains) {
    const other = labels.get(identity);
    if (other !== undefined) {
      const problem = `${other} and ${label} are one chain`;
      throw sdkError('BadArgument', problem, 'name each chain once, and see the numbers of the groups');
    }
    labels.set(identity, label);
  }
}

/** The blocks that the chain has when they are asked for. */
async function* later({ client, blocks }: OpenChain): ProvenBlocks {
  yield* blocks(await client.getBlockNumber());
}

async function* only(block: Result<ProvenBlock, Finding>): ProvenBlocks {
  yield block;
}
