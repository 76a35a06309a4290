/** What SDKs ask for: frames 0x15 and 0x16. Facts: docs/events.md. */
import { failure, type Result, success } from '@menglian/base/result';
import type { Address } from '@menglian/types/address';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import {
  FILTER_ADDRESSES_MAX,
  FILTER_ALTERNATIVES_MAX,
  FILTER_ID_CHARACTERS_MAX,
  REQUEST_CHARACTERS_MAX,
} from './limits.js';

/** Results of requests. All but the last are numbers of 2.x. */
export const EventCode = {
  ok: 0,
  invalidRequest: -41_001,
  groupNotFound: -41_002,
  invalidRange: -41_003,
  notAllowed: -41_006,
  tooManyFilters: -41_008,
} as const;

export interface EventRequest {
  /** chosen by the SDK, not unique */
  readonly filterId: string;
  readonly groupId: number;
  readonly fromBlock: number | 'latest';
  readonly toBlock: number | 'latest';
  /** empty: any */
  readonly addresses: readonly Address[];
  /** by position, at most 4: the values accepted there, 64 lower-case hexadecimal digits each; null: any */
  readonly topics: readonly (readonly string[] | null)[];
}

/** @param text JSON of any kind. @returns EventCode.invalidRequest unless all members are as they must be */
export function parseEventRequest(text: string): Result<EventRequest, number> {
  const members = parseObject(text);
  const request = members === undefined ? undefined : readRequest(members);
  return request === undefined ? failure(EventCode.invalidRequest) : success(request);
}

/** The answer to a request. */
export function eventReplyText(code: number): string {
  return `{"result":${code}}\n`;
}

type Members = Readonly<Record<string, unknown>>;

function parseObject(text: string): Members | undefined {
  if (text.length > REQUEST_CHARACTERS_MAX) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}

function readRequest(members: Members): EventRequest | undefined {
  const filterId = members['filterID'];
  const groupId = readInteger(members['groupID']);
  const fromBlock = readBlockNumber(members['fromBlock']);
  const toBlock = readBlockNumber(members['toBlock']);
  const addresses = readAddresses(members['addresses']);
  const topics = readTopics(members['topics']);
  if (typeof filterId !== 'string' || filterId === '' || filterId.length > FILTER_ID_CHARACTERS_MAX) return undefined;
  if (groupId === undefined || groupId < 1n || groupId > BigInt(MAX_GROUP_ID)) return undefined;
  if (fromBlock === undefined || toBlock === undefined) return undefined;
  if (addresses === undefined || topics === undefined) return undefined;
  return { filterId, groupId: Number(groupId), fromBlock, toBlock, addresses, topics };
}

/** The highest block number of 2.x. */
const BLOCK_NUMBER_MAX = 2n ** 63n - 1n;

/** Digits of the longest number that is read, leading zeros included. */
const INTEGER_CHARACTERS_MAX = 80;

/** A number, or text with decimal digits or with `0x` and hexadecimal ones. */
function readInteger(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (typeof value !== 'string' || value.length > INTEGER_CHARACTERS_MAX) return undefined;
  return /^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(value) ? BigInt(value) : undefined;
}

/** Numbers that no chain reaches become the highest one that is exact. */
function readBlockNumber(value: unknown): number | 'latest' | undefined {
  if (value === undefined || value === null || value === 'latest') return 'latest';
  const number = readInteger(value);
  if (number === undefined || number > BLOCK_NUMBER_MAX) return undefined;
  return Math.min(Number(number), Number.MAX_SAFE_INTEGER);
}

/** null stands for the empty list: go-sdk writes it so. */
function readAddresses(value: unknown): readonly Address[] | undefined {
  const list = listOf(value, FILTER_ADDRESSES_MAX);
  const addresses = list?.map(readAddress);
  return addresses?.every((address) => address !== undefined) ? [...new Set(addresses)] : undefined;
}

function readAddress(value: unknown): Address | undefined {
  if (typeof value !== 'string' || !/^(?:0x)?[0-9a-fA-F]{40}$/.test(value)) return undefined;
  return value.slice(-40).toLowerCase();
}

/** The widest log instruction has four. */
const POSITIONS_MAX = 4;

/** null stands for the empty list. */
function readTopics(value: unknown): readonly (readonly string[] | null)[] | undefined {
  const positions = listOf(value, POSITIONS_MAX)?.map(readAlternatives);
  return positions?.every((alternatives) => alternatives !== undefined) ? positions : undefined;
}

/** @returns null for any value, which is what a list without values means, too */
function readAlternatives(value: unknown): readonly string[] | null | undefined {
  const list = listOf(value, FILTER_ALTERNATIVES_MAX)?.filter((one) => one !== null);
  if (list === undefined || !list.every((one) => typeof one === 'string')) return undefined;
  return list.length === 0 ? null : [...new Set(list.map(readTopic))];
}

const TOPIC_DIGITS = 64;
const ZERO_TOPIC = '0'.repeat(TOPIC_DIGITS);

/** Decimal digits of the highest value of 32 bytes. */
const TOPIC_DECIMALS_MAX = 78;

/**
 * Reads a topic as 2.x does, which never refuses one: of more than 32 bytes the rightmost count, digits without `0x` are a
 * decimal integer, anything else is the zero topic.
 */
function readTopic(text: string): string {
  if (/^0x[0-9a-fA-F]{64,}$/.test(text)) return text.slice(-TOPIC_DIGITS).toLowerCase();
  if (text.length > TOPIC_DECIMALS_MAX || !/^[0-9]+$/.test(text)) return ZERO_TOPIC;
  const digits = BigInt(text).toString(16);
  return digits.length > TOPIC_DIGITS ? ZERO_TOPIC : digits.padStart(TOPIC_DIGITS, '0');
}

/** A list as it is, null as the empty one, a string as the list of it alone. */
function listOf(value: unknown, lengthMax: number): readonly unknown[] | undefined {
  if (typeof value === 'string') return [value];
  if (value === null) return [];
  return Array.isArray(value) && value.length <= lengthMax ? value : undefined;
}
