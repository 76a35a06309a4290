import { concatBytes, fromBigInt, fromByteString, toBigInt } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import { type Address, addressBytes } from '@menglian/types/address';
import { addressOfRow, openNames, withVersion } from './1004-cns.js';
import { contractProblem, mayManage } from './1007-contractLifeCycle.js';
import { systemAddress } from './addresses.js';
import {
  ADDRESS_INVALID,
  CONTRACT_NO_PERMISSION,
  ROUTE_MISSING,
  ROUTE_SHARE_INVALID,
  ROUTE_VERSION_MISSING,
} from './codes.js';
import { word } from './framework/output.js';
import { ContractKind, type FunctionContext, functionsOf } from './framework/systemContract.js';
import { SystemError } from './framework/systemError.js';
import type { Row, SystemHost, TableDefinition } from './ports.js';
import { UNCHECKED } from './tables/rows.js';

const define = functionsOf<undefined>();

type Context = FunctionContext<undefined>;

const DONE = 1;
const SHARES = 1000n;
const WORD = 32;

/** Made by the first route, and listed in `_sys_tables_` from then on. */
const ROUTES: TableDefinition = {
  name: '_sys_cns_route_',
  keyField: 'name',
  valueFields: ['version', 'next_version', 'share', 'enable_num'],
};

const CHANGED = 'RouteChanged(bytes32,address,string,string,string,uint256)';
const OWN_ADDRESS = systemAddress(0x2000);

/** Two versions of a name, and how many of a thousand senders get the next one. */
interface Route {
  readonly version: string;
  readonly next: string;
  readonly share: bigint;
}

function readRoute({ host, gas }: Context, name: string): Route | undefined {
  gas.charge('openTable');
  const [row] = host.select(ROUTES.name, name);
  if (row === undefined) return undefined;
  gas.charge('select');
  const field = (key: string): string => row.fields.get(key) ?? '';
  return { version: field('version'), next: field('next_version'), share: BigInt(field('share')) };
}

/** Every row of the name is looked at, so every one is paid for. */
function versionsOf(context: Context, name: string): readonly Row[] {
  const rows = openNames(context, name);
  context.gas.charge('select', rows.length);
  return rows;
}

/**
 * The contracts that speak for the name until now: those of its route, or without one the first that was ever registered. So
 * nobody takes a name by registering a later version under it.
 */
function ownersOf(versions: readonly Row[], current: Route | undefined): readonly (Row | undefined)[] {
  if (current === undefined) return versions.slice(0, 1);
  return [current.version, current.next].map((version) => withVersion(versions, version)[0]);
}

/** @returns the code of refusal. Where an owner is no account at all, the committee alone may change the name. */
function ownershipProblem(host: SystemHost, owners: readonly (Row | undefined)[]): number | undefined {
  const mayChange = owners.every((row) => {
    const address = row === undefined ? undefined : addressOfRow(row);
    return mayManage(host, address === undefined ? undefined : host.account(address));
  });
  return mayChange ? undefined : CONTRACT_NO_PERMISSION;
}

/** @returns the code why the name may not lead to this version, for this sender */
function targetProblem(host: SystemHost, versions: readonly Row[], version: string): number | undefined {
  const [row] = withVersion(versions, version);
  if (row === undefined) return ROUTE_VERSION_MISSING;
  const address = addressOfRow(row);
  if (address === undefined) return ADDRESS_INVALID;
  const account = host.account(address);
  return contractProblem(account) ?? (mayManage(host, account) ? undefined : CONTRACT_NO_PERMISSION);
}

function setRoute(context: Context, name: string, route: Route): number {
  const { host } = context;
  if (route.share > SHARES) return ROUTE_SHARE_INVALID;
  const current = readRoute(context, name);
  const versions = versionsOf(context, name);
  const problem =
    targetProblem(host, versions, route.version) ??
    targetProblem(host, versions, route.next) ??
    ownershipProblem(host, ownersOf(versions, current));
  return problem ?? set(context, name, route, current === undefined);
}

/** Does not look at the contracts, so that there is a way back from one that destroyed itself. */
function setShare(context: Context, name: string, share: bigint): number {
  if (share > SHARES) return ROUTE_SHARE_INVALID;
  const current = readRoute(context, name);
  if (current === undefined) return ROUTE_MISSING;
  const problem = ownershipProblem(context.host, ownersOf(versionsOf(context, name), current));
  return problem ?? set(context, name, { ...current, share }, false);
}

function set({ host, gas }: Context, name: string, route: Route, isNew: boolean): number {
  host.createTable(ROUTES, UNCHECKED);
  const changes = new Map([
    ['version', route.version],
    ['next_version', route.next],
    ['share', route.share.toString()],
    ['enable_num', String(host.blockNumber)],
  ]);
  const ids = host.select(ROUTES.name, name).map((row) => row.id);
  if (isNew) host.insert(ROUTES.name, name, new Map([[ROUTES.keyField, name], ...changes]), UNCHECKED);
  else host.update(ROUTES.name, name, ids, changes, UNCHECKED);
  gas.charge(isNew ? 'insert' : 'update');
  announce(host, name, route);
  return DONE;
}

function announce(host: SystemHost, name: string, { version, next, share }: Route): void {
  const topic = host.suite.hash(fromByteString(CHANGED));
  const nameHash = host.suite.hash(fromByteString(name));
  const sender = fromBigInt(toBigInt(addressBytes(host.origin)), WORD);
  const data = encodeAbi(['string', 'string', 'string', 'uint256'], [name, version, next, share]);
  host.emitLog({ address: OWN_ADDRESS, topics: [topic, nameHash, sender], data });
}

/** The same for a name and sender for ever: a higher share moves senders to the next version, and none back. */
function isAmongFirst(host: SystemHost, name: string, sender: Address, share: bigint): boolean {
  const digest = host.suite.hash(concatBytes(fromByteString(name), addressBytes(sender)));
  return toBigInt(digest) % SHARES < share;
}

/** Address, version and ABI. Without a route it is the version registered last, as clients of 2.x take it. */
function lookUp(context: Context, name: string, sender: Address): Uint8Array {
  const { host } = context;
  const current = readRoute(context, name);
  const versions = versionsOf(context, name);
  const row =
    current === undefined
      ? versions.at(-1)
      : withVersion(versions, isAmongFirst(host, name, sender, current.share) ? current.next : current.version)[0];
  const address = row === undefined ? undefined : addressOfRow(row);
  if (row === undefined || address === undefined) throw new SystemError('no contract is registered under this name');
  const field = (key: string): string => row.fields.get(key) ?? '';
  return encodeAbi(['address', 'string', 'string'], [address, field('version'), field('abi')]);
}

/** Code, versions and share. */
function describe(context: Context, name: string): Uint8Array {
  const route = readRoute(context, name);
  const types = ['int256', 'string', 'string', 'uint256'];
  if (route === undefined) return encodeAbi(types, [BigInt(ROUTE_MISSING), '', '', 0n]);
  return encodeAbi(types, [0n, route.version, route.next, route.share]);
}

/**
 * Which of two registered versions of a name each sender gets: docs/adr/0017-routes-of-names.md. Not of 2.x. Changes count
 * at once.
 */
export const cnsRoute = new ContractKind<undefined>({
  name: 'CnsRoute',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [
    define('setRoute(string,string,string,uint256)', (context, name, version, next, share) =>
      word(setRoute(context, name, { version, next, share })),
    ),
    define('setShare(string,uint256)', (context, name, share) => word(setShare(context, name, share))),
    define('route(string,address)', lookUp),
    define('routeOf(string)', describe),
  ],
});
