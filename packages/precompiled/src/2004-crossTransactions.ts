import { equalBytes } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import { CrossMessage, type ReadCrossMessage, readCrossMessage, tell } from './2004-crossMessages.js';
import { CrossState, type CrossTransaction, isIdOf, nextId, readCross, writeCross } from './2004-crossRows.js';
import { cancel, confirm, prepareIn, prepareOut } from './2004-participants.js';
import { systemAddress } from './addresses.js';
import {
  CROSS_DECIDED,
  CROSS_MISSING,
  CROSS_NOTHING_TO_FINISH,
  CROSS_OF_OTHER_CHAIN,
  CROSS_PARTICIPANT_FAILED,
  CROSS_TOO_EARLY,
} from './codes.js';
import { emitEvent } from './framework/event.js';
import { word } from './framework/output.js';
import { onMessage, type ReceivedMessage } from './framework/receivedMessage.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { CROSS_TIMEOUT_BLOCKS_MAX } from './limits.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;
const OWN_ADDRESS = systemAddress(0x2004);
const NOBODY: Address = systemAddress(0);
const CHANGED = 'TransactionChanged(bytes32,uint256)';

const DESCRIPTION = ['uint256', 'bytes32', 'address', 'address', 'address', 'uint256'] as const;

type Decision = 'confirm' | 'cancel';

interface Beginning {
  readonly chain: Uint8Array;
  readonly participant: Address;
  readonly remote: Address;
  readonly data: Uint8Array;
  readonly timeoutBlocks: bigint;
}

/** @returns the id. Whatever is wrong fails the call, so that nothing is held without a transaction */
function begin(context: Context, { chain, participant, remote, data, timeoutBlocks }: Beginning): Uint8Array {
  const { host, sender } = context;
  if (timeoutBlocks < 1n || timeoutBlocks > CROSS_TIMEOUT_BLOCKS_MAX) {
    throw new SystemError(`the time-out must be 1 to ${CROSS_TIMEOUT_BLOCKS_MAX} blocks`);
  }
  const id = nextId(context);
  const deadline = host.blockNumber + Number(timeoutBlocks);
  const state = CrossState.preparing;
  const transaction = { id, state, chain, participant, remote, initiator: sender, deadline };
  change(context, transaction, state);
  const forRemote = prepareOut(context, transaction, data);
  tell(context, chain, CrossMessage.prepare, id, { participant, remote, forRemote });
  return id;
}

/** Anybody may, when the time-out is over: what was begun here is held no longer, whatever the other chain answers later. */
function cancelLate(context: Context, id: Uint8Array): number {
  const transaction = readCross(context, id);
  if (transaction === undefined) return CROSS_MISSING;
  if (!isIdOf(context.host.chainIdentity(), id)) return CROSS_OF_OTHER_CHAIN;
  if (transaction.state !== CrossState.preparing) return CROSS_DECIDED;
  if (context.host.blockNumber < transaction.deadline) return CROSS_TOO_EARLY;
  tell(context, transaction.chain, CrossMessage.cancel, id);
  carryOut(context, transaction, 'cancel');
  return DONE;
}

/** Asks a participant again that could not do what is decided. */
function finish(context: Context, id: Uint8Array): number {
  const transaction = readCross(context, id);
  if (transaction === undefined) return CROSS_MISSING;
  const { state } = transaction;
  if (state !== CrossState.confirming && state !== CrossState.cancelling) return CROSS_NOTHING_TO_FINISH;
  const isDone = carryOut(context, transaction, state === CrossState.confirming ? 'confirm' : 'cancel');
  return isDone ? DONE : CROSS_PARTICIPANT_FAILED;
}

/**
 * The end is written before the participant is called: one that calls back finds nothing left to do. What it could not do stays
 * decided and can be finished later.
 */
function carryOut(context: Context, transaction: CrossTransaction, decision: Decision): boolean {
  const isConfirmed = decision === 'confirm';
  writeCross(context, { ...transaction, state: isConfirmed ? CrossState.confirmed : CrossState.cancelled });
  const isDone = isConfirmed ? confirm(context, transaction) : cancel(context, transaction);
  if (isDone) announce(context, transaction.id, isConfirmed ? CrossState.confirmed : CrossState.cancelled);
  else change(context, transaction, isConfirmed ? CrossState.confirming : CrossState.cancelling);
  return isDone;
}

