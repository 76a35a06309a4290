import { compareBytes } from '@menglian/base/bytes';
import type { GenesisConfig } from '@menglian/types/genesis';
import { encodeRows, type Row, rowsKey } from './stateRecords.js';
import type { StateChange } from './stateView.js';
import { CONFIG_TABLE, CONSENSUS_KEY, CONSENSUS_TABLE } from './systemTables.js';

/** The rows a group starts with (docs/formats.md, "Genesis"), all of block 0 and in force at once. */
export function genesisState(config: GenesisConfig): StateChange[] {
  const changes = genesisSettings(config).map(([key, value]) =>
    change(CONFIG_TABLE, key, [[['key', key], ['value', value], ENABLED_AT_0]]),
  );
  // Sorted like the mark, so that the order of the configuration has no meaning.
  const sealers = [...config.sealers].sort();
  changes.push(
    change(
      CONSENSUS_TABLE,
      CONSENSUS_KEY,
      sealers.map((nodeId) => [['name', CONSENSUS_KEY], ['type', 'sealer'], ['node_id', nodeId], ENABLED_AT_0]),
    ),
  );
  return changes.sort((a, b) => compareBytes(a.key, b.key));
}

type Field = readonly [name: string, value: string];

const ENABLED_AT_0: Field = ['enable_num', '0'];

function genesisSettings(config: GenesisConfig): Field[] {
  const settings: Field[] = [
    ['tx_count_limit', String(config.maxTransactions)],
    ['tx_gas_limit', String(config.gasLimit)],
    ['consensus_timeout', String(config.consensusTimeoutSeconds)],
  ];
  if (config.consensusType === 'rpbft') {
    settings.push(
      ['rpbft_epoch_sealer_num', String(config.epochSealerCount)],
      ['rpbft_epoch_block_num', String(config.epochBlockCount)],
      ['notify_rotate', '0'],
    );
  }
  return settings;
}

function change(table: string, key: string, rows: ReadonlyArray<readonly Field[]>): StateChange {
  const stored: Row[] = rows.map((fields, id) => ({ id, fields: new Map(fields), block: 0 }));
  return { key: rowsKey(table, key), value: encodeRows(stored) };
}
