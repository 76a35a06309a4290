import { concatBytes, fromHex, toHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import { REGISTER_KEY, ROTATE, type RotationCall } from './1011-rotationCalls.js';
import { accountOf, chooseRotation, judgeKey, judgeRotation } from './1011-rotationRules.js';
import { hasVrfKey, readRotationState, type RowReader } from './1011-rotationState.js';
import { NODE_ID_INVALID, UNKNOWN_FUNCTION, VRF_KEY_EXISTS, VRF_KEY_INVALID } from './codes.js';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import { toLowerAscii } from './framework/text.js';
import { NO_PERMISSION, type SystemHost } from './ports.js';
import { UNCHECKED } from './tables/rows.js';
import {
  CONFIG_TABLE,
  CONSENSUS_KEY,
  CONSENSUS_TABLE,
  ROTATION_KEY,
  ROTATION_TABLE,
  VRF_KEYS_TABLE,
} from './tables/systemTables.js';

const define = functionsOf<undefined>();
const NOTHING = new Uint8Array(0);
const DONE = 1;

function reader(host: SystemHost): RowReader {
  return (table, key) => host.select(table, key);
}

/** Sets fields in these rows. Nobody can be forbidden to: a rotation serves the group, not its sender. */
function set(host: SystemHost, table: string, key: string, changes: Record<string, string>, ids: number[]): void {
  const enabled = { ...changes, enable_num: String(host.blockNumber) };
  host.update(table, key, ids, new Map(Object.entries(enabled)), UNCHECKED);
}

function setType(host: SystemHost, nodeIds: readonly string[], type: 'sealer' | 'wSealer'): void {
  const rows = host.select(CONSENSUS_TABLE, CONSENSUS_KEY);
  const ids = rows.filter(({ fields }) => nodeIds.includes(fields.get('node_id') ?? '')).map(({ id }) => id);
  if (ids.length > 0) set(host, CONSENSUS_TABLE, CONSENSUS_KEY, { type }, ids);
}

/** A rotation that is not due, or that a contract asks for, changes nothing and succeeds. */
function rotate(host: SystemHost, sender: Address, call: RotationCall): void {
  const read = reader(host);
  const state = readRotationState(read, host.blockNumber - 1);
  if (state === undefined || !state.isDue || sender !== host.origin) return;
  const judged = judgeRotation(host.suite, read, state, host.origin, call);
  if (!judged.ok) throw new SystemError(`rotation refused: ${judged.reason}`);
  const { leaving, entering } = chooseRotation(host.suite, state, judged.value);
  setType(host, leaving, 'sealer');
  setType(host, entering, 'wSealer');
  const randomness = toHex(host.suite.hash(concatBytes(fromHex(state.randomness), judged.value)));
  const epoch = String(state.epoch + 1);
  set(host, ROTATION_TABLE, ROTATION_KEY, { epoch, randomness }, idsOf(host, ROTATION_TABLE, ROTATION_KEY));
  if (read(CONFIG_TABLE, 'notify_rotate')[0]?.fields.get('value') === '1') {
    set(host, CONFIG_TABLE, 'notify_rotate', { value: '0' }, idsOf(host, CONFIG_TABLE, 'notify_rotate'));
  }
}

function idsOf(host: SystemHost, table: string, key: string): number[] {
  return host.select(table, key).map(({ id }) => id);
}

/** Once for each node, by the node itself, and for good: a key that could be replaced could be chosen by what it gives. */
function registerKey(host: SystemHost, sender: Address, nodeIdText: string, key: string, proof: string): number {
  const read = reader(host);
  const state = readRotationState(read, host.blockNumber - 1);
  if (state === undefined) return UNKNOWN_FUNCTION;
  const nodeId = toLowerAscii(nodeIdText);
  if (!state.working.includes(nodeId) && !state.waiting.includes(nodeId)) return NODE_ID_INVALID;
  if (sender !== host.origin || accountOf(host.suite, nodeId) !== host.origin) return NO_PERMISSION;
  if (hasVrfKey(read, nodeId)) return VRF_KEY_EXISTS;
  const publicKey = judgeKey(nodeId, key, proof);
  if (publicKey === undefined) return VRF_KEY_INVALID;
  const fields = new Map([
    ['node_id', nodeId],
    ['public_key', toHex(publicKey)],
    ['epoch', String(state.epoch)],
    ['enable_num', String(host.blockNumber)],
  ]);
  host.insert(VRF_KEYS_TABLE, nodeId, fields, UNCHECKED);
  return DONE;
}

/**
 * The working sealers of an rPBFT group: docs/consensus.md, "rPBFT". In other groups its functions do nothing. Rotations
 * are made by leaders at the beginning of their blocks; `registerVrfKey` is not of 2.x.
 */
export const workingSealerManager = new ContractKind<undefined>({
  name: 'WorkingSealerManager',
  countsInput: false,
  unknown: NOTHING,
  functions: [
    {
      ...define('rotateWorkingSealer(string,string,string)', ({ host, sender }, publicKey, input, proof) => {
        rotate(host, sender, { publicKey, input, proof });
        return NOTHING;
      }),
      signature: ROTATE,
    },
    define(REGISTER_KEY, ({ host, sender }, nodeId, publicKey, proof) =>
      word(registerKey(host, sender, nodeId, publicKey, proof)),
    ),
  ],
});
