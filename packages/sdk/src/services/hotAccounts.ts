import { type Contract, createContract } from '../contract.js';
import { type Address, type Hash, ZERO_ADDRESS } from '../hex.js';
import { bareHex, list, mapped, record, text } from '../rpc/reader.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { type ClearingStatement, readClearingStatement } from './shadowAccounts.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, readJsonOf, systemAddress } from './systemContract.js';

const HOT_ACCOUNTS_ABI = [
  changes('create', ['string', 'address']),
  changes('attach', ['string', 'bytes32']),
  changes('grant', ['string', 'bytes32', 'uint256']),
  changes('withdraw', ['string', 'address', 'uint256']),
  reads('account', ['string'], ['address', 'uint256', 'uint256', 'uint256', 'uint256']),
  reads('shadow', ['string', 'bytes32'], ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256']),
  reads('shadows', ['string'], ['string']),
  reads('statement', ['string', 'bytes32', 'uint256'], ['bytes']),
  {
    type: 'event',
    name: 'Settled',
    inputs: [
      { name: 'accountHash', type: 'bytes32', indexed: true },
      { name: 'chain', type: 'bytes32', indexed: true },
      { name: 'epoch', type: 'uint256', indexed: true },
      { name: 'amountIn', type: 'uint256' },
      { name: 'amountOut', type: 'uint256' },
      { name: 'payments', type: 'uint256' },
      { name: 'recordHash', type: 'bytes32' },
    ],
  },
] as const;

/** An account of the hot chain that users of many chains pay to. */
export interface HotAccount {
  readonly owner: Address;
  /** Booked and not spent. */
  readonly balance: bigint;
  /** Of all settled epochs of all chains. */
  readonly settledIn: bigint;
  readonly settledOut: bigint;
  /** Given to shadows to be paid out there. */
  readonly granted: bigint;
}

/** What the hot chain has booked of one user chain. */
export interface SettledShadow {
  readonly lastEpoch: bigint;
  readonly lastHash: Hash;
  readonly settledIn: bigint;
  readonly settledOut: bigint;
  readonly granted: bigint;
  readonly payments: bigint;
}

export interface AttachedChain {
  /** Identity of the user chain. */
  readonly chain: Hash;
  /** `asked`: the chain did not answer yet; `open`: it takes payments. */
  readonly state: string;
}

const attachedChains = list(
  mapped(record({ chain: bareHex, state: text }), ({ chain, state }): AttachedChain => ({
    chain: `0x${chain}`,
    state,
  })),
);

type Options = SendOptions & WaitOptions;

/** Accounts of this chain that users of many chains pay to (docs/hot-accounts.md). Only where `enable_interchain` is on; not of 2.x. */
export class HotAccounts {
  readonly #contract: Contract<typeof HOT_ACCOUNTS_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2007), HOT_ACCOUNTS_ABI);
  }

  /** Anybody may take a free name, for any owner. */
  create(account: string, owner: Address, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.create([account, owner], options));
  }

  /** For the owner: opens a shadow on a user chain. It takes payments once a relay has carried the message there. */
  attach(account: string, chain: Hash, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.attach([account, chain], options));
  }

  /** For the owner: from the balance, to be paid out on a user chain. */
  grant(account: string, chain: Hash, amount: bigint, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.grant([account, chain, amount], options));
  }

  /** For the owner: from the balance, to an account of this chain. */
  withdraw(account: string, to: Address, amount: bigint, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.withdraw([account, to, amount], options));
  }

  /** undefined: there is no such account */
  async get(account: string): Promise<HotAccount | undefined> {
    const [owner, balance, settledIn, settledOut, granted] = await this.#contract.read.account([account]);
    return owner === ZERO_ADDRESS ? undefined : { owner, balance, settledIn, settledOut, granted };
  }

  /** All zero for a chain that is not attached. */
  async shadow(account: string, chain: Hash): Promise<SettledShadow> {
    const [lastEpoch, lastHash, settledIn, settledOut, granted, payments] = await this.#contract.read.shadow([
      account,
      chain,
    ]);
    return { lastEpoch, lastHash, settledIn, settledOut, granted, payments };
  }

  async chains(account: string): Promise<readonly AttachedChain[]> {
    return readJsonOf(await this.#contract.read.shadows([account]), attachedChains);
  }

  /** What was booked for one epoch of a user chain; undefined: nothing yet. */
  async statement(account: string, chain: Hash, epoch: bigint): Promise<ClearingStatement | undefined> {
    const bytes = await this.#contract.read.statement([account, chain, epoch]);
    return bytes === '0x' ? undefined : readClearingStatement(bytes);
  }

  /** Of epochs that were booked: `find`, `watch`, `decode`. */
  get settled() {
    return this.#contract.events.Settled;
  }
}
