import { CONFIGURATION_INVALID } from './codes.js';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { parseInt64, toLowerAscii } from './framework/text.js';
import type { SystemHost } from './ports.js';
import { CHECKED } from './tables/rows.js';
import { CONFIG_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

/** Timeouts go as milliseconds in 32 bits between nodes of 2.x; the largest whole number of seconds is excluded. */
const CONSENSUS_TIMEOUT_LIMIT_SECONDS = 4_294_967n;

/** What a value must satisfy, by key. Anything else is refused, keys of the future included. */
const RULES: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['tx_count_limit', atLeast(1n)],
  ['tx_gas_limit', atLeast(100_000n)],
  ['rpbft_epoch_sealer_num', atLeast(1n)],
  ['rpbft_epoch_block_num', atLeast(2n)],
  ['consensus_timeout', (value) => atLeast(3n)(value) && parseInt64(value)! < CONSENSUS_TIMEOUT_LIMIT_SECONDS],
  ['enable_charge_mgr', isSwitch],
  // Not of 2.x: docs/adr/0017-routes-of-names.md
  ['enable_cns_route', isSwitch],
  // Not of 2.x: docs/adr/0022-messages-between-chains.md
  ['enable_interchain', isSwitch],
]);

function atLeast(minimum: bigint): (value: string) => boolean {
  return (value) => {
    const number = parseInt64(value);
    return number !== undefined && number >= minimum;
  };
}

function isSwitch(value: string): boolean {
  return value === 'on' || value === 'off';
}

/** The value is stored as it was written, `+5` and `05` included; readers parse it as here. */
function setValue(host: SystemHost, key: string, value: string): number {
  if (RULES.get(key)?.(value) !== true) return CONFIGURATION_INVALID;
  const changes = new Map([
    ['value', value],
    ['enable_num', String(host.blockNumber)],
  ]);
  const rows = host.select(CONFIG_TABLE, key);
  if (rows.length === 0) return host.insert(CONFIG_TABLE, key, new Map([['key', key], ...changes]), CHECKED);
  const ids = rows.map((row) => row.id);
  return host.update(CONFIG_TABLE, key, ids, changes, CHECKED);
}

/** Parameters of the group. A change is in force from the next block on. */
export const systemConfig = new ContractKind<undefined>({
  name: 'SystemConfig',
  countsInput: false,
  unknown: word(0),
  functions: [
    define('setValueByKey(string,string)', ({ host }, key, value) => word(setValue(host, toLowerAscii(key), value))),
  ],
});