/** A message that is refused can be tried again by 0x2002; one that comes too late changes nothing. */
function take(context: Context, { chain, sender, payload }: ReceivedMessage): void {
  const message = readCrossMessage(sender, payload);
  if (message === undefined) throw new SystemError('this is no message of CrossTransactions');
  const isAnswer = message.kind === CrossMessage.ready || message.kind === CrossMessage.refused;
  const home = isAnswer ? context.host.chainIdentity() : chain;
  const transaction = readCross(context, message.id);
  const isOfPair = transaction === undefined || equalBytes(transaction.chain, chain);
  if (!isIdOf(home, message.id) || !isOfPair) throw new SystemError('the transaction is of other chains');
  if (isAnswer) takeAnswer(context, transaction, message.kind === CrossMessage.ready);
  else if (message.kind === CrossMessage.prepare) takePreparation(context, transaction, chain, message);
  else takeDecision(context, transaction, chain, message);
}

/** The first answer decides, if it is in time. */
function takeAnswer(context: Context, transaction: CrossTransaction | undefined, isReady: boolean): void {
  if (transaction === undefined) throw new SystemError('there is no such transaction');
  if (transaction.state !== CrossState.preparing) return;
  if (isReady) tell(context, transaction.chain, CrossMessage.confirm, transaction.id);
  carryOut(context, transaction, isReady ? 'confirm' : 'cancel');
}

/** One that was cancelled before it could be prepared stays so. */
function takePreparation(
  context: Context,
  known: CrossTransaction | undefined,
  chain: Uint8Array,
  { id, from, to, forRemote }: ReadCrossMessage,
): void {
  if (known !== undefined) return;
  const refused = CrossState.refused;
  const transaction = { id, state: refused, chain, participant: to, remote: from, initiator: NOBODY, deadline: 0 };
  writeCross(context, transaction);
  const isReady = prepareIn(context, transaction, forRemote);
  if (isReady) change(context, transaction, CrossState.ready);
  else announce(context, id, refused);
  tell(context, chain, isReady ? CrossMessage.ready : CrossMessage.refused, id);
}

/** A decision against the other one that is here already cannot come from an honest chain. */
function takeDecision(
  context: Context,
  known: CrossTransaction | undefined,
  chain: Uint8Array,
  { id, kind }: ReadCrossMessage,
): void {
  const decision: Decision = kind === CrossMessage.confirm ? 'confirm' : 'cancel';
  if (known?.state === CrossState.ready) {
    carryOut(context, known, decision);
  } else if (known === undefined && decision === 'cancel') {
    const unprepared = { id, chain, participant: NOBODY, remote: NOBODY, initiator: NOBODY, deadline: 0 };
    change(context, { ...unprepared, state: CrossState.cancelled }, CrossState.cancelled);
  } else if (known === undefined || !isSameEnd(known.state, decision)) {
    throw new SystemError('the decision does not fit to what is here');
  }
}

function isSameEnd(state: CrossState, decision: Decision): boolean {
  const ends: readonly CrossState[] =
    decision === 'confirm'
      ? [CrossState.confirming, CrossState.confirmed]
      : [CrossState.cancelling, CrossState.cancelled, CrossState.refused];
  return ends.includes(state);
}

function change(context: Context, transaction: CrossTransaction, state: CrossState): void {
  writeCross(context, { ...transaction, state });
  announce(context, transaction.id, state);
}

function announce({ host }: Context, id: Uint8Array, state: CrossState): void {
  emitEvent(host, OWN_ADDRESS, CHANGED, [id], [BigInt(state)]);
}

/** All zero for an id that is not here. */
function describe(context: Context, id: Uint8Array): Uint8Array {
  const found = readCross(context, id);
  if (found === undefined) return encodeAbi(DESCRIPTION, [0n, new Uint8Array(32), NOBODY, NOBODY, NOBODY, 0n]);
  const { state, chain, participant, remote, initiator, deadline } = found;
  return encodeAbi(DESCRIPTION, [BigInt(state), chain, participant, remote, initiator, BigInt(deadline)]);
}

/**
 * Transactions over two chains that end the same way on both: docs/adr/0024-transactions-over-two-chains.md. Not of 2.x. The chain
 * that begins one decides it.
 */
export const crossTransactions = new ContractKind<undefined>({
  name: 'CrossTransactions',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('begin(bytes32,address,address,bytes,uint256)', (context, chain, participant, remote, data, timeoutBlocks) =>
      begin(context, { chain, participant, remote, data, timeoutBlocks }),
    ),
    define('cancel(bytes32)', (context, id) => word(cancelLate(context, id))),
    define('finish(bytes32)', (context, id) => word(finish(context, id))),
    define('transaction(bytes32)', describe),
    onMessage(take),
  ],
});
