import { concatBytes, fromBigInt, toBigInt, utf8Bytes } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
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
import {
  hasVrfKey,
  readRotationState,
  type RotationState,
  type RowReader,
} from '@menglian/precompiled/1011-rotationState';
import { systemAddress } from '@menglian/precompiled/addresses';
import type { NodeId } from '@menglian/types/address';
import { BLOCK_TRANSACTION_BYTES_MAX } from './limits.js';
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

/**
 * The working sealers of an rPBFT group as its node sees them: what it puts in front of the transactions of others when it
 * leads, and what it refuses from other leaders. Only for groups of rPBFT (docs/adr/0012-rotation-of-working-sealers.md).
 */
export class Rotation {
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
   * What this node proposes as leader: these transactions, or as many as there is room for behind its own.
   * @param view state after the block below
   */
  openBlock(
    view: StateView,
    { height, maxTransactions }: { readonly height: number; readonly maxTransactions: number },
    transactions: readonly SignedTransaction[],
  ): SignedTransaction[] {
    const block = [...this.#opening(view, height), ...transactions].slice(0, maxTransactions);
    let bytes = block.reduce((sum, { raw }) => sum + raw.length, 0);
    while (bytes > BLOCK_TRANSACTION_BYTES_MAX && block.length > 1) bytes -= block.pop()!.raw.length;
    return block;
  }

  /**
   * The rotation if one is due, then this node's key if it is not registered. The same block begins with the same bytes
   * however often it is asked for.
   */
  #opening(view: StateView, height: number): SignedTransaction[] {
    const read = readerOf(view);
    const state = stateOf(read, height);
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

  /**
   * Judges the rotation of a proposal or of a block that came by sync, its absence included. Deterministic: every node
   * that has the state after the block below finds the same.
   * @param view state after the block below
   * @returns the reason for refusal
   */
  check(
    view: StateView,
    { height, sealer }: RotationBlock,
    transactions: readonly SignedTransaction[],
  ): string | undefined {
    const suite = this.#suite;
    const read = readerOf(view);
    const state = stateOf(read, height);
    const [first, ...others] = transactions;
    if (others.some((transaction) => this.isReserved(transaction))) {
      return 'holds a rotation of the working sealers behind its beginning';
    }
    const isRotated = first !== undefined && this.isReserved(first);
    if (!state.isDue) return isRotated ? 'begins with a rotation of the working sealers that is not due' : undefined;
    const call = isRotated ? decodeRotation(suite, first.data) : undefined;
    if (first === undefined || call === undefined) return 'does not begin with the rotation of the working sealers';
    if (first.sender !== accountOf(suite, sealer)) return 'its rotation is not signed by the node that proposed it';
    const judged = judgeRotation(suite, read, state, first.sender, call);
    return judged.ok ? undefined : `its rotation is refused: ${judged.reason}`;
  }

  /** Whether only leaders make such a transaction, for their own blocks: the pool takes none. */
  isReserved(transaction: Pick<Transaction, 'to' | 'data'>): boolean {
    return transaction.to === MANAGER && isRotation(this.#suite, transaction.data);
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

function stateOf(read: RowReader, height: number): RotationState {
  const state = readRotationState(read, height - 1);
  invariant(state !== undefined, 'node/rotating-group');
  return state;
}

function readerOf(view: StateView): RowReader {
  return (table, key) => readRows(view, table, key);
}
