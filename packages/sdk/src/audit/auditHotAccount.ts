import type { Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Hash } from '../hex.js';
import type { AuditedChain, AuditReport, HotLine, ShadowLine } from './auditReport.js';
import type { ProvenBlock } from './chainReader.js';
import type { Finding } from './finding.js';
import { Findings } from './findings.js';
import { type EventReader, hotEventReader, shadowEventReader } from './hotAccountEvents.js';
import { type BookedShadow, HotRecount } from './hotRecount.js';
import { addSums, NO_SUMS, type Place, ShadowRecount, type Sums } from './shadowRecount.js';

/** Blocks in order, each proven; the stream ends with the first that is not. */
export type ProvenBlocks = AsyncIterable<Result<ProvenBlock, Finding>>;

/** One chain, from its first block on. */
export interface AuditSource {
  /** Name of the chain in findings. */
  readonly label: string;
  readonly identity: Hash;
  readonly blocks: ProvenBlocks;
}

export interface HotSource extends AuditSource {
  /**
   * The blocks after `blocks`, up to a height of after the other chains were read. `blocks` must end at a height of before: then
   * what it books was closed in blocks that are read.
   */
  readonly laterBlocks: ProvenBlocks;
}

export interface HotAccountAudit {
  readonly suite: CryptoSuite;
  /** Name of the hot account. */
  readonly account: string;
  readonly hot: HotSource;
  /** Chains of users, all that the account is spread over. */
  readonly users: readonly AuditSource[];
}

/**
 * Proves that a hot account holds the sum of its shadow accounts: adds up every payment anew, compares what the chains
 * of users closed with that, and what the hot chain booked with what they closed.
 * @throws what the streams throw
 */
export async function auditHotAccount({ suite, account, hot, users }: HotAccountAudit): Promise<AuditReport> {
  const findings = new Findings();
  const shadows = new Map<Hash, ShadowRecount>();
  const heights = new Map<Hash, number>();
  const readShadowEvent = shadowEventReader(suite, account);
  const takeAll = async <E>(
    source: AuditSource,
    blocks: ProvenBlocks,
    read: EventReader<E>,
    take: (event: E, place: Place) => void,
  ): Promise<boolean> => {
    for await (const block of blocks) {
      if (!block.ok) {
        findings.add(block.reason);
        return false;
      }
      for (const log of block.value.logs) {
        const event = read(log);
        const { blockNumber, transactionHash } = log;
        if (event === 'malformed')
          findings.add({ code: 'event-malformed', chain: source.label, blockNumber, transactionHash });
        else if (event !== undefined) take(event, { blockNumber, transactionHash });
      }
      heights.set(source.identity, block.value.number);
    }
    return true;
  };

  let isWhole = true;
  for (const user of users) {
    const { label, identity } = user;
    const recount = new ShadowRecount({ suite, account, label, identity, hotChain: hot.identity, findings });
    shadows.set(identity, recount);
    isWhole =
      (await takeAll(user, user.blocks, readShadowEvent, (event, place) => recount.take(event, place))) && isWhole;
  }
  const recount = new HotRecount({ label: hot.label, shadows, findings });
  // What was not read cannot be compared: the chain that could not be proven is named already.
  if (isWhole) {
    const readHotEvent = hotEventReader(suite, account);
    const isRead =
      (await takeAll(hot, hot.blocks, readHotEvent, (event, place) => recount.take(event, place))) &&
      (await takeAll(hot, hot.laterBlocks, readHotEvent, (event) => recount.takeLater(event)));
    if (isRead) recount.finish();
  }
  const placed = ({ label, identity }: AuditSource): AuditedChain => ({
    label,
    identity,
    lastBlock: heights.get(identity) ?? 0,
  });
  return {
    account,
    isRight: findings.count === 0,
    hot: hotLine(placed(hot), recount),
    shadows: users.map((user) =>
      shadowLine(placed(user), shadows.get(user.identity)!, recount.booked.get(user.identity)),
    ),
    findings: findings.list,
    findingCount: findings.count,
  };
}

function hotLine(chain: AuditedChain, { owner, balance, withdrawn, booked }: HotRecount): HotLine {
  const all = [...booked.values()];
  return {
    ...chain,
    owner,
    balance,
    withdrawn,
    settled: sumOf(all.map(({ settled }) => settled)),
    granted: all.reduce((sum, { granted }) => sum + granted, 0n),
  };
}

function shadowLine(
  chain: AuditedChain,
  { opened, epochs, open, quota }: ShadowRecount,
  booked: BookedShadow | undefined,
): ShadowLine {
  const lastEpoch = booked?.lastEpoch ?? 0n;
  const closed = [...epochs.values()];
  return {
    ...chain,
    isOpened: opened !== undefined,
    epochs: closed.map((one) => ({ ...one, settledBy: booked?.settledBy.get(one.epoch) })),
    settled: sumOf(closed.filter(({ epoch }) => epoch <= lastEpoch)),
    unsettled: sumOf(closed.filter(({ epoch }) => epoch > lastEpoch)),
    open,
    granted: booked?.granted ?? 0n,
    inFlight: booked?.inFlight ?? 0n,
    quota,
  };
}

function sumOf(sums: readonly Sums[]): Sums {
  return sums.reduce(addSums, NO_SUMS);
}
