import { GROUP_METHODS } from '@menglian/rpc/methods/groupMethods';
import { MAX_GROUP_ID } from '@menglian/types/limits';

/** Methods of the node that concern one group; the others are in `GROUP_METHODS`. */
const MANAGEMENT: ReadonlySet<string> = new Set([
  'startGroup',
  'stopGroup',
  'removeGroup',
  'recoverGroup',
  'queryGroupStatus',
]);

/** The group that a request is about, for who may ask it: a number, or digits, in the first place of the parameters. */
export function groupOf(method: string, params: unknown): number | undefined {
  if (!GROUP_METHODS.has(method) && !MANAGEMENT.has(method)) return undefined;
  const first: unknown = Array.isArray(params) ? params[0] : undefined;
  const groupId = typeof first === 'string' && /^\d{1,5}$/.test(first) ? Number(first) : first;
  return Number.isInteger(groupId) && (groupId as number) <= MAX_GROUP_ID ? (groupId as number) : undefined;
}
