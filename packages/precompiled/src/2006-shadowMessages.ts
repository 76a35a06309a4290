/** What the hot chain tells the shadow accounts. Each refusal leaves nothing; the message can be tried again. */
import { equalBytes } from '@menglian/base/bytes';
import { NO_RECORD_HASH } from '@menglian/interchain/clearingRecord';
import {
  type ClearingMessage,
  decodeClearingMessage,
  encodeClearingMessage,
} from '@menglian/interchain/clearingRecordMessages';
import { type Address, ZERO_ADDRESS } from '@menglian/types/address';
import { sendMessage } from './2002-outbox.js';
import { isAllowedChain } from './2005-money.js';
import {
  addShadow,
  dropRecord,
  readRecord,
  readShadow,
  type Shadow,
  SHADOW_SUMS,
  sumKey,
  writeShadow,
} from './2006-shadowTables.js';
import { HOT_ACCOUNTS_ADDRESS, isAccountName, nameHash, SHADOW_ACCOUNTS_ADDRESS } from './2007-names.js';
import { emitEvent } from './framework/event.js';
import { word } from './framework/output.js';
import type { ReceivedMessage } from './framework/receivedMessage.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { addToSum, checkSum } from './tables/ownRows.js';

type Context = FunctionContext<undefined>;
type Grant = Extract<ClearingMessage, { kind: 'grant' }>;

const OPENED = 'Opened(bytes32,bytes32,address,string)';
const GRANTED = 'Granted(bytes32,bytes32,uint256,uint256)';
const CONFIRMED = 'Confirmed(bytes32,uint256,bytes32)';

export function receiveFromHotChain(context: Context, message: ReceivedMessage): void {
  if (message.sender !== HOT_ACCOUNTS_ADDRESS) throw new SystemError('only HotAccounts of another chain may say this');
  const decoded = decodeClearingMessage(message.payload);
  if (!decoded.ok) throw new SystemError('the message is malformed');
  const told = decoded.value;
  switch (told.kind) {
    case 'open':
      return open(context, message.chain, told.account, told.owner);
    case 'grant':
      return grant(context, message.chain, told);
    case 'settled':
      return confirm(context, message.chain, told.account, told.epoch, told.recordHash);
    case 'opened':
    case 'close':
      throw new SystemError('this is said to HotAccounts');
  }
}

function open(context: Context, chain: Uint8Array, account: string, owner: Address): void {
  const { host } = context;
  requireAllowed(context, chain);
  if (!isAccountName(account) || owner === ZERO_ADDRESS) throw new SystemError('the name or the owner is invalid');
  if (readShadow(context, account) !== undefined) throw new SystemError('the name is taken');
  addShadow(context, account, {
    hotChain: chain,
    owner,
    openEpoch: 1n,
    firstBlock: BigInt(host.blockNumber),
    previousHash: NO_RECORD_HASH,
    settledEpoch: 0n,
    grants: 0n,
  });
  const payload = encodeClearingMessage({ kind: 'opened', account });
  const sequence = sendMessage(context, chain, SHADOW_ACCOUNTS_ADDRESS, HOT_ACCOUNTS_ADDRESS, payload);
  if (sequence < 0) throw new SystemError(`the answer cannot be sent: ${sequence}`);
  const topics = [nameHash(host, account), chain];
  emitEvent(host, SHADOW_ACCOUNTS_ADDRESS, OPENED, topics, [owner, account]);
}

/** Each grant once and in order, as epochs are in the other direction. */
function grant(context: Context, chain: Uint8Array, { account, number, amount }: Grant): void {
  const { host } = context;
  requireAllowed(context, chain);
  const shadow = requireShadow(context, chain, account);
  if (number !== shadow.grants + 1n) throw new SystemError('another grant is to come');
  const quota = sumKey('quota', account);
  if (checkSum(context, SHADOW_SUMS, quota, amount) !== 'fits') throw new SystemError('the quota has no room for it');
  addToSum(context, SHADOW_SUMS, quota, amount);
  writeShadow(context, account, { ...shadow, grants: number });
  const topics = [nameHash(host, account), chain, word(number)];
  emitEvent(host, SHADOW_ACCOUNTS_ADDRESS, GRANTED, topics, [amount]);
}

/** The hot chain has booked the epoch: nobody needs the record here any more. */
function confirm(context: Context, chain: Uint8Array, account: string, epoch: bigint, recordHash: Uint8Array): void {
  const { host } = context;
  const shadow = requireShadow(context, chain, account);
  if (epoch !== shadow.settledEpoch + 1n || epoch >= shadow.openEpoch)
    throw new SystemError('another epoch is to be settled');
  const hash = host.suite.hash(readRecord(context, account, epoch));
  if (!equalBytes(hash, recordHash)) throw new SystemError('another record was closed');
  dropRecord(context, account, epoch);
  writeShadow(context, account, { ...shadow, settledEpoch: epoch });
  emitEvent(host, SHADOW_ACCOUNTS_ADDRESS, CONFIRMED, [nameHash(host, account), word(epoch)], [recordHash]);
}

function requireAllowed(context: Context, chain: Uint8Array): void {
  if (!isAllowedChain(context, chain)) throw new SystemError('the committee does not allow money of this chain');
}

function requireShadow(context: Context, chain: Uint8Array, account: string): Shadow {
  const shadow = readShadow(context, account);
  if (shadow === undefined) throw new SystemError('there is no such shadow account');
  if (!equalBytes(shadow.hotChain, chain)) throw new SystemError('the account is of another chain');
  return shadow;
}
