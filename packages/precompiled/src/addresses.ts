import type { Address } from '@menglian/types/address';

/** One reserved address. `since` is the 2.x version that introduced it; `answers` whether this program has it already. */
export interface SystemAddress {
  readonly address: Address;
  readonly name: string;
  readonly since: string;
  readonly answers: boolean;
  /** It answers in groups only where this setting is `on`; elsewhere it is an account without code. */
  readonly setting?: string;
}

/** The address with this number, as 40 digits. */
export function systemAddress(number: number): Address {
  return number.toString(16).padStart(40, '0');
}

function reserve(number: number, name: string, since: string, answers: boolean): SystemAddress {
  return { address: systemAddress(number), name, since, answers };
}

/** A contract that 2.x does not have: a chain gets it by a decision, in the block after that. */
function own(number: number, name: string, setting: string): SystemAddress {
  return { address: systemAddress(number), name, since: 'Menglian', answers: true, setting };
}

/**
 * Every address that 2.x gives a meaning above the nine built-ins of Ethereum, and our own. One that does not answer is an account
 * without code until the contract exists. Addresses of Menglian's own begin at 0x2000.
 */
export const SYSTEM_ADDRESSES: readonly SystemAddress[] = [
  reserve(0x1000, 'SystemConfig', '2.0', true),
  reserve(0x1001, 'TableFactory', '2.0', true),
  reserve(0x1002, 'CRUD', '2.0', true),
  reserve(0x1003, 'Consensus', '2.0', true),
  reserve(0x1004, 'CNS', '2.0', true),
  reserve(0x1005, 'Permission', '2.0', true),
  reserve(0x1006, 'ParallelConfig', '2.0', true),
  reserve(0x1007, 'ContractLifeCycle', '2.3', true),
  reserve(0x1008, 'ChainGovernance', '2.5', true),
  reserve(0x1009, 'GasChargeManage', '2.9', true),
  reserve(0x1010, 'KVTableFactory', '2.3', true),
  reserve(0x1011, 'WorkingSealerManager', '2.6', true),
  own(0x2000, 'CnsRoute', 'enable_cns_route'),
  own(0x2001, 'LightClients', 'enable_interchain'),
  own(0x2002, 'Messages', 'enable_interchain'),
  own(0x2003, 'GroupRouter', 'enable_interchain'),
  own(0x2004, 'CrossTransactions', 'enable_interchain'),
  own(0x2005, 'Balances', 'enable_interchain'),
  own(0x2006, 'ShadowAccounts', 'enable_interchain'),
  own(0x2007, 'HotAccounts', 'enable_interchain'),
  reserve(0x5002, 'DagTransfer', '2.0', true),
  reserve(0x5003, 'Paillier', '2.0', false),
  reserve(0x5004, 'GroupSig', '2.0', false),
  reserve(0x5005, 'RingSig', '2.0', false),
  reserve(0x5006, 'Crypto', '2.8', true),
];

/** The first temporary object of a block; the next ones count up from here. */
export const FIRST_OBJECT_NUMBER = 0x10001;
