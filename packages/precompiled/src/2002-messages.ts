import { markLog } from '@menglian/interchain/sentMessage';
import { deliver, retry } from './2002-deliveries.js';
import { readFailed, readInbox } from './2002-inbox.js';
import { readOutbox, readSentAt, sendMessage } from './2002-outbox.js';
import { word, words } from './framework/output.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;

/** What became of a message that another chain sent. */
const MESSAGE_UNKNOWN = 0;
const MESSAGE_TAKEN = 1;
const MESSAGE_FAILED = 2;

/** Says of the block it is in which chain it is of, for headers that no message goes with. */
function mark({ host }: Context): number {
  host.emitLog(markLog(host.suite, host.chainIdentity()));
  return DONE;
}

function stateOf(context: Context, chain: Uint8Array, sequence: bigint): number {
  if (sequence === 0n || sequence > readInbox(context, chain).last) return MESSAGE_UNKNOWN;
  return readFailed(context, chain, sequence) === undefined ? MESSAGE_TAKEN : MESSAGE_FAILED;
}

/** Number of the last message taken, and how many receivers failed. */
function describeInbox(context: Context, chain: Uint8Array): Uint8Array {
  const { last, failed } = readInbox(context, chain);
  return words(last, failed);
}

/**
 * Messages to and from other chains, each once and in order: docs/adr/0022-messages-between-chains.md. Not of 2.x.
 */
export const messages = new ContractKind<undefined>({
  name: 'Messages',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('send(bytes32,address,bytes)', (context, chain, receiver, payload) =>
      word(sendMessage(context, chain, context.sender, receiver, payload)),
    ),
    define('mark()', (context) => word(mark(context))),
    define('deliver(bytes32,bytes)', (context, chain, bundle) => word(deliver(context, chain, bundle))),
    define('retry(bytes32,uint256,bytes)', (context, chain, sequence, bundle) =>
      word(retry(context, chain, sequence, bundle)),
    ),
    define('outbox(bytes32)', (context, chain) => word(readOutbox(context, chain))),
    define('sentAt(bytes32,uint256)', (context, chain, sequence) => word(readSentAt(context, chain, sequence))),
    define('inbox(bytes32)', describeInbox),
    define('state(bytes32,uint256)', (context, chain, sequence) => word(stateOf(context, chain, sequence))),
  ],
});
