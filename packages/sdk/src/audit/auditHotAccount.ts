import type { Result } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { Hash } from '../hex.js';
import type { HotAccount } from '../services/hotAccounts.js';
import type { ShadowAccount } from '../services/shadowAccounts.js';
import type { AuditedChain, AuditReport, HotLine, ShadowLine } from './auditReport.js';
import type { ProvenBlock } from './chainReader.js';
import type { Finding } from './finding.js';
import { Findings } from './findings.js';
import { type EventReader, hotEventReader, shadowEventReader } from './hotAccountEvents.js';
import { type BookedShadow, HotRecount } from './hotRecount.js';
import { addSums, NO_SUMS, type Place, ShadowRecount, type Sums } from './shadowRecount.js';
import { compareHotState, compareShadowState } from './toldState.js';

/** Blocks in order, each proven; the stream ends with the first that is not. */
export type ProvenBlocks = AsyncGenerator<Result<ProvenBlock, Finding>>;

/** One chain, from its first block on. */
interface AuditSource {
  /** Name of the chain in findings. */
  readonly label: string;
  readonly identity: Hash;
  readonly blocks: ProvenBlocks;
}

export interface UserSource extends AuditSource {
  /** What the node says of the state after the last of the blocks. */
  readonly told?: ShadowAccount | undefined;
}

export interface HotSource extends AuditSource {
  /**
   * The blocks after `blocks`, up to a height of after the other chains were read. `blocks` must end at a height of before: then
   * what it books was closed in blocks that are read.
   */
  readonly laterBlocks: ProvenBlocks;
  /** What the node says of the state after the last of `blocks`. */
  readonly told?: HotAccount | undefined;
}

export interface HotAccountAudit {
  readonly suite: CryptoSuite;
  /** Name of the hot account. */
  readonly account: string;
  readonly hot: HotSource;
  /** Chains of users, all that the account is spread over. */
  readonly users: readonly UserSource[];
}

/**
 * Proves that a hot account holds the sum of its shadow accounts: adds up every payment anew, compares what the chains
 * of users closed with that, and what the hot chain booked with what they closed.
 * @throws what the streams throw
 */
export async function auditHotAccount(audit: HotAccountAudit): Promise<AuditReport> {
  const { suite, account, hot, users } = audit;
  const findings = new Findings();
  const recounts: (readonly [AuditedChain, ShadowRecount])[] = [];
  let isWhole = true;
  for (const { label, identity, blocks, told } of users) {
    const recount = new ShadowRecount({ suite, account, label, identity, hotChain: hot.identity, findings });
    const intake = new Intake(label, findings, shadowEventReader(suite, account));
    const isRead = await intake.takeAll(blocks, (event, place) => recount.take(event, place));
    if (isRead && told !== undefined) compareShadowState(findings, told, recount);
    recounts.push([{ label, identity, ...intake.last }, recount]);
    isWhole &&= isRead;
  }
  const shadows = new Map(recounts.map(([{ identity }, recount]) => [identity, recount]));
  const recount = new HotRecount({ label: hot.label, shadows, findings });
  // What was not read cannot be compared: the chain that could not be proven is named already.
  const hotHeight = isWhole ? await readHotChain(audit, findings, recount) : NOT_READ;
  return {
    account,
    isRight: findings.count === 0,
    isWhole: isWhole && hotHeight.isRead,
    hot: hotLine({ label: hot.label, identity: hot.identity, ...hotHeight.last }, recount),
    shadows: recounts.map(([chain, shadow]) => shadowLine(chain, shadow, recount.booked.get(chain.identity))),
    findings: findings.list,
    findingCount: findings.count,
  };
}

type LastBlock = Pick<AuditedChain, 'lastBlock' | 'lastBlockAtMs'>;

const NO_BLOCK: LastBlock = { lastBlock: 0, lastBlockAtMs: 0 };

/** Up to where a chain was read, and whether that is all. */
interface Height {
  readonly last: LastBlock;
  readonly isRead: boolean;
}

const NOT_READ: Height = { last: NO_BLOCK, isRead: false };

/** @returns the last block that counts */
async function readHotChain(
  { suite, account, hot }: HotAccountAudit,
  findings: Findings,
  recount: HotRecount,
): Promise<Height> {
  const intake = new Intake(hot.label, findings, hotEventReader(suite, account));
  let isRead = await intake.takeAll(hot.blocks, (event, place) => recount.take(event, place));
  const { last } = intake;
  if (isRead && hot.told !== undefined) compareHotState(findings, hot.label, hot.told, recount);
  isRead &&= await intake.takeAll(hot.laterBlocks, (event, place) => recount.takeLater(event, place));
  if (isRead) recount.finish();
  return { last, isRead };
}

/** Takes events out of the blocks of one chain. */
class Intake<E> {
  /** The last block that was proven. */
  last = NO_BLOCK;
  readonly #chain: string;
  readonly #findings: Findings;
  readonly #read: EventReader<E>;

  constructor(chain: string, findings: Findings, read: EventReader<E>) {
    this.#chain = chain;
    this.#findings = findings;
    this.#read = read;
  }

  /** @returns whether all blocks were proven */
  async takeAll(blocks: ProvenBlocks, take: (event: E, place: Place) => void): Promise<boolean> {
    for await (const block of blocks) {
      if (!block.ok) {
        this.#findings.add(block.reason);
        return false;
      }
      for (const log of block.value.logs) {
        const event = this.#read(log);
        const { blockNumber, transactionHash } = log;
        const place = { blockNumber, transactionHash };
        if (event === 'malformed') this.#findings.add({ code: 'event-malformed', chain: this.#chain, ...place });
        else if (event !== undefined) take(event, place);
      }
      this.last = { lastBlock: block.value.number, lastBlockAtMs: block.value.timestampMs };
    }
    return true;
  }
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
