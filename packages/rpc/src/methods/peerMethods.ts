import type { Json } from '../json.js';
import { ECHO_CHARACTERS_MAX } from '../limits.js';
import type { NodeView } from '../ports.js';

/** Codes of the methods that change what a node is configured with. */
const Code = { success: '0x0', internalError: '0x1', invalidParams: '0x7' } as const;

/** `ip:port`, or `[ip]:port` for IPv6: names are for files, as in 2.x. */
const PEER = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]{2,45}\]):\d{1,5}$/;
const PORT_MAX = 65_535;

/**
 * Changes whom the node dials, now and in its configuration file.
 * @param params the first is an array of `ip:port`
 */
export async function changePeers(view: NodeView, kind: 'add' | 'erase', params: unknown): Promise<Json> {
  const first: unknown = Array.isArray(params) ? params[0] : undefined;
  const invalid = (message: string): Json => ({ code: Code.invalidParams, message });
  if (!Array.isArray(first)) return invalid('invalid params field, not array format json');
  if (first.length === 0) return invalid('failed for empty host list, expect at least one peer');
  const wrong = first.findIndex((peer) => !isPeer(peer));
  if (wrong >= 0) return invalid(`invalid peer at position ${wrong + 1}`);
  const change = await view.changePeers(kind, first as string[]);
  switch (change.kind) {
    case 'changed':
      return { code: Code.success, message: `${kind} peers :update config file successfully` };
    case 'unchanged': {
      const why = kind === 'add' ? 'all the inserted peers already exist' : 'none of the erased peers exist';
      return { code: Code.success, message: `${kind} peers :${why}` };
    }
    case 'refused':
      return { code: Code.internalError, message: change.reason };
  }
}

function isPeer(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > ECHO_CHARACTERS_MAX || !PEER.test(value)) return false;
  const port = Number(value.slice(value.lastIndexOf(':') + 1));
  return port >= 1 && port <= PORT_MAX;
}
