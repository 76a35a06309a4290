import { SdkError } from '../sdkError.js';

interface Meaning {
  readonly problem: string;
  readonly advice: string;
}

const meaning = (problem: string, advice: string): Meaning => ({ problem, advice });

const ASK_COMMITTEE = 'ask the committee of the chain';
const SEE_ARGUMENTS = 'see the arguments';
const NOTHING_TO_DO = 'there is nothing to do';

/** What system contracts answer (docs/system-contracts.md, "Result codes"); numbers of 2.x, and ours from -60000. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  [-50000]: meaning('this account may not do this', ASK_COMMITTEE),
  [-50001]: meaning('the table exists already', 'choose another name'),
  [-50002]: meaning('the name of the table is too long', 'at most 48 characters'),
  [-50003]: meaning('the name of a field is too long', 'at most 64 characters'),
  [-50004]: meaning('the names of all fields are too long', 'at most 1024 characters together'),
  [-50005]: meaning('the key is too long', 'at most 255 bytes'),
  [-50006]: meaning('a value is too long', 'at most 16 MiB'),
  [-50007]: meaning('a field comes twice', SEE_ARGUMENTS),
  [-50008]: meaning('a name has characters that are not allowed', 'letters, digits, $, _ and @'),
  [-50100]: meaning('the table does not exist', 'create it first'),
  [-50101]: meaning('the system contract does not know this function', 'see the version of the chain'),
  [-50102]: meaning('the address is none', 'write 0x and 40 digits'),
  [-51000]: meaning('the account has this permission already', NOTHING_TO_DO),
  [-51001]: meaning('the account does not have this permission', NOTHING_TO_DO),
  [-51002]: meaning('the name of the table is too long', SEE_ARGUMENTS),
  [-51003]: meaning('the contract does not exist', SEE_ARGUMENTS),
  [-51004]: meaning('the committee is changed by votes only', 'use Governance'),
  [-51100]: meaning('the node id is none', '128 hexadecimal digits'),
  [-51101]: meaning('the last sealer cannot go', 'add another one first'),
  [-51200]: meaning('this name and version are registered already', 'register another version'),
  [-51201]: meaning('the version is too long', 'at most 128 bytes'),
  [-51300]: meaning('the setting or its value is not allowed', 'see docs/system-contracts.md for keys and bounds'),
  [-51400]: meaning('the name of the user is not allowed', SEE_ARGUMENTS),
  [-51401]: meaning('the amount is not allowed', SEE_ARGUMENTS),
  [-51402]: meaning('the user does not exist', 'add the user first'),
  [-51403]: meaning('the user exists already', NOTHING_TO_DO),
  [-51404]: meaning('the balance is too small', SEE_ARGUMENTS),
  [-51405]: meaning('the balance would overflow', SEE_ARGUMENTS),
  [-51406]: meaning('the table of balances cannot be opened', ASK_COMMITTEE),
  [-51500]: meaning('the entry is not allowed', 'fields of the table with text as values'),
  [-51501]: meaning('the condition is not allowed', SEE_ARGUMENTS),
  [-51502]: meaning('an operator of the condition is unknown', 'eq, ne, gt, ge, lt, le'),
  [-51503]: meaning('the key of a row cannot be updated', 'remove the row and insert another one'),
  [-51900]: meaning('the contract is frozen already', NOTHING_TO_DO),
  [-51901]: meaning('the contract is not frozen', NOTHING_TO_DO),
  [-51902]: meaning('the account manages the contract already', NOTHING_TO_DO),
  [-51903]: meaning('no contract is at this address', SEE_ARGUMENTS),
  [-51904]: meaning('the address does not exist', SEE_ARGUMENTS),
  [-51905]: meaning('this account does not manage the contract', 'ask a manager: listManagers names them'),
  [-51906]: meaning('the account does not manage the contract', NOTHING_TO_DO),
  [-51907]: meaning('the last manager cannot go', 'grant another one first'),
  [-52000]: meaning('the account is of the committee already', NOTHING_TO_DO),
  [-52001]: meaning('the account is not of the committee', SEE_ARGUMENTS),
  [-52002]: meaning('this account is not of the committee', 'sign with an account that is: listMembers names them'),
  [-52003]: meaning('the threshold is not allowed', '0 to 99'),
  [-52004]: meaning('an operator cannot be of the committee', 'revoke the operator first'),
  [-52005]: meaning('a member of the committee cannot be operator', 'choose another account'),
  [-52006]: meaning('the account is operator already', NOTHING_TO_DO),
  [-52007]: meaning('the account is no operator', NOTHING_TO_DO),
  [-52008]: meaning('the account does not exist', 'accounts exist once they have deployed a contract'),
  [-52009]: meaning('the account is a contract', 'use ContractLifeCycle'),
  [-52010]: meaning('the account is not frozen', NOTHING_TO_DO),
  [-52011]: meaning('the account is frozen', 'a member of the committee can unfreeze it'),
  [-52012]: meaning('the value is what it was', NOTHING_TO_DO),
  [-53000]: meaning('this account is no charger', 'ask one: listChargers names them'),
  [-53001]: meaning('the amount is zero', SEE_ARGUMENTS),
  [-53002]: meaning('the remaining gas would overflow', SEE_ARGUMENTS),
  [-53003]: meaning('less gas remains than that', 'queryRemainGas tells how much'),
  [-53004]: meaning('this account may not grant chargers', ASK_COMMITTEE),
  [-53005]: meaning('this account may not revoke chargers', ASK_COMMITTEE),
  [-53006]: meaning('the account is charger already', NOTHING_TO_DO),
  [-53007]: meaning('the account is no charger', NOTHING_TO_DO),
  [-53008]: meaning('the system contract does not know this function', 'see the version of the chain'),
  [-60000]: meaning('the key of the node or its proof does not hold', 'make both anew'),
  [-60001]: meaning('the node has a key already', NOTHING_TO_DO),
  [-60100]: meaning('a version of the route is not registered', 'register it with CNS first'),
  [-60101]: meaning('the share is not allowed', '0 to 1000'),
  [-60102]: meaning('the name has no route', 'set one first'),
};

/** The error of a code below zero. */
export function refusedByCode(code: number): SdkError {
  const { problem, advice } = MEANINGS[code] ?? meaning('the system contract refused', 'see docs/system-contracts.md');
  return new SdkError(code, problem, advice);
}
