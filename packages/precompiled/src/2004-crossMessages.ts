import { decodeAbi, encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import { sendMessage } from './2002-outbox.js';
import { systemAddress } from './addresses.js';
import type { FunctionContext } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';

type Context = FunctionContext<undefined>;

const OWN_ADDRESS = systemAddress(0x2004);
const NOBODY: Address = systemAddress(0);
const NOTHING = new Uint8Array(0);

/** What the two contracts tell each other. The first two answer nothing else than `prepare`, the last two are decisions. */
export const CrossMessage = { prepare: 1, ready: 2, refused: 3, confirm: 4, cancel: 5 } as const;
type CrossMessageKind = (typeof CrossMessage)[keyof typeof CrossMessage];

/** Kind, id, participant of the sending chain, participant of the receiving chain, what the first one wrote for the second. */
const TYPES = ['uint256', 'bytes32', 'address', 'address', 'bytes'] as const;

export interface ReadCrossMessage {
  readonly kind: CrossMessageKind;
  readonly id: Uint8Array;
  readonly from: Address;
  readonly to: Address;
  readonly forRemote: Uint8Array;
}

interface Preparation {
  readonly participant: Address;
  readonly remote: Address;
  readonly forRemote: Uint8Array;
}

/** @throws SystemError where Messages does not take it: the step around it must not count then */
export function tell(
  context: Context,
  chain: Uint8Array,
  kind: CrossMessageKind,
  id: Uint8Array,
  preparation: Preparation = { participant: NOBODY, remote: NOBODY, forRemote: NOTHING },
): void {
  const { participant, remote, forRemote } = preparation;
  const payload = encodeAbi(TYPES, [BigInt(kind), id, participant, remote, forRemote]);
  const sent = sendMessage(context, chain, OWN_ADDRESS, OWN_ADDRESS, payload);
  if (sent < 0) throw new SystemError(`the other chain cannot be told: 0x2002 answers ${sent}`);
}

/** @returns undefined for anything that CrossTransactions does not say */
export function readCrossMessage(sender: Address, payload: Uint8Array): ReadCrossMessage | undefined {
  if (sender !== OWN_ADDRESS) return undefined;
  const decoded = decodeAbi(TYPES, payload);
  if (!decoded.ok) return undefined;
  const [number, id, from, to, forRemote] = decoded.value as [bigint, Uint8Array, Address, Address, Uint8Array];
  const kind = Object.values(CrossMessage).find((known) => BigInt(known) === number);
  return kind === undefined ? undefined : { kind, id, from, to, forRemote };
}
