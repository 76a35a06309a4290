import {
  accountStatusText,
  grantOperator,
  operatorRecords,
  revokeOperator,
  setAccountFrozen,
} from './1008-accounts.js';
import {
  grantMember,
  queryThreshold,
  queryVotesOfMember,
  queryVotesOfThreshold,
  queryWeight,
  revokeMember,
  updateThreshold,
  updateWeight,
} from './1008-committee.js';
import { textOutput, word, words } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { recordsLine } from './json/writeJson.js';
import type { SystemHost } from './ports.js';
import { accessRows } from './tables/accessRows.js';
import { ACCESS_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

function members(host: SystemHost): string {
  return recordsLine(
    accessRows(host, ACCESS_TABLE).map(({ fields }) => ({
      address: fields.get('address') ?? '',
      enable_num: fields.get('enable_num') ?? '',
    })),
  );
}

/** The committee, its votes, the operators it appoints and the accounts it freezes. */
export const chainGovernance = new ContractKind<undefined>({
  name: 'ChainGovernance',
  countsInput: false,
  unknown: new Uint8Array(0),
  functions: [
    define('grantCommitteeMember(address)', ({ host }, user) => word(grantMember(host, user))),
    define('revokeCommitteeMember(address)', ({ host }, user) => word(revokeMember(host, user))),
    define('listCommitteeMembers()', ({ host }) => textOutput(members(host))),
    define('queryCommitteeMemberWeight(address)', ({ host }, user) => words(...queryWeight(host, user))),
    define('updateCommitteeMemberWeight(address,int256)', ({ host }, user, weight) =>
      word(updateWeight(host, user, weight)),
    ),
    define('queryVotesOfMember(address)', ({ host }, user) => textOutput(queryVotesOfMember(host, user))),
    define('queryVotesOfThreshold()', ({ host }) => textOutput(queryVotesOfThreshold(host))),
    define('updateThreshold(int256)', ({ host }, percent) => word(updateThreshold(host, percent))),
    define('queryThreshold()', ({ host }) => word(queryThreshold(host))),
    define('grantOperator(address)', ({ host }, user) => word(grantOperator(host, user))),
    define('revokeOperator(address)', ({ host }, user) => word(revokeOperator(host, user))),
    define('listOperators()', ({ host }) => textOutput(recordsLine(operatorRecords(host)))),
    define('freezeAccount(address)', ({ host }, user) => word(setAccountFrozen(host, user, true))),
    define('unfreezeAccount(address)', ({ host }, user) => word(setAccountFrozen(host, user, false))),
    define('getAccountStatus(address)', ({ host }, user) => textOutput(accountStatusText(host, user))),
  ],
});
