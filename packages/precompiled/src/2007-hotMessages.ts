/** What the chains of users tell their hot accounts. Each refusal leaves nothing; the message can be tried again. */
import { equalBytes } from '@menglian/base/bytes';
import { type ClearingRecord, decodeClearingRecord } from '@menglian/interchain/clearingRecord';
import { decodeClearingMessage, encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { sendMessage } from './2002-outbox.js';
import { isAllowedChain } from './2005-money.js';
import { HOT_SUMS, type HotShadow, hotSumKey, keepStatement, readHotShadow, writeHotShadow } from './2007-hotTables.js';
import { HOT_ACCOUNTS_ADDRESS, nameHash, SHADOW_ACCOUNTS_ADDRESS } from './2007-names.js';
import { emitEvent } from './framework/event.js';
import { word } from './framework/output.js';
import type { ReceivedMessage } from './framework/receivedMessage.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { addToSum, checkSum } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;

/** A sum above it could not be answered to anybody. */
const UINT256_MAX = 2n ** 256n - 1n;

const SHADOW_OPENED = 'ShadowOpened(bytes32,bytes32)';
const SETTLED = 'Settled(bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32)';

export function receiveFromUserChain(context: Context, message: ReceivedMessage): void {
  if (message.sender !== SHADOW_ACCOUNTS_ADDRESS)
    throw new SystemError('only ShadowAccounts of another chain may say this');
  const decoded = decodeClearingMessage(message.payload);
  if (!decoded.ok) throw new SystemError('the message is malformed');
  const told = decoded.value;
  switch (told.kind) {
    case 'opened':
      return markOpen(context, message.chain, told.account);
    case 'close':
      return settle(context, message.chain, told.record);
    case 'open':
    case 'grant':
    case 'settled':
      throw new SystemError('this is said to ShadowAccounts');
  }
}

function markOpen(context: Context, chain: Uint8Array, account: string): void {
  const { host } = context;
  const shadow = requireShadow(context, chain, account);
  if (shadow.state === 'open') throw new SystemError('the shadow account is open already');
  writeHotShadow(context, account, chain, { ...shadow, state: 'open' });
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, SHADOW_OPENED, [nameHash(host, account), chain], []);
}

/** Books a record: each epoch once, in order, and only as a continuation of the record before. */
function settle(context: Context, chain: Uint8Array, bytes: Uint8Array): void {
  const { host } = context;
  const record = readRecord(chain, bytes);
  const { account, epoch, amountIn, amountOut, payments } = record;
  const shadow = requireShadow(context, chain, account);
  requireContinuation(shadow, record);
  if (!isAllowedChain(context, chain)) throw new SystemError('the committee does not allow money of this chain');
  // All other sums of the account are parts of this one.
  if (checkSum(context, HOT_SUMS, hotSumKey('in', account), amountIn) !== 'fits')
    throw new SystemError('the account has no room for it');
  const recordHash = host.suite.hash(bytes);
  const told = encodeClearingMessage({ kind: 'settled', account, epoch, recordHash });
  const sequence = sendMessage(context, chain, HOT_ACCOUNTS_ADDRESS, SHADOW_ACCOUNTS_ADDRESS, told);
  if (sequence < 0) throw new SystemError(`the answer cannot be sent: ${sequence}`);
  for (const sum of ['balance', 'in'] as const) addToSum(context, HOT_SUMS, hotSumKey(sum, account), amountIn);
  addToSum(context, HOT_SUMS, hotSumKey('out', account), amountOut);
  keepStatement(context, account, chain, epoch, bytes);
  writeHotShadow(context, account, chain, {
    ...shadow,
    lastEpoch: epoch,
    lastHash: recordHash,
    settledIn: shadow.settledIn + amountIn,
    settledOut: shadow.settledOut + amountOut,
    payments: shadow.payments + payments,
  });
  const topics = [nameHash(host, account), chain, word(epoch)];
  emitEvent(host, HOT_ACCOUNTS_ADDRESS, SETTLED, topics, [amountIn, amountOut, payments, recordHash]);
}

function readRecord(chain: Uint8Array, bytes: Uint8Array): ClearingRecord {
  const record = decodeClearingRecord(bytes);
  if (!record.ok) throw new SystemError('the record is malformed');
  if (!equalBytes(record.value.chain, chain)) throw new SystemError('the record is of another chain');
  return record.value;
}

/** A chain that is what it says breaks none of these: they keep the account right where one is not. */
function requireContinuation(shadow: HotShadow, record: ClearingRecord): void {
  if (shadow.state !== 'open') throw new SystemError('the shadow account is not open');
  if (record.epoch !== shadow.lastEpoch + 1n) throw new SystemError('another epoch is to be settled');
  if (!equalBytes(record.previousHash, shadow.lastHash)) throw new SystemError('the record before is another one');
  if (record.amountOut > shadow.granted - shadow.settledOut)
    throw new SystemError('the record pays out more than was granted');
  if (record.payments > UINT256_MAX - shadow.payments) throw new SystemError('the record counts too many payments');
}

function requireShadow(context: Context, chain: Uint8Array, account: string): HotShadow {
  const shadow = readHotShadow(context, account, chain);
  if (shadow === undefined) throw new SystemError('the account has no shadow on this chain');
  return shadow;
}
