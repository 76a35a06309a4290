import { systemConfig } from '../1000-systemConfig.js';
import { conditionKind } from '../1001-condition.js';
import { entriesKind } from '../1001-entries.js';
import { entryKind } from '../1001-entry.js';
import { tableKind } from '../1001-table.js';
import { tableFactory } from '../1001-tableFactory.js';
import { crud } from '../1002-crud.js';
import { consensus } from '../1003-consensus.js';
import { cns } from '../1004-cns.js';
import { permission } from '../1005-permission.js';
import { parallelConfig } from '../1006-parallelConfig.js';
import { contractLifeCycle } from '../1007-contractLifeCycle.js';
import { chainGovernance } from '../1008-chainGovernance.js';
import { gasChargeManage } from '../1009-gasChargeManage.js';
import { kvTableKind } from '../1010-kvTable.js';
import { kvTableFactory } from '../1010-kvTableFactory.js';
import { workingSealerManager } from '../1011-workingSealerManager.js';
import { cnsRoute } from '../2000-cnsRoute.js';
import { lightClients } from '../2001-lightClients.js';
import { messages } from '../2002-messages.js';
import { groupRouter } from '../2003-groupRouter.js';
import { crossTransactions } from '../2004-crossTransactions.js';
import { balances } from '../2005-balances.js';
import { shadowAccounts } from '../2006-shadowAccounts.js';
import { hotAccounts } from '../2007-hotAccounts.js';
import { dagTransfer } from '../5002-dagTransfer.js';
import { cryptoContract } from '../5006-crypto.js';
import type { SystemFunction } from '../framework/systemContract.js';

/** What a table over all contracts needs to know of one. */
export interface AnyKind {
  readonly name: string;
  readonly functions: readonly Pick<SystemFunction<unknown>, 'signature' | 'types'>[];
}

/** Every kind of system contract and of temporary object. */
export const ALL_KINDS: readonly AnyKind[] = [
  systemConfig,
  tableFactory,
  tableKind,
  entryKind,
  entriesKind,
  conditionKind,
  crud,
  consensus,
  cns,
  permission,
  parallelConfig,
  contractLifeCycle,
  chainGovernance,
  gasChargeManage,
  kvTableFactory,
  kvTableKind,
  workingSealerManager,
  cnsRoute,
  lightClients,
  messages,
  groupRouter,
  crossTransactions,
  balances,
  shadowAccounts,
  hotAccounts,
  dagTransfer,
  cryptoContract,
];
