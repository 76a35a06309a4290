/** What a node says of the state of an account: no proof, but it must be what the proven events add up to. */
import type { Client } from '../client.js';
import { type HotAccount, HotAccounts } from '../services/hotAccounts.js';
import { type ShadowAccount, ShadowAccounts } from '../services/shadowAccounts.js';
import { ExecutionError } from '../transaction/executionError.js';
import type { Caller } from '../transaction/requests.js';
import type { Findings } from './findings.js';
import type { HotRecount } from './hotRecount.js';
import { addSums, NO_SUMS, type ShadowRecount } from './shadowRecount.js';

export interface Told<T> {
  /** The height at which it was said. */
  readonly blockNumber: number;
  /** undefined: there is no such account. */
  readonly state: T | undefined;
}

export function hotStateOf(client: Client, account: string): Promise<Told<HotAccount>> {
  return told(client, (caller) => new HotAccounts(caller).get(account));
}

export function shadowStateOf(client: Client, account: string): Promise<Told<ShadowAccount>> {
  return told(client, (caller) => new ShadowAccounts(caller).get(account));
}

/** Asks once, and remembers of which height the answer is. */
async function told<T>(client: Client, ask: (caller: Caller) => Promise<T | undefined>): Promise<Told<T>> {
  let blockNumber: number | undefined;
  const caller: Caller = {
    suite: client.suite,
    account: undefined,
    call: async (request) => {
      const result = await client.call(request);
      ({ blockNumber } = result);
      return result;
    },
    sendTransaction: (request) => client.sendTransaction(request),
    execute: (request, options) => client.execute(request, options),
    getBlockNumber: () => client.getBlockNumber(),
    getLogs: (filter) => client.getLogs(filter),
    watchLogs: (filter, listener) => client.watchLogs(filter, listener),
  };
  let state: T | undefined;
  try {
    state = await ask(caller);
  } catch (error) {
    // Where the contracts are switched off there is no account.
    if (!(error instanceof ExecutionError)) throw error;
  }
  return { blockNumber: blockNumber ?? (await client.getBlockNumber()), state };
}

type Compared = readonly (readonly [subject: string, recounted: unknown, told: unknown])[];

/** Adds a finding for each number that is another one. `recount` must have taken the events up to the height of the state. */
export function compareHotState(findings: Findings, label: string, state: HotAccount, recount: HotRecount): void {
  const booked = [...recount.booked.values()];
  const settled = booked.reduce((sum, one) => addSums(sum, one.settled), NO_SUMS);
  compare(findings, label, [
    ['owner', recount.owner, state.owner],
    ['balance', recount.balance, state.balance],
    ['settledIn', settled.amountIn, state.settledIn],
    ['settledOut', settled.amountOut, state.settledOut],
    ['granted', booked.reduce((sum, { granted }) => sum + granted, 0n), state.granted],
  ]);
}

/** The same of a shadow account. */
export function compareShadowState(findings: Findings, state: ShadowAccount, recount: ShadowRecount): void {
  const { open } = recount;
  compare(findings, recount.label, [
    ['owner', recount.opened?.owner, state.owner],
    ['openEpoch', recount.openEpoch, state.openEpoch],
    ['openIn', open.amountIn, state.openIn],
    ['openOut', open.amountOut, state.openOut],
    ['openCount', open.payments, state.openCount],
    ['quota', recount.quota, state.quota],
    ['settledEpoch', recount.confirmedEpoch, state.settledEpoch],
  ]);
}

function compare(findings: Findings, chain: string, compared: Compared): void {
  for (const [subject, recounted, state] of compared) {
    if (recounted === state) continue;
    const [expected, found] = [String(recounted), String(state)];
    findings.add({ code: 'state-differs', chain, subject, expected, found });
  }
}
