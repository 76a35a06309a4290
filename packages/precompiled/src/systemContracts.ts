import type { Address } from '@menglian/types/address';
import { systemConfig } from './1000-systemConfig.js';
import { tableFactory } from './1001-tableFactory.js';
import { crud } from './1002-crud.js';
import { consensus } from './1003-consensus.js';
import { cns } from './1004-cns.js';
import { permission } from './1005-permission.js';
import { parallelConfig } from './1006-parallelConfig.js';
import { contractLifeCycle } from './1007-contractLifeCycle.js';
import { chainGovernance } from './1008-chainGovernance.js';
import { gasChargeManage } from './1009-gasChargeManage.js';
import { kvTableFactory } from './1010-kvTableFactory.js';
import { workingSealerManager } from './1011-workingSealerManager.js';
import { cnsRoute } from './2000-cnsRoute.js';
import { lightClients } from './2001-lightClients.js';
import { messages } from './2002-messages.js';
import { groupRouter } from './2003-groupRouter.js';
import { crossTransactions } from './2004-crossTransactions.js';
import { balances } from './2005-balances.js';
import { shadowAccounts } from './2006-shadowAccounts.js';
import { hotAccounts } from './2007-hotAccounts.js';
import { dagTransfer } from './5002-dagTransfer.js';
import { cryptoContract } from './5006-crypto.js';
import { SYSTEM_ADDRESSES, systemAddress } from './addresses.js';
import type { SystemContract } from './ports.js';

/** Every system contract of this chain by its address; `addresses.ts` also lists those that do not exist yet. */
export const SYSTEM_CONTRACTS: ReadonlyMap<Address, SystemContract> = new Map([
  [systemAddress(0x1000), systemConfig.create(undefined)],
  [systemAddress(0x1001), tableFactory.create(undefined)],
  [systemAddress(0x1002), crud.create(undefined)],
  [systemAddress(0x1003), consensus.create(undefined)],
  [systemAddress(0x1004), cns.create(undefined)],
  [systemAddress(0x1005), permission.create(undefined)],
  [systemAddress(0x1006), parallelConfig.create(undefined)],
  [systemAddress(0x1007), contractLifeCycle.create(undefined)],
  [systemAddress(0x1008), chainGovernance.create(undefined)],
  [systemAddress(0x1009), gasChargeManage.create(undefined)],
  [systemAddress(0x1010), kvTableFactory.create(undefined)],
  [systemAddress(0x1011), workingSealerManager.create(undefined)],
  [systemAddress(0x2000), cnsRoute.create(undefined)],
  [systemAddress(0x2001), lightClients.create(undefined)],
  [systemAddress(0x2002), messages.create(undefined)],
  [systemAddress(0x2003), groupRouter.create(undefined)],
  [systemAddress(0x2004), crossTransactions.create(undefined)],
  [systemAddress(0x2005), balances.create(undefined)],
  [systemAddress(0x2006), shadowAccounts.create(undefined)],
  [systemAddress(0x2007), hotAccounts.create(undefined)],
  [systemAddress(0x5002), dagTransfer.create(undefined)],
  [systemAddress(0x5006), cryptoContract.create(undefined)],
]);

const SETTINGS: ReadonlyMap<Address, string> = new Map(
  SYSTEM_ADDRESSES.flatMap(({ address, setting }) => (setting === undefined ? [] : [[address, setting] as const])),
);

/** The contract at a fixed address. Temporary objects are the host's: SystemHost.objectAt. */
export function systemContract(address: Address): SystemContract | undefined {
  return SYSTEM_CONTRACTS.get(address);
}

/** The setting that must be `on` for the contract at this address to answer; undefined for those that all groups have. */
export function requiredSetting(address: Address): string | undefined {
  return SETTINGS.get(address);
}
