import { SdkError } from '../sdkError.js';

/** What to try, by the numbers of JSON-RPC and of 2.x (docs/json-rpc.md, "Errors"). */
const ADVICE: Readonly<Record<number, string>> = {
  [-32700]: 'something between here and the node changes the request: look at proxies',
  [-32600]: 'send smaller batches, or look at proxies between here and the node',
  [-32601]: 'the node does not know this method: see its version with getClientVersion',
  [-32602]: 'the node wants other arguments: see docs/json-rpc.md for their types',
  [-32603]: 'read the text of the node; if it says nothing useful, read its log',
  [-40001]: 'ask getGroupList which groups this node runs',
  [-40003]: 'the block does not exist, or this node does not have it yet',
  [-40004]: 'ask getBlockNumber for the height of this node',
  [-40005]: 'indexes begin at 0; ask getBlockByNumber how many transactions the block has',
  [-40006]: 'give an address as `from`',
  [-40007]: 'the group runs Raft, which has no view',
  [-40008]: 'keys are tx_count_limit, tx_gas_limit, consensus_timeout and those of rpbft',
  [-40009]: 'ask a node that is a sealer or an observer of the group',
  [-40010]: 'the node or the group is starting: ask again in a few seconds',
  [-40011]: 'the node answers only so many requests a second: ask more slowly, or other nodes',
  [-40012]: 'the certificate of this client is not in the sdk_allowlist of the group: ask its operators',
  [-40099]: 'the first index lies behind the last receipt of the block',
  [-100001]: 'the node has [rpc] disable_dynamic_group=true in its config.ini: ask its operator',
};

/** What to try when a transaction was refused, by the words of 2.x. */
const REFUSAL_ADVICE: Readonly<Record<string, string>> = {
  TransactionNonceCheckFail:
    'the nonce was used: if the transaction was sent before ask for its receipt, else sign anew',
  TxPoolNonceCheckFail: 'another transaction that waits has this nonce: sign anew with a random one',
  TransactionAlreadyKown: 'the transaction waits already: ask for its receipt',
  TransactionAlreadyInChain: 'the transaction is in a block already: ask for its receipt',
  TransactionPoolIsFull: 'the node has as many transactions as it holds: send again later, or slower',
  OverGroupMemoryLimit: 'the node holds as many bytes as it may: send again later, or slower',
  OverGroupDiskQuota: 'the group has no room on the disk of this node: send to another one, or have its quota raised',
  InvalidChainId: 'the transaction was signed for another chain: ask getClientVersion for the chain id',
  InvalidGroupId: 'the transaction was signed for another group',
  BlockLimitCheckFailed: 'the block limit must lie 1 to 1000 above the height: sign anew',
  InvalidSignature: 'the signature does not hold: see that the suite is the one of the chain',
  TransactionSubmitFailed: 'the signature does not hold: see that the suite is the one of the chain',
  TransactionRefused: 'the node takes no transactions now: ask another one, or wait until it has caught up',
  NodeIsSyncing: 'the node is far behind the others: send to another one',
};

const REFUSAL_WORDS = Object.keys(REFUSAL_ADVICE);

/** Characters of a node's text that an error repeats. */
const MESSAGE_CHARACTERS_MAX = 400;

/** The error of an answer. A refused transaction has the word of its refusal as code, all others their number. */
export function answeredError(error: { readonly code?: unknown; readonly message?: unknown }): SdkError {
  const code = Number.isSafeInteger(error.code) ? (error.code as number) : -32603;
  const message = String(error.message ?? '').slice(0, MESSAGE_CHARACTERS_MAX);
  const word = code === -32603 ? REFUSAL_WORDS.find((one) => message.includes(one)) : undefined;
  if (word !== undefined) return new SdkError(word, 'the node refused the transaction', REFUSAL_ADVICE[word]!);
  const advice = ADVICE[code] ?? 'read the log of the node';
  return new SdkError(code, `the node answered: ${commentOf(message)}`, advice);
}

/** Whether the refusal says that the node has the transaction already. */
export function isAlreadyThere(error: unknown): boolean {
  const codes: readonly unknown[] = [
    'TransactionAlreadyKown',
    'TransactionAlreadyInChain',
    'TransactionNonceCheckFail',
    'TxPoolNonceCheckFail',
  ];
  return error instanceof SdkError && codes.includes(error.code);
}

/** What 2.x wants to say stands behind diagnostics of its own. */
function commentOf(message: string): string {
  return message.replace(/^[\s\S]*\[dev::tag_comment\*\] = /, '').trim();
}
