import { encodeAbi } from '@menglian/codec/abi';
import type { Address } from '@menglian/types/address';
import { cancelHeld, confirmHeld, prepareIn, prepareOut } from './2005-heldMoney.js';
import {
  addIssued,
  balanceOf,
  BALANCES_ADDRESS,
  credit,
  creditProblem,
  debit,
  debitProblem,
  isAllowedChain,
  issuedProblem,
  issuedTotal,
  issuerOf,
  setAllowedChain,
  setIssuerOf,
} from './2005-money.js';
import { MONEY_COMMITTEE_ONLY, MONEY_ISSUER_ONLY } from './codes.js';
import { emitEvent } from './framework/event.js';
import { addressWord, word } from './framework/output.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { CONFIG_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;

const ISSUER_CHANGED = 'IssuerChanged(address)';
const CHAIN_ALLOWED = 'ChainAllowed(bytes32,bool)';
const ISSUED = 'Issued(address,uint256)';
const TRANSFERRED = 'Transferred(address,address,uint256)';

/** Who may write settings decides about money too. */
function isGoverned({ host }: Context): boolean {
  return host.isAuthorized(CONFIG_TABLE);
}

function setIssuer(context: Context, issuer: Address): number {
  if (!isGoverned(context)) return MONEY_COMMITTEE_ONLY;
  setIssuerOf(context, issuer);
  emitEvent(context.host, BALANCES_ADDRESS, ISSUER_CHANGED, [addressWord(issuer)], []);
  return DONE;
}

function allow(context: Context, chain: Uint8Array, isAllowed: boolean): number {
  if (!isGoverned(context)) return MONEY_COMMITTEE_ONLY;
  setAllowedChain(context, chain, isAllowed);
  emitEvent(context.host, BALANCES_ADDRESS, CHAIN_ALLOWED, [chain], [isAllowed]);
  return DONE;
}

/** Nobody sends from the zero address, so without an issuer nobody issues. */
function issue(context: Context, to: Address, amount: bigint): number {
  if (context.sender !== issuerOf(context)) return MONEY_ISSUER_ONLY;
  const problem = creditProblem(context, to, amount) ?? issuedProblem(context, amount);
  if (problem !== undefined) return problem;
  addIssued(context, amount);
  credit(context, to, amount);
  emitEvent(context.host, BALANCES_ADDRESS, ISSUED, [addressWord(to)], [amount]);
  return DONE;
}

function transfer(context: Context, to: Address, amount: bigint): number {
  const { host, sender } = context;
  const problem =
    debitProblem(context, sender, amount) ?? (to === sender ? undefined : creditProblem(context, to, amount));
  if (problem !== undefined) return problem;
  debit(context, sender, amount);
  credit(context, to, amount);
  emitEvent(host, BALANCES_ADDRESS, TRANSFERRED, [addressWord(sender), addressWord(to)], [amount]);
  return DONE;
}

/**
 * Money of accounts in one chain. It leaves for other chains through hot accounts and cross transactions only, and comes from those
 * that the committee allowed: docs/hot-accounts.md.
 */
export const balances = new ContractKind<undefined>({
  name: 'Balances',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('setIssuer(address)', (context, issuer) => word(setIssuer(context, issuer))),
    define('issuer()', (context) => addressWord(issuerOf(context))),
    define('allow(bytes32,bool)', (context, chain, isAllowed) => word(allow(context, chain, isAllowed))),
    define('isAllowed(bytes32)', (context, chain) => word(isAllowedChain(context, chain))),
    define('issue(address,uint256)', (context, to, amount) => word(issue(context, to, amount))),
    define('transfer(address,uint256)', (context, to, amount) => word(transfer(context, to, amount))),
    define('balanceOf(address)', (context, account) => word(balanceOf(context, account))),
    define('supply()', (context) => word(issuedTotal(context))),
    define('prepareOut(bytes32,bytes32,address,address,bytes)', (context, id, chain, remote, initiator, data) =>
      encodeAbi(['bytes'], [prepareOut(context, { id, chain, remote, initiator, data })]),
    ),
    define('prepareIn(bytes32,bytes32,address,bytes)', (context, id, chain, peer, forRemote) =>
      word(prepareIn(context, { id, chain, peer, forRemote })),
    ),
    define('confirm(bytes32)', (context, id) => word(confirmHeld(context, id))),
    define('cancel(bytes32)', (context, id) => word(cancelHeld(context, id))),
  ],
});
