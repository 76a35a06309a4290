import { encodeAbi } from '@menglian/codec/abi';
import { fromHex } from '@menglian/base/bytes';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { receiveFromUserChain } from './2007-hotMessages.js';
import { attach, create, grant, withdraw } from './2007-hotOwners.js';
import { NEW_SHADOW, readHotAccount, readHotShadow, readHotSum, readStatement } from './2007-hotTables.js';
import { textOutput, word } from './framework/output.js';
import { onMessage } from './framework/receivedMessage.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { recordsLine } from './json/writeJson.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

/** The zero address for the owner where there is no such account. */
function describe(context: Context, account: string): Uint8Array {
  const owner = readHotAccount(context, account)?.owner ?? ZERO_ADDRESS;
  const sums = (['balance', 'in', 'out', 'granted'] as const).map((sum) => readHotSum(context, sum, account));
  return encodeAbi(['address', 'uint256', 'uint256', 'uint256', 'uint256'], [owner, ...sums]);
}

function describeShadow(context: Context, account: string, chain: Uint8Array): Uint8Array {
  const shadow = readHotShadow(context, account, chain) ?? NEW_SHADOW;
  return encodeAbi(
    ['uint256', 'bytes32', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'],
    [
      shadow.lastEpoch,
      shadow.lastHash,
      shadow.settledIn,
      shadow.settledOut,
      shadow.granted,
      shadow.payments,
      shadow.grants,
    ],
  );
}

function listShadows(context: Context, account: string): Uint8Array {
  const chains = readHotAccount(context, account)?.chains ?? [];
  const records = chains.map((chain) => ({
    chain,
    state: readHotShadow(context, account, fromHex(chain))?.state ?? '',
  }));
  return textOutput(recordsLine(records));
}

/** Accounts that users of many chains pay to: docs/hot-accounts.md. Not of 2.x. */
export const hotAccounts = new ContractKind<undefined>({
  name: 'HotAccounts',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('create(string,address)', (context, account, owner) => word(create(context, account, owner))),
    define('attach(string,bytes32)', (context, account, chain) => word(attach(context, account, chain))),
    define('grant(string,bytes32,uint256)', (context, account, chain, amount) =>
      word(grant(context, account, chain, amount)),
    ),
    define('withdraw(string,address,uint256)', (context, account, to, amount) =>
      word(withdraw(context, account, to, amount)),
    ),
    define('account(string)', describe),
    define('shadow(string,bytes32)', describeShadow),
    define('shadows(string)', listShadows),
    define('statement(string,bytes32,uint256)', (context, account, chain, epoch) =>
      encodeAbi(['bytes'], [readStatement(context, account, chain, epoch)]),
    ),
    onMessage(receiveFromUserChain),
  ],
});
