import { encodeClearingMessage } from '@menglian/interchain/clearingRecordMessages';
import { encodeClearingRecord } from '@menglian/interchain/clearingRecord';
import { UNSETTLED_EPOCHS_MAX } from '@menglian/interchain/limits';
import { sendMessage } from './2002-outbox.js';
import { clearOpenSums, keepRecord, readShadow, readShadowSum, type Shadow, writeShadow } from './2006-shadowTables.js';
import { HOT_ACCOUNTS_ADDRESS, nameHash, SHADOW_ACCOUNTS_ADDRESS } from './2007-names.js';
import { EPOCH_EMPTY, SHADOW_MISSING, UNSETTLED_EPOCHS_FULL } from './codes.js';
import { emitEvent } from './framework/event.js';
import { word } from './framework/output.js';
import type { FunctionContext } from './framework/systemContract.js';

type Context = FunctionContext<undefined>;

const DONE = 1;

const CLOSED = 'Closed(bytes32,uint256,bytes32,bytes)';

/**
 * Ends the open epoch, tells the hot chain what it came to and begins the next one, all at once. Anybody may: every amount comes out
 * of the state, so it is the same record whoever calls.
 */
export function close(context: Context, account: string): number {
  const { host } = context;
  const shadow = readShadow(context, account);
  if (shadow === undefined) return SHADOW_MISSING;
  if (readShadowSum(context, 'count', account) === 0n) return EPOCH_EMPTY;
  if (shadow.openEpoch - shadow.settledEpoch > UNSETTLED_EPOCHS_MAX) return UNSETTLED_EPOCHS_FULL;
  const record = openRecord(context, account, shadow);
  const payload = encodeClearingMessage({ kind: 'close', record });
  const sequence = sendMessage(context, shadow.hotChain, SHADOW_ACCOUNTS_ADDRESS, HOT_ACCOUNTS_ADDRESS, payload);
  if (sequence < 0) return sequence;
  const recordHash = host.suite.hash(record);
  keepRecord(context, account, shadow.openEpoch, record);
  clearOpenSums(context, account);
  writeShadow(context, account, {
    ...shadow,
    openEpoch: shadow.openEpoch + 1n,
    firstBlock: BigInt(host.blockNumber),
    previousHash: recordHash,
  });
  const topics = [nameHash(host, account), word(shadow.openEpoch)];
  emitEvent(host, SHADOW_ACCOUNTS_ADDRESS, CLOSED, topics, [recordHash, record]);
  return DONE;
}

function openRecord(context: Context, account: string, shadow: Shadow): Uint8Array {
  return encodeClearingRecord({
    account,
    chain: context.host.chainIdentity(),
    epoch: shadow.openEpoch,
    amountIn: readShadowSum(context, 'in', account),
    amountOut: readShadowSum(context, 'out', account),
    payments: readShadowSum(context, 'count', account),
    firstBlock: shadow.firstBlock,
    lastBlock: BigInt(context.host.blockNumber),
    previousHash: shadow.previousHash,
  });
}
