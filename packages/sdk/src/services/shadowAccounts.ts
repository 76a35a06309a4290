import { decodeClearingRecord } from '@menglian/interchain/clearingRecord';
import { fromByteString, utf8Text } from '@menglian/base/bytes';
import { type Contract, createContract } from '../contract.js';
import { type Address, bytesOf, type Hash, type Hex, hexOf, ZERO_ADDRESS } from '../hex.js';
import { bareHex, list, type ReadBy, record, text } from '../rpc/reader.js';
import { sdkError } from '../sdkError.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, readJsonOf, systemAddress } from './systemContract.js';

const SHADOW_ACCOUNTS_ABI = [
  changes('pay', ['string', 'uint256', 'bytes32']),
  changes('payOut', ['string', 'address', 'uint256', 'bytes32']),
  changes('close', ['string']),
  reads('shadow', ['string'], ['bytes32', 'address', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256']),
  reads('shadows', [], ['string']),
  reads('shadowsFrom', ['uint256'], ['string']),
  reads('record', ['string', 'uint256'], ['bytes']),
  {
    type: 'event',
    name: 'Paid',
    inputs: [
      { name: 'accountHash', type: 'bytes32', indexed: true },
      { name: 'payer', type: 'address', indexed: true },
      { name: 'epoch', type: 'uint256', indexed: true },
      { name: 'amount', type: 'uint256' },
      { name: 'reference', type: 'bytes32' },
    ],
  },
  {
    type: 'event',
    name: 'PaidOut',
    inputs: [
      { name: 'accountHash', type: 'bytes32', indexed: true },
      { name: 'to', type: 'address', indexed: true },
      { name: 'epoch', type: 'uint256', indexed: true },
      { name: 'amount', type: 'uint256' },
      { name: 'reference', type: 'bytes32' },
    ],
  },
  {
    type: 'event',
    name: 'Closed',
    inputs: [
      { name: 'accountHash', type: 'bytes32', indexed: true },
      { name: 'epoch', type: 'uint256', indexed: true },
      { name: 'recordHash', type: 'bytes32' },
      { name: 'record', type: 'bytes' },
    ],
  },
] as const;

/** Names that one call lists. */
const SHADOWS_PER_PAGE = 256;

/** Accounts that are listed in all: a chain may have more, but no program wants them in one array. */
const SHADOWS_LISTED_MAX = 65_536;

/** Stands for no reference. */
const NO_REFERENCE: Hash = `0x${'00'.repeat(32)}`;

/** What a chain holds for an account of a hot chain. */
export interface ShadowAccount {
  /** Identity of the hot chain. */
  readonly hotChain: Hash;
  readonly owner: Address;
  readonly openEpoch: bigint;
  /** Of the open epoch. */
  readonly openIn: bigint;
  readonly openOut: bigint;
  readonly openCount: bigint;
  /** What the owner may still pay out here. */
  readonly quota: bigint;
  /** The last epoch of which this chain knows that it was booked. */
  readonly settledEpoch: bigint;
}

/** What a closed epoch came to. */
export interface ClearingStatement {
  readonly account: string;
  /** Identity of the chain with the shadow account. */
  readonly chain: Hash;
  readonly epoch: bigint;
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly payments: bigint;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly previousHash: Hash;
  /** As it was hashed, in the next record and in events. */
  readonly bytes: Hex;
}

const shadowList = list(record({ account: text, hotChain: bareHex, owner: text }));
export type ListedShadow = ReadBy<typeof shadowList>[number];

type Options = SendOptions & WaitOptions;

/**
 * Payments to accounts of another chain that everybody pays to: each is final on this chain, and clearing carries sums
 * (docs/hot-accounts.md). Only where `enable_interchain` is on; not of 2.x.
 */
export class ShadowAccounts {
  readonly #contract: Contract<typeof SHADOW_ACCOUNTS_ABI>;

  constructor(caller: Caller) {
    this.#contract = createContract(caller, systemAddress(0x2006), SHADOW_ACCOUNTS_ABI);
  }

  /** From the balance of who signs. @param reference what to find the payment by, in its event */
  pay(account: string, amount: bigint, reference: Hash = NO_REFERENCE, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.pay([account, amount, reference], options));
  }

  /** For the owner: from what the hot account granted. */
  payOut(
    account: string,
    payment: { readonly to: Address; readonly amount: bigint; readonly reference?: Hash },
    options: Options = {},
  ): Promise<Changed> {
    const { to, amount, reference = NO_REFERENCE } = payment;
    return changed(this.#contract.execute.payOut([account, to, amount, reference], options));
  }

  /** Ends the open epoch and sends what it came to, as relays do. Anybody may. */
  close(account: string, options: Options = {}): Promise<Changed> {
    return changed(this.#contract.execute.close([account], options));
  }

  /** undefined: this chain has no shadow of the account. */
  async get(account: string): Promise<ShadowAccount | undefined> {
    const [hotChain, owner, openEpoch, openIn, openOut, openCount, quota, settledEpoch] =
      await this.#contract.read.shadow([account]);
    if (owner === ZERO_ADDRESS) return undefined;
    return { hotChain, owner, openEpoch, openIn, openOut, openCount, quota, settledEpoch };
  }

  /** All of the chain, in the order in which they were opened. */
  async list(): Promise<readonly ListedShadow[]> {
    const shadows: ListedShadow[] = [];
    for (;;) {
      const page = readJsonOf(await this.#contract.read.shadowsFrom([BigInt(shadows.length)]), shadowList);
      shadows.push(...page);
      if (page.length < SHADOWS_PER_PAGE || shadows.length >= SHADOWS_LISTED_MAX) return shadows;
    }
  }

  /** A closed epoch that is not settled; undefined: it is open, settled, or of the future. */
  async record(account: string, epoch: bigint): Promise<ClearingStatement | undefined> {
    const bytes = await this.#contract.read.record([account, epoch]);
    return bytes === '0x' ? undefined : readClearingStatement(bytes);
  }

  /** Of single payments and of epochs: `find`, `watch`, `decode`. */
  get events() {
    return this.#contract.events;
  }
}

/** @param bytes as contracts answer and log them. @throws SdkError `BadAnswer` */
export function readClearingStatement(bytes: Hex): ClearingStatement {
  const read = decodeClearingRecord(bytesOf(bytes, 'the record'));
  if (!read.ok) throw sdkError('BadAnswer', 'the record cannot be read', 'see the version of the chain');
  const { account, chain, firstBlock, lastBlock, previousHash, ...amounts } = read.value;
  return {
    ...amounts,
    account: utf8Text(fromByteString(account)),
    chain: hexOf(chain),
    firstBlock: Number(firstBlock),
    lastBlock: Number(lastBlock),
    previousHash: hexOf(previousHash),
    bytes,
  };
}
