import { readSystemConfig } from '@menglian/ledger/systemState';
import type { StateView } from '@menglian/ledger/stateView';
import type { Address } from '@menglian/types/address';
import type { ExecutionSettings } from './ports.js';

const INTEGER = /^[+-]?[0-9]+$/;

/**
 * The settings in force for a block on top of `parentNumber`, or for a call at that height.
 * @param defaultGasLimit of the genesis, for a height at which the system value has been written and does not count yet
 */
export function executionSettings(
  view: StateView,
  parentNumber: number,
  freeStorage: boolean,
  defaultGasLimit: bigint,
): ExecutionSettings {
  const gasLimit = readSystemConfig(view, 'tx_gas_limit', parentNumber);
  return {
    // The system contract admits any text that reads as a 64-bit integer: `+5`, `05`.
    gasLimit: INTEGER.test(gasLimit) ? BigInt(gasLimit) : defaultGasLimit,
    freeStorage,
    chargeGas: readSystemConfig(view, 'enable_charge_mgr', parentNumber) === 'on',
  };
}

/** Accounts that may charge others, and pay nothing themselves: `hex40,hex40,`. */
export function chargers(view: StateView, parentNumber: number): ReadonlySet<Address> {
  const list = readSystemConfig(view, 'charger_list', parentNumber);
  return new Set(list.split(',').filter((address) => address !== ''));
}
