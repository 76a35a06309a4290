import { markLog } from '@menglian/interchain/sentMessage';
import { readOutbox, readSentAt, sendMessage } from './2002-outbox.js';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';

export { sendMessage } from './2002-outbox.js';

const define = functionsOf<undefined>();

const DONE = 1;

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
    define('mark()', ({ host }) => {
      host.emitLog(markLog(host.suite, host.chainIdentity()));
      return word(DONE);
    }),
    define('outbox(bytes32)', (context, chain) => word(readOutbox(context, chain))),
    define('sentAt(bytes32,uint256)', (context, chain, sequence) => word(readSentAt(context, chain, sequence))),
  ],
});
