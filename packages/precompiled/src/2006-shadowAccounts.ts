import { toHex } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { close } from './2006-epochs.js';
import { receiveFromHotChain } from './2006-shadowMessages.js';
import { pay, payOut } from './2006-shadowPayments.js';
import { listNames, readRecord, readShadow, readShadowSum } from './2006-shadowTables.js';
import { textOutput, word } from './framework/output.js';
import { onMessage } from './framework/receivedMessage.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { type JsonRecord, recordsLine } from './json/writeJson.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const TYPES = ['bytes32', 'address', ...Array.from({ length: 7 }, () => 'uint256')];
/** Where there is no such account: the zero address for the owner. */
const NO_SHADOW = encodeAbi(TYPES, [new Uint8Array(32), ZERO_ADDRESS, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);

function describe(context: Context, account: string): Uint8Array {
  const shadow = readShadow(context, account);
  if (shadow === undefined) return NO_SHADOW;
  return encodeAbi(TYPES, [
    shadow.hotChain,
    shadow.owner,
    shadow.openEpoch,
    readShadowSum(context, 'in', account),
    readShadowSum(context, 'out', account),
    readShadowSum(context, 'count', account),
    readShadowSum(context, 'quota', account),
    shadow.settledEpoch,
    shadow.grants,
  ]);
}

function list(context: Context, first: bigint): Uint8Array {
  return textOutput(recordsLine(listNames(context, first).map((account) => entry(context, account))));
}

function entry(context: Context, account: string): JsonRecord {
  const shadow = readShadow(context, account);
  return { account, hotChain: toHex(shadow?.hotChain ?? new Uint8Array(0)), owner: shadow?.owner ?? '' };
}

/**
 * What a chain of users holds for accounts of another chain that everybody pays to: docs/hot-accounts.md. Not of 2.x.
 */
export const shadowAccounts = new ContractKind<undefined>({
  name: 'ShadowAccounts',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('pay(string,uint256,bytes32)', (context, account, amount, reference) =>
      word(pay(context, { account, amount, reference })),
    ),
    define('payOut(string,address,uint256,bytes32)', (context, account, to, amount, reference) =>
      word(payOut(context, to, { account, amount, reference })),
    ),
    define('close(string)', (context, account) => word(close(context, account))),
    define('shadow(string)', describe),
    define('shadows()', (context) => list(context, 0n)),
    define('shadowsFrom(uint256)', list),
    define('record(string,uint256)', (context, account, epoch) =>
      encodeAbi(['bytes'], [readRecord(context, account, epoch)]),
    ),
    onMessage(receiveFromHotChain),
  ],
});
