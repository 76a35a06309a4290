import { concatBytes, fromBigInt, toBigInt, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { StateView } from '@menglian/ledger/stateView';
import { readRows } from '@menglian/ledger/systemTables';
import {
  decodeRotation,
  encodeKeyRegistration,
  encodeRotation,
  isRotation,
} from '@menglian/precompiled/1011-rotationCalls';
import { accountOf, judgeRotation, proveKey, rotationCall } from '@menglian/precompiled/1011-rotationRules';
import { hasVrfKey, readRotationState, type RowReader } from '@menglian/precompiled/1011-rotationState';
import { systemAddress } from '@menglian/precompiled/addresses';
import type { NodeId } from '@menglian/types/address';
import { signTransaction, type SignedTransaction, type Transaction } from '@menglian/types/transaction';

const MANAGER = systemAddress(0x1011);

/** Keep what is derived from the node's key apart from each other and from its signatures. */
const SECRET_DOMAIN = utf8Bytes('menglian vrf secret');
const NONCE_DOMAIN = utf8Bytes('menglian rotation nonce');
const NUMBER_BYTES = 8;
/** One byte less than a nonce may have, so that it is never the forbidden one. */
const NONCE_BYTES = 31;

const PLENTY_OF_GAS = 300_000_000n;

/** A block as far as rotation looks at it. */
export interface RotationBlock {
  readonly height: number;
  /** The node that proposed it first: the one its header names. */
  readonly sealer: NodeId;
}

/** Whether the block on this state must begin with a rotation. @param view state after the block below `height` */
export function isRotationDue(view: StateView, height: number): boolean {
  return readRotationState(readerOf(view), height - 1)?.isDue === true;
}

/**
 * Judges the rotation of a proposal or of a block that came by sync, its absence included. Deterministic: every node
 * that has the state after the block below finds the same.
 * @param view state after the block below
 * @returns the reason for refusal
 */
export function checkRotation(
  suite: CryptoSuite,
  view: StateView,
  { height, sealer }: RotationBlock,
  transactions: readonly SignedTransaction[],
): string | undefined {
  const read = readerOf(view);
  const state = readRotationState(read, height - 1);
  if (state === undefined) return undefined;
  const [first, ...others] = transactions;
  if (others.some((transaction) => isRotationTransaction(suite, transaction))) {
    return 'holds a rotation of the working sealers behind its beginning';
  }
  const isFirst = first !== undefined && isRotationTransaction(suite, first);
  if (!state.isDue) return isFirst ? 'begins with a rotation of the working sealers that is not due' : undefined;
  const call = isFirst ? decodeRotation(suite, first.data) : undefined;
  if (first === undefined || call === undefined) return 'does not begin with the rotation of the working sealers';
  if (first.sender !== accountOf(suite, sealer)) return 'its rotation is not signed by the node that proposed it';
  const judged = judgeRotation(suite, read, state, first.sender, call);
  return judged.ok ? undefined : `its rotation is refused: ${judged.reason}`;
}

/** Only leaders make these, for their own blocks: the pool of an rPBFT group takes none. */
export function isRotationTransaction(suite: CryptoSuite, transaction: Pick<Transaction, 'to' | 'data'>): boolean {
  return transaction.to === MANAGER && isRotation(suite, transaction.data);
}

/** What a leader of an rPBFT group puts in front of the transactions of others. */
export class RotationLeader {
  readonly #suite: CryptoSuite;
  readonly #chainId: bigint;
  readonly #groupId: number;
  readonly #nodeId: NodeId;
  readonly #privateKey: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(options: {
    readonly suite: CryptoSuite;
    readonly chainId: bigint;
    readonly groupId: number;
    readonly nodeId: NodeId;
    /** of the node; never logged */
    readonly privateKey: Uint8Array;
  }) {
    this.#suite = options.suite;
    this.#chainId = options.chainId;
    this.#groupId = options.groupId;
    this.#nodeId = options.nodeId;
    this.#privateKey = options.privateKey;
    this.#secret = options.suite.hash(concatBytes(SECRET_DOMAIN, options.privateKey));
  }

  /**
   * The rotation if one is due, then this node's key if it is not registered: none in a group that does not rotate. The
   * same block begins with the same bytes however often it is asked for.
   * @param view state after the block below
   */
  openingTransactions(view: StateView, height: number): SignedTransaction[] {
    const read = readerOf(view);
    const state = readRotationState(read, height - 1);
    if (state === undefined) return [];
    const opening: SignedTransaction[] = [];
    if (state.isDue) {
      const call = rotationCall(read, state, this.#nodeId, this.#secret);
      opening.push(this.#sign(height, opening.length, encodeRotation(this.#suite, call)));
    }
    if (!hasVrfKey(read, this.#nodeId)) {
      const { publicKey, proof } = proveKey(this.#nodeId, this.#secret);
      const data = encodeKeyRegistration(this.#suite, this.#nodeId, publicKey, proof);
      opening.push(this.#sign(height, opening.length, data));
    }
    return opening;
  }

  #sign(height: number, index: number, data: Uint8Array): SignedTransaction {
    const fields = {
      nonce: this.#nonce(height, index),
      gasPrice: PLENTY_OF_GAS,
      gas: PLENTY_OF_GAS,
      blockLimit: BigInt(height),
      to: MANAGER,
      value: 0n,
      data,
      chainId: this.#chainId,
      groupId: BigInt(this.#groupId),
      extraData: new Uint8Array(0),
    };
    return signTransaction(this.#suite, fields, this.#privateKey);
  }

  /** Not to be guessed before it is sent: whoever used it first in a block would bar the rotation. */
  #nonce(height: number, index: number): bigint {
    const numbers = [this.#chainId, BigInt(this.#groupId), BigInt(height), BigInt(index)];
    const bytes = numbers.map((number) => fromBigInt(number, NUMBER_BYTES));
    return toBigInt(this.#suite.hash(concatBytes(NONCE_DOMAIN, this.#privateKey, ...bytes)).subarray(0, NONCE_BYTES));
  }
}

function readerOf(view: StateView): RowReader {
  return (table, key) => readRows(view, table, key);
}
