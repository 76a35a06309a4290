import { type Contract, createContract } from '../contract.js';
import type { Address } from '../hex.js';
import { address, integer, list, optional, type Reader, record } from '../rpc/reader.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, type Grant, grants, readJsonOf, systemAddress } from './systemContract.js';

const GOVERNANCE_ABI = [
  changes('grantCommitteeMember', ['address']),
  changes('revokeCommitteeMember', ['address']),
  changes('updateCommitteeMemberWeight', ['address', 'int256']),
  changes('updateThreshold', ['int256']),
  changes('grantOperator', ['address']),
  changes('revokeOperator', ['address']),
  changes('freezeAccount', ['address']),
  changes('unfreezeAccount', ['address']),
  reads('listCommitteeMembers', [], ['string']),
  reads('queryCommitteeMemberWeight', ['address'], ['bool', 'int256']),
  reads('queryThreshold', [], ['int256']),
  reads('listOperators', [], ['string']),
  reads('getAccountStatus', ['address'], ['string']),
  reads('queryVotesOfMember', ['address'], ['string']),
  reads('queryVotesOfThreshold', [], ['string']),
] as const;

/** A vote: recorded, or the one that decided. */
export interface Vote extends Changed {
  readonly isPassed: boolean;
}

/** A vote that waits for others. */
export interface PendingVote {
  /** `grant`, `revoke` or `update_weight`; of votes on the threshold, the share of the weights: `0.600000`. */
  readonly subject: string;
  readonly voter: Address;
  /** The vote counts up to this block. */
  readonly blockLimit: number;
  /** The weight that is voted for. */
  readonly weight: number | undefined;
}

const noted = record({
  block_limit: integer,
  voter: address,
  target: optional<number | undefined>(integer, undefined),
});

/** Votes by what they are for; null where there are none. */
const pendingVotes: Reader<readonly PendingVote[]> = (value, path) => {
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('not votes');
  return Object.entries(value).flatMap(([subject, votes]) =>
    list(noted)(votes, `${path}.${subject}`).map(({ voter, block_limit: blockLimit, target: weight }) => ({
      subject,
      voter,
      blockLimit,
      weight,
    })),
  );
};

type Options = SendOptions & WaitOptions;

async function voted(change: Promise<Changed>): Promise<Vote> {
  const done = await change;
  return { ...done, isPassed: done.count > 0 };
}

/**
 * The committee of a chain. The first member is granted by anybody and at once; from then on members vote, and a change
 * passes when the weights behind it are above the threshold.
 */
export class Governance {
  readonly #contract: Contract<typeof GOVERNANCE_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x1008), GOVERNANCE_ABI);
  }

  grantMember(account: Address, options: Options = {}): Promise<Vote> {
    return voted(changed(this.#contract.execute.grantCommitteeMember([account], options)));
  }

  revokeMember(account: Address, options: Options = {}): Promise<Vote> {
    return voted(changed(this.#contract.execute.revokeCommitteeMember([account], options)));
  }

  setWeight(member: Address, weight: number, options: Options = {}): Promise<Vote> {
    return voted(changed(this.#contract.execute.updateCommitteeMemberWeight([member, BigInt(weight)], options)));
  }

  /** @param percent 0 to 99 */
  setThreshold(percent: number, options: Options = {}): Promise<Vote> {
    return voted(changed(this.#contract.execute.updateThreshold([BigInt(percent)], options)));
  }

  async listMembers(): Promise<readonly Grant[]> {
    return readJsonOf(await this.#contract.read.listCommitteeMembers(), grants);
  }

  /** @throws SdkError -52001 when the account is no member */
  async weightOf(member: Address): Promise<number> {
    const [, weight] = await this.#contract.read.queryCommitteeMemberWeight([member]);
    return checkCode(weight);
  }

  /** In percent, rounded down as nodes do: some thresholds read one lower than they are. */
  async threshold(): Promise<number> {
    return checkCode(await this.#contract.read.queryThreshold());
  }

  /** What others have voted about this account: its membership and its weight. */
  async votesOnMember(account: Address): Promise<readonly PendingVote[]> {
    return readJsonOf(await this.#contract.read.queryVotesOfMember([account]), pendingVotes);
  }

  async votesOnThreshold(): Promise<readonly PendingVote[]> {
    return readJsonOf(await this.#contract.read.queryVotesOfThreshold(), pendingVotes);
  }

  /** An operator may deploy contracts and register names. */
  grantOperator(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.grantOperator([account], options));
  }

  revokeOperator(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.revokeOperator([account], options));
  }

  async listOperators(): Promise<readonly Grant[]> {
    return readJsonOf(await this.#contract.read.listOperators(), grants);
  }

  freezeAccount(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.freezeAccount([account], options));
  }

  unfreezeAccount(account: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.unfreezeAccount([account], options));
  }

  /** A sentence of the chain, for example `The account is available.` */
  accountStatus(account: Address): Promise<string> {
    return this.#contract.read.getAccountStatus([account]);
  }
}
