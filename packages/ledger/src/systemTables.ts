import { decodeRows, type Row, rowsKey } from './stateRecords.js';
import type { StateView } from './stateView.js';

/** Names of the tables that every group has from block 0 (docs/formats.md, "System tables"). */
export const TABLES_TABLE = '_sys_tables_';
export const CONSENSUS_TABLE = '_sys_consensus_';
export const CONFIG_TABLE = '_sys_config_';
export const ACCESS_TABLE = '_sys_table_access_';
export const CNS_TABLE = '_sys_cns_';
/** rPBFT: the epoch and its randomness (docs/adr/0012-rotation-of-working-sealers.md). Not of 2.x, like the next. */
export const ROTATION_TABLE = '_sys_rotation_';
/** rPBFT: the key of the verifiable random function of each node. */
export const VRF_KEYS_TABLE = '_sys_vrf_keys_';

/** All rows of `_sys_consensus_` have this key. */
export const CONSENSUS_KEY = 'node';

/** The one row of `_sys_rotation_` has this key. */
export const ROTATION_KEY = 'epoch';

/** Committed rows of one table and key in the order of their insertion. */
export function readRows(view: StateView, table: string, key: string): Row[] {
  const bytes = view.get(rowsKey(table, key));
  return bytes === undefined ? [] : decodeRows(bytes);
}
