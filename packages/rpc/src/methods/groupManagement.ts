import { MAX_GROUP_ID } from '@menglian/types/limits';
import { DYNAMIC_GROUP_FORBIDDEN, RpcFailure } from '../errors.js';
import type { Json } from '../json.js';
import { ECHO_CHARACTERS_MAX } from '../limits.js';
import type { GroupOperation, GroupOperationResult, NodeView } from '../ports.js';

/** Sealers a new group may have: a genesis file with more is not read. */
export const NEW_SEALERS_MAX = 1000;

/** As answers name what became of an operation (docs/json-rpc.md, "Groups"). */
const CODES = {
  done: '0x0',
  failed: '0x1',
  exists: '0x2',
  isRunning: '0x3',
  isStopped: '0x4',
  isDeleted: '0x5',
  notFound: '0x6',
  invalidParams: '0x7',
  peersMissing: '0x8',
  genesisExists: '0x9',
  tuningExists: '0xa',
  genesisMissing: '0xb',
  tuningMissing: '0xc',
  isStopping: '0xd',
  isNotDeleted: '0xe',
} as const;

const DONE = {
  generate: 'generated',
  start: 'started',
  stop: 'stopped',
  remove: 'deleted',
  recover: 'recovered',
} as const;

/** Answers of all methods about groups, errors too: a code and a sentence. */
interface Answer {
  readonly code: string;
  readonly message: string;
}

/** @param groupId any whole number */
export async function queryGroupStatus(view: NodeView, groupId: number): Promise<Json> {
  if (!isGroupId(groupId)) return { ...WRONG_GROUP, status: '' };
  const status = await view.groupStatus(groupId);
  if (status !== 'UNKNOWN') return { code: CODES.done, message: '', status };
  return { code: CODES.failed, message: 'Please check `.group_status` file of the group', status };
}

/**
 * Starts, stops, marks as deleted, or takes that mark back.
 * @param groupId any whole number
 * @throws RpcFailure where groups are not to be changed by clients
 */
export function changeGroup(
  view: NodeView,
  kind: Exclude<GroupOperation['kind'], 'generate'>,
  groupId: number,
): Json | Promise<Json> {
  const change = requireChange(view);
  return isGroupId(groupId) ? answerOf(kind, groupId, change(groupId, { kind })) : { ...WRONG_GROUP };
}

/**
 * Makes the files of a new group.
 * @param settings any JSON object
 * @throws RpcFailure where groups are not to be changed by clients
 */
export function generateGroup(view: NodeView, groupId: number, settings: unknown): Json | Promise<Json> {
  const change = requireChange(view);
  if (!isGroupId(groupId)) return { ...WRONG_GROUP };
  const operation = readSettings(settings as { readonly [key: string]: unknown });
  if (typeof operation === 'string') return { code: CODES.invalidParams, message: operation };
  return answerOf('generate', groupId, change(groupId, operation));
}

const WRONG_GROUP: Answer = {
  code: CODES.invalidParams,
  message: `GroupID should be between 1 and ${MAX_GROUP_ID}`,
};

function isGroupId(groupId: number): boolean {
  return groupId >= 1 && groupId <= MAX_GROUP_ID;
}

function requireChange({ changeGroup: change }: NodeView): NonNullable<NodeView['changeGroup']> {
  if (change === undefined) throw new RpcFailure(DYNAMIC_GROUP_FORBIDDEN);
  return change;
}

/** @returns what is wrong with them, as a text */
function readSettings(settings: { readonly [key: string]: unknown }): GroupOperation | string {
  const { timestamp, sealers, enable_free_storage: freeStorage = false } = settings;
  if (typeof timestamp !== 'string') return 'invalid `timestamp` field';
  const timestampMs = Number(timestamp);
  const isCanonical = /^(0|[1-9]\d{0,18})$/.test(timestamp) && Number.isSafeInteger(timestampMs);
  if (!isCanonical) return `invalid timestamp: ${timestamp.slice(0, ECHO_CHARACTERS_MAX)}`;
  if (!Array.isArray(sealers)) return 'invalid `sealers` field';
  if (sealers.length === 0) return 'GenerateGroup failed for empty sealer list, expect at least one sealer';
  if (sealers.length > NEW_SEALERS_MAX) return `too many sealers: at most ${NEW_SEALERS_MAX}`;
  const wrong = sealers.findIndex((sealer) => typeof sealer !== 'string' || !/^[0-9a-fA-F]{128}$/.test(sealer));
  if (wrong >= 0) return `invalid sealer ID at position ${wrong + 1}`;
  if (typeof freeStorage !== 'boolean') return 'invalid `enable_free_storage` field';
  const nodeIds = new Set((sealers as string[]).map((sealer) => sealer.toLowerCase()));
  return { kind: 'generate', timestampMs, sealers: [...nodeIds].toSorted(), freeStorage };
}

async function answerOf(
  kind: GroupOperation['kind'],
  groupId: number,
  pending: Promise<GroupOperationResult>,
): Promise<Json> {
  const result = await pending;
  return { code: CODES[result.kind], message: messageOf(kind, groupId, result) };
}

function messageOf(kind: GroupOperation['kind'], groupId: number, result: GroupOperationResult): string {
  const group = `Group ${groupId}`;
  switch (result.kind) {
    case 'done':
      return `${group} ${DONE[kind]} successfully`;
    case 'failed':
      return result.reason;
    case 'exists':
      return `${group} already exists`;
    case 'peersMissing':
      return `Peer(s) not connected: ${result.nodeIds.join(', ')}`;
    case 'genesisExists':
      return `Genesis config file for group ${groupId} already exists`;
    case 'tuningExists':
      return `Group config file for group ${groupId} already exists`;
    case 'genesisMissing':
      return `Genesis config file for group ${groupId} not found`;
    case 'tuningMissing':
      return `Group config file for group ${groupId} not found`;
    case 'notFound':
      return `${group} not found`;
    case 'isRunning':
      return kind === 'start' ? `${group} is already running` : `${group} is running`;
    case 'isStopped':
      return `${group} has already been stopped`;
    case 'isStopping':
      return `${group} is stopping`;
    case 'isDeleted':
      return kind === 'start' ? `${group} has been deleted` : `${group} has already been deleted`;
    case 'isNotDeleted':
      return `${group} has not been deleted`;
  }
}
