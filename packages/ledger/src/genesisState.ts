import { compareBytes, toHex, utf8Bytes } from '@menglian/base/bytes';
import { keccak256 } from '@menglian/crypto/hashes';
import { genesisMark, type GenesisConfig } from '@menglian/types/genesis';
import { encodeRows, type Row, rowsKey } from './stateRecords.js';
import type { StateChange } from './stateView.js';
import { CONFIG_TABLE, CONSENSUS_KEY, CONSENSUS_TABLE, ROTATION_KEY, ROTATION_TABLE } from './systemTables.js';

/** The rows a group starts with (docs/formats.md, "Genesis"), all of block 0 and in force at once. */
export function genesisState(config: GenesisConfig): StateChange[] {
  const changes = genesisSettings(config).map(([key, value]) =>
    change(CONFIG_TABLE, key, [[['key', key], ['value', value], ENABLED_AT_0]]),
  );
  // Sorted like the mark, so that the order of the configuration has no meaning.
  const sealers = [...config.sealers].sort();
  const workingCount = config.consensusType === 'rpbft' ? config.epochSealerCount : 0;
  const member = (nodeId: string, index: number): Field[] => {
    const type = index < workingCount ? 'wSealer' : 'sealer';
    return [['name', CONSENSUS_KEY], ['type', type], ['node_id', nodeId], ENABLED_AT_0];
  };
  changes.push(change(CONSENSUS_TABLE, CONSENSUS_KEY, sealers.map(member)));
  if (config.consensusType === 'rpbft') changes.push(change(ROTATION_TABLE, ROTATION_KEY, [firstEpoch(config)]));
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

/** The first randomness is of the group, so that two groups of the same nodes rotate apart. */
function firstEpoch(config: GenesisConfig): Field[] {
  const randomness = toHex(keccak256(utf8Bytes(genesisMark(config))));
  return [['key', ROTATION_KEY], ['epoch', '0'], ['randomness', randomness], ENABLED_AT_0];
}

function change(table: string, key: string, rows: ReadonlyArray<readonly Field[]>): StateChange {
  const stored: Row[] = rows.map((fields, id) => ({ id, fields: new Map(fields), block: 0 }));
  return { key: rowsKey(table, key), value: encodeRows(stored) };
}
