import { concatBytes, equalBytes, fromBigInt } from '@menglian/base/bytes';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { decodeMessageBundle, type MessageBundle } from '@menglian/interchain/messageBundle';
import { MESSAGES_ADDRESS, readSentMessage, type SentMessage } from '@menglian/interchain/sentMessage';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { learn, openClient, proveBlock } from './2001-headerChecks.js';
import { hashOfMessage, readFailed, readInbox, removeFailed, writeFailed, writeInbox } from './2002-inbox.js';
import {
  DELIVERY_BY_CONTRACT,
  HEADER_TOO_OLD,
  MESSAGE_NOT_FAILED,
  NO_MESSAGE,
  PROOF_MALFORMED,
  SEQUENCE_GAP,
} from './codes.js';
import { emitEvent } from './framework/event.js';
import { ON_MESSAGE } from './framework/receivedMessage.js';
import { parameterTypes } from './framework/signature.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { INNER_LOG_BYTES_MAX } from './limits.js';
import { LOG_OVERHEAD_BYTES } from './ports.js';

/** Gas and work that a receiver has for one message; with less it is not the receiver's fault if it fails. */
export const MESSAGE_GAS = 20_000_000;

/**
 * Gas of all receivers of one delivery that succeed: what they can write for it, 2.6 bytes for a unit of gas at most, is less than a block may change.
 */
const DELIVERY_GAS_MAX = 1.5 * MESSAGE_GAS;

/** What is kept back to write down how a message ended, of gas and of work. */
const BOOKING_GAS = 100_000;
const BOOKING_WORK = 1_000_000;

/** Logs of one delivery: its receipt may have to be proven too, for what the receivers send. */
const DELIVERY_LOG_BYTES_MAX = 400 * 1024;

/** The event of a message that was taken: its data is one word. */
const RECEIVED_BYTES = LOG_OVERHEAD_BYTES + 32;
/** What one more message may write at most. */
const MESSAGE_LOG_BYTES_MAX = INNER_LOG_BYTES_MAX + RECEIVED_BYTES;

const FAILED = 0;
const SUCCEEDED = 1;

type Context = FunctionContext<undefined>;

/** How the receiver of one message took it. */
interface HandOver {
  readonly success: boolean;
  readonly logBytes: number;
  readonly gasUsed: number;
}

/**
 * Takes the messages of a bundle that are new, in their order and each once, and calls their receivers. It stops early where gas, work or
 * logs do not suffice for one more: the rest is taken by the next delivery of the same bundle.
 * @returns how many were taken, or the code of refusal: then none
 */
export function deliver(context: Context, chain: Uint8Array, bytes: Uint8Array): number {
  const { host } = context;
  if (context.sender !== host.origin) return DELIVERY_BY_CONTRACT;
  // Asked first: a thread that runs ahead stops here, before it checks signatures.
  const identity = host.chainIdentity();
  const proven = proveBlock(context, chain, bytes);
  if (!proven.ok) return proven.reason;
  const { number } = proven.value.bundle.header.header;
  const inbox = readInbox(context, chain);
  const messages = messagesFor(host.suite, proven.value.bundle, chain, identity);
  const news = messages.filter(({ sequence }) => sequence > inbox.last);
  if (news.some(({ sequence }, index) => sequence !== inbox.last + BigInt(index) + 1n)) return SEQUENCE_GAP;
  // A chain numbers its messages as its blocks; only keys of former sealers could sign another one in an old block.
  if (news.length > 0 && number < inbox.block) return HEADER_TOO_OLD;
  learn(context, chain, proven.value);
  let [logBytes, gasUsed] = [0, 0];
  for (const [taken, message] of news.entries()) {
    const fits =
      logBytes + MESSAGE_LOG_BYTES_MAX <= DELIVERY_LOG_BYTES_MAX && gasUsed + MESSAGE_GAS <= DELIVERY_GAS_MAX;
    if (taken > 0 && !(fits && isEnough(context))) return taken;
    const outcome = take(context, message, number);
    logBytes += RECEIVED_BYTES + outcome.logBytes;
    // One that failed has written nothing.
    if (outcome.success) gasUsed += outcome.gasUsed;
  }
  return news.length;
}

