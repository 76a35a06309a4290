import { equalBytes, fromHex } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import { isEngine } from '@menglian/interchain/engine';
import type { NodeId } from '@menglian/types/address';
import { MAX_SEALERS } from '@menglian/types/limits';
import {
  addToList,
  type Client,
  listClients,
  readClient,
  readSealers,
  writeAnchor,
  writeClient,
} from './2001-clientTables.js';
import { learn, LIGHT_CLIENTS_ADDRESS, proveBlock } from './2001-headerChecks.js';
import {
  CLIENT_ARGUMENT_INVALID,
  CLIENT_EXISTS,
  CLIENT_MISSING,
  CLIENT_NOT_COMMITTEE,
  CLIENTS_FULL,
  NO_CONFLICT,
} from './codes.js';
import { emitEvent } from './framework/event.js';
import { textOutput, word } from './framework/output.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { recordsLine } from './json/writeJson.js';
import { NODE_ID_DIGITS } from './limits.js';
import type { SystemHost } from './ports.js';
import { CONFIG_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;

/** Other chains that one chain knows. */
const CLIENTS_MAX = 256;

/** What people call a chain. */
const NAME = /^[\w. -]{1,64}$/;
const NODE_ID = new RegExp(`^[0-9a-f]{${NODE_ID_DIGITS}}$`);

/** Who may write settings: the committee, or anybody while there is none. */
function mayDecide(host: SystemHost): boolean {
  return host.isAuthorized(CONFIG_TABLE);
}

/** An anchor as the committee gives it. @returns undefined where it is none */
function readAnchor(number: bigint, list: string): { height: number; sealers: readonly NodeId[] } | undefined {
  const sealers = list.split(',');
  const height = Number(number);
  if (!Number.isSafeInteger(height) || sealers.length > MAX_SEALERS) return undefined;
  if (new Set(sealers).size < sealers.length || !sealers.every((nodeId) => NODE_ID.test(nodeId))) return undefined;
  return { height, sealers: sealers.toSorted() };
}

function register(
  context: Context,
  chain: Uint8Array,
  name: string,
  engine: string,
  number: bigint,
  list: string,
): number {
  const { host } = context;
  if (!mayDecide(host)) return CLIENT_NOT_COMMITTEE;
  const anchor = readAnchor(number, list);
  if (anchor === undefined || !NAME.test(name) || !isEngine(engine)) return CLIENT_ARGUMENT_INVALID;
  if (equalBytes(chain, host.chainIdentity())) return CLIENT_ARGUMENT_INVALID;
  if (readClient(context, chain) !== undefined) return CLIENT_EXISTS;
  if (listClients(context).length >= CLIENTS_MAX) return CLIENTS_FULL;
  const { height, sealers } = anchor;
  addToList(context, chain);
  writeAnchor(context, chain, height, sealers);
  writeClient(context, chain, { name, engine, heights: [height], highest: height, frozen: false });
  const event = 'ClientRegistered(bytes32,string,string,uint256)';
  emitEvent(host, LIGHT_CLIENTS_ADDRESS, event, [chain], [name, engine, number]);
  return DONE;
}

/**
 * A new beginning: nothing that was known of the chain's sealers counts any longer. Messages keep their numbers. Rows of anchors stay where
 * they are, without a height that leads to them: to look at a thousand long ones is more work than a transaction may do.
 */
function reset(context: Context, chain: Uint8Array, number: bigint, list: string): number {
  const { host } = context;
  if (!mayDecide(host)) return CLIENT_NOT_COMMITTEE;
  const anchor = readAnchor(number, list);
  if (anchor === undefined) return CLIENT_ARGUMENT_INVALID;
  const client = readClient(context, chain);
  if (client === undefined) return CLIENT_MISSING;
  const { height, sealers } = anchor;
  writeAnchor(context, chain, height, sealers);
  writeClient(context, chain, { ...client, heights: [height], highest: height, frozen: false });
  emitEvent(host, LIGHT_CLIENTS_ADDRESS, 'ClientReset(bytes32,uint256)', [chain], [number]);
  return DONE;
}

function update(context: Context, chain: Uint8Array, bundle: Uint8Array): number {
  const proven = proveBlock(context, chain, bundle);
  if (!proven.ok) return proven.reason;
  learn(context, chain, proven.value);
  return DONE;
}

/** Two blocks at one height show that the chain's sealers cannot be believed. */
function report(context: Context, chain: Uint8Array, bundle: Uint8Array, other: Uint8Array): number {
  const [one, two] = [bundle, other].map((bytes) => proveBlock(context, chain, bytes));
  if (!one!.ok) return one!.reason;
  if (!two!.ok) return two!.reason;
  const { number } = one!.value.bundle.header.header;
  if (two!.value.bundle.header.header.number !== number || equalBytes(one!.value.hash, two!.value.hash))
    return NO_CONFLICT;
  writeClient(context, chain, { ...one!.value.client, frozen: true });
  emitEvent(context.host, LIGHT_CLIENTS_ADDRESS, 'ClientFrozen(bytes32,uint256)', [chain], [BigInt(number)]);
  return DONE;
}

function checkReceipt(context: Context, chain: Uint8Array, bundle: Uint8Array): number {
  const proven = proveBlock(context, chain, bundle);
  return proven.ok ? DONE : proven.reason;
}

const UNKNOWN: Client = { name: '', engine: '' as Client['engine'], heights: [0], highest: 0, frozen: false };

/** Name, engine, height of the last anchor, highest block proven, frozen; an empty name for a chain that is not known. */
function describe(context: Context, chain: Uint8Array): Uint8Array {
  const { name, engine, heights, highest, frozen } = readClient(context, chain) ?? UNKNOWN;
  return encodeAbi(
    ['string', 'string', 'uint256', 'uint256', 'bool'],
    [name, engine, BigInt(heights.at(-1)!), BigInt(highest), frozen],
  );
}

function list(context: Context): string {
  const records = listClients(context).map((chain) => {
    const { name, engine, heights, highest, frozen } = readClient(context, fromHex(chain)) ?? UNKNOWN;
    const [anchor, height] = [String(heights.at(-1)), String(highest)];
    return { chain, name, rule: engine, anchorNumber: anchor, highestProven: height, frozen: String(frozen) };
  });
  return recordsLine(records);
}

/** Node ids with commas between them; empty where the sealers at this height are not known. */
function sealersAt(context: Context, chain: Uint8Array, number: bigint): string {
  const height = readClient(context, chain)?.heights.findLast((known) => BigInt(known) <= number);
  return height === undefined ? '' : readSealers(context, chain, height).join(',');
}

/**
 * What this chain knows of others: who sealed their blocks when, and so which blocks and receipts are theirs:
 * docs/adr/0022-messages-between-chains.md. Not of 2.x.
 */
export const lightClients = new ContractKind<undefined>({
  name: 'LightClients',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('register(bytes32,string,string,uint256,string)', (context, chain, name, engine, number, sealers) =>
      word(register(context, chain, name, engine, number, sealers)),
    ),
    define('reset(bytes32,uint256,string)', (context, chain, number, sealers) =>
      word(reset(context, chain, number, sealers)),
    ),
    define('update(bytes32,bytes)', (context, chain, bundle) => word(update(context, chain, bundle))),
    define('report(bytes32,bytes,bytes)', (context, chain, bundle, other) =>
      word(report(context, chain, bundle, other)),
    ),
    define('checkReceipt(bytes32,bytes)', (context, chain, bundle) => word(checkReceipt(context, chain, bundle))),
    define('client(bytes32)', describe),
    define('clients()', (context) => textOutput(list(context))),
    define('sealersAt(bytes32,uint256)', (context, chain, number) => textOutput(sealersAt(context, chain, number))),
  ],
});
