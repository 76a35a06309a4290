import type { Address } from '@menglian/types/address';
import type { TableDefinition } from '../ports.js';

/** Names of the tables that system contracts and the rest of the node share. */
export const TABLES_TABLE = '_sys_tables_';
export const CONSENSUS_TABLE = '_sys_consensus_';
export const ACCESS_TABLE = '_sys_table_access_';
export const CNS_TABLE = '_sys_cns_';
export const CONFIG_TABLE = '_sys_config_';

/** Key of the rows of `_sys_consensus_`, all of them. */
export const CONSENSUS_KEY = 'node';

/** rPBFT, and no table of 2.x: the epoch and its randomness in one row, and the key of the random function by node id. */
export const ROTATION_TABLE = '_sys_rotation_';
export const ROTATION_KEY = 'epoch';
export const VRF_KEYS_TABLE = '_sys_vrf_keys_';

/** Created by the first governance operation, and listed in `_sys_tables_` then, other than the tables above. */
export const VOTES_TABLE: TableDefinition = {
  name: '_sys_committee_votes_',
  keyField: 'key',
  valueFields: ['value', 'origin', 'block_limit'],
};

export function userTableName(name: string): string {
  return `u_${name}`;
}

/** The name that stands for an account or contract in `_sys_table_access_`. */
export function accountTableName(address: Address): string {
  return `c_${address}`;
}
