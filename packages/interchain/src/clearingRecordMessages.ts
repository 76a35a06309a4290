/** What HotAccounts (0x2007) and ShadowAccounts (0x2006) of two chains tell one another. Told in docs/hot-accounts.md. */
import { failure, type Result, success } from '@menglian/base/result';
import { type AbiValue, decodeAbi, encodeAbi } from '@menglian/codec/abi';

/** Amounts are in the unit of the chains' Balances; accounts are names, byte strings. */
export type ClearingMessage =
  /** To the shadow's chain: open a shadow account. */
  | { readonly kind: 'open'; readonly account: string; readonly owner: string }
  /** To the hot chain: it is open. */
  | { readonly kind: 'opened'; readonly account: string }
  /** To the shadow's chain: so much more may be paid out. Grants to one shadow account are numbered from 1. */
  | { readonly kind: 'grant'; readonly account: string; readonly number: bigint; readonly amount: bigint }
  /** To the hot chain: the bytes of a clearing record. */
  | { readonly kind: 'close'; readonly record: Uint8Array }
  /** To the shadow's chain: the record with this hash is booked. */
  | { readonly kind: 'settled'; readonly account: string; readonly epoch: bigint; readonly recordHash: Uint8Array };

type Kind = ClearingMessage['kind'];

/** In the order of their numbers, which count from 1, with the types of what they hold. */
const KINDS: readonly (readonly [Kind, readonly string[]])[] = [
  ['open', ['string', 'address']],
  ['opened', ['string']],
  ['grant', ['string', 'uint256', 'uint256']],
  ['close', ['bytes']],
  ['settled', ['string', 'uint256', 'bytes32']],
];

/** ABI of the number of the kind, and of the bytes of the ABI of what it holds. */
export function encodeClearingMessage(message: ClearingMessage): Uint8Array {
  const index = KINDS.findIndex(([kind]) => kind === message.kind);
  return encodeAbi(['uint256', 'bytes'], [BigInt(index + 1), encodeAbi(KINDS[index]![1], valuesOf(message))]);
}

function valuesOf(message: ClearingMessage): readonly AbiValue[] {
  switch (message.kind) {
    case 'open':
      return [message.account, message.owner];
    case 'opened':
      return [message.account];
    case 'grant':
      return [message.account, message.number, message.amount];
    case 'close':
      return [message.record];
    case 'settled':
      return [message.account, message.epoch, message.recordHash];
  }
}

/** @param payload any bytes, as long as messages may be */
export function decodeClearingMessage(payload: Uint8Array): Result<ClearingMessage, 'malformed'> {
  const outer = decodeAbi(['uint256', 'bytes'], payload);
  if (!outer.ok) return failure('malformed');
  const [number, body] = outer.value as [bigint, Uint8Array];
  const found = number <= BigInt(KINDS.length) ? KINDS[Number(number) - 1] : undefined;
  if (found === undefined) return failure('malformed');
  const [kind, types] = found;
  const inner = decodeAbi(types, body);
  return inner.ok ? success(messageOf(kind, inner.value)) : failure('malformed');
}

/** @param values of the types of the kind */
function messageOf(kind: Kind, values: readonly AbiValue[]): ClearingMessage {
  const [first, second, third] = values;
  const account = first as string;
  switch (kind) {
    case 'open':
      return { kind, account, owner: second as string };
    case 'opened':
      return { kind, account };
    case 'grant':
      return { kind, account, number: second as bigint, amount: third as bigint };
    case 'close':
      return { kind, record: first as Uint8Array };
    case 'settled':
      return { kind, account, epoch: second as bigint, recordHash: third as Uint8Array };
  }
}
