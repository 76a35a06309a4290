import { MESSAGES_ADDRESS } from '@menglian/interchain/sentMessage';
import type { Address } from '@menglian/types/address';
import { type FunctionContext, functionsOf, type SystemFunction } from './systemContract.js';
import { SystemError } from './systemError.js';

/** What receivers of messages have, whether system contracts or code: Messages calls it. It answers nothing; failing refuses. */
export const ON_MESSAGE = 'onMessage(bytes32,address,uint256,bytes)';

/** A message of another chain, proven. */
export interface ReceivedMessage {
  /** Identity of the chain it came from, 32 bytes. */
  readonly chain: Uint8Array;
  /** Who sent it there. */
  readonly sender: Address;
  /** Among all messages from that chain to this one. */
  readonly sequence: bigint;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * The function of a system contract that takes messages; nobody but Messages may call it.
 * @param run throws SystemError to refuse a message: what it wrote is undone, and the message can be tried again
 */
export function onMessage<State = undefined>(
  run: (context: FunctionContext<State>, message: ReceivedMessage) => void,
): SystemFunction<State> {
  return functionsOf<State>()(ON_MESSAGE, (context, chain, sender, sequence, payload) => {
    if (context.sender !== MESSAGES_ADDRESS) throw new SystemError('messages are handed over by 0x2002 only');
    run(context, { chain, sender, sequence, payload });
    return NOTHING;
  });
}