/**
 * Calls the receiver of a message again that failed before. The message is known by its hash: it was proven then.
 * @returns 1, or 0 where it failed once more, or the code of refusal
 */
export function retry(context: Context, chain: Uint8Array, sequence: bigint, bytes: Uint8Array): number {
  const { host } = context;
  if (context.sender !== host.origin) return DELIVERY_BY_CONTRACT;
  const client = openClient(context, chain);
  if (!client.ok) return client.reason;
  const bundle = decodeMessageBundle(bytes);
  if (!bundle.ok) return PROOF_MALFORMED;
  const hash = readFailed(context, chain, sequence);
  if (hash === undefined) return MESSAGE_NOT_FAILED;
  const message = messagesFor(host.suite, bundle.value, chain, host.chainIdentity()).find(
    (candidate) => candidate.sequence === sequence && hashOfMessage(host.suite, candidate) === hash,
  );
  if (message === undefined) return NO_MESSAGE;
  const { success } = handOver(context, message);
  announce(context, message, success);
  if (!success) return FAILED;
  removeFailed(context, chain, sequence);
  const inbox = readInbox(context, chain);
  writeInbox(context, chain, { ...inbox, failed: inbox.failed - 1 });
  return SUCCEEDED;
}

/** Messages of a bundle from one chain to another, in the order of the receipts and their logs. */
function messagesFor(
  suite: CryptoSuite,
  { receipts }: MessageBundle,
  source: Uint8Array,
  chain: Uint8Array,
): readonly SentMessage[] {
  return receipts
    .flatMap(({ receipt }) => receipt.logs.map((log) => readSentMessage(suite, log)))
    .filter((message) => message !== undefined)
    .filter((message) => equalBytes(message.source, source) && equalBytes(message.chain, chain));
}

/** @param block of the message on its chain */
function take(context: Context, message: SentMessage, block: number): HandOver {
  const { source, sequence } = message;
  const inbox = readInbox(context, source);
  writeInbox(context, source, { ...inbox, last: sequence, block });
  const outcome = handOver(context, message);
  if (!outcome.success) {
    writeFailed(context, message);
    writeInbox(context, source, { last: sequence, block, failed: inbox.failed + 1 });
  }
  announce(context, message, outcome.success);
  return outcome;
}

/** @throws SystemError where the receiver failed and could not have all that a message may use: then nothing of the delivery stays */
function handOver(context: Context, { source, sender, sequence, receiver, payload }: SentMessage): HandOver {
  const { host, gas } = context;
  const hadEnough = isEnough(context);
  const input = concatBytes(
    selector((data) => host.suite.hash(data), ON_MESSAGE),
    encodeAbi(parameterTypes(ON_MESSAGE), [source, sender, sequence, payload]),
  );
  const outcome = host.callContract({
    caller: MESSAGES_ADDRESS,
    target: receiver,
    input,
    gas: Math.min(MESSAGE_GAS, gasForReceiver(context)),
  });
  gas.add(outcome.gasUsed);
  const success = outcome.status === 0;
  if (success || hadEnough) return { success, logBytes: outcome.logBytes, gasUsed: outcome.gasUsed };
  throw new SystemError(`too little gas is left for message ${sequence}: give more gas, or hand over fewer`);
}

function isEnough(context: Context): boolean {
  return gasForReceiver(context) >= MESSAGE_GAS && context.host.workLeft >= MESSAGE_GAS + BOOKING_WORK;
}

function gasForReceiver({ gas, gasLimit }: Context): number {
  return Math.max(0, gasLimit - gas.total() - BOOKING_GAS);
}

function announce({ host }: Context, { source, sequence, receiver }: SentMessage, success: boolean): void {
  const topics = [source, fromBigInt(sequence, 32), fromBigInt(BigInt(`0x${receiver}`), 32)];
  emitEvent(host, MESSAGES_ADDRESS, 'Received(bytes32,uint256,address,bool)', topics, [success]);
}
