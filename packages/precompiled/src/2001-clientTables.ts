import { toHex } from '@menglian/base/bytes';
import type { Engine } from '@menglian/interchain/engine';
import type { NodeId } from '@menglian/types/address';
import type { FunctionContext } from './framework/systemContract.js';
import type { TableDefinition } from './ports.js';
import { UNCHECKED } from './tables/rows.js';

/** Tables of LightClients: what this chain knows of others. Made by the first registration. */

const CLIENTS: TableDefinition = {
  name: '_sys_light_clients_',
  keyField: 'chain',
  valueFields: ['name', 'rule', 'heights', 'highest', 'frozen', 'enable_num'],
};

/** All clients under one key, in the order of their registration. */
const CLIENT_LIST: TableDefinition = {
  name: '_sys_light_client_list_',
  keyField: 'key',
  valueFields: ['chain'],
};
const LIST_KEY = 'client';

const ANCHORS: TableDefinition = {
  name: '_sys_light_client_anchors_',
  keyField: 'anchor',
  valueFields: ['sealers'],
};

/** Other chains that one chain knows. */
export const CLIENTS_MAX = 256;

/** Changes of a chain's sealers that are remembered; of more the oldest is forgotten, and blocks before it cannot be proven. */
export const ANCHORS_MAX = 1024;

/** What this chain knows of another one. */
export interface Client {
  readonly name: string;
  readonly engine: Engine;
  /** Heights from which the sealers are known, ascending; at least one. */
  readonly heights: readonly number[];
  /** Highest block that was proven. */
  readonly highest: number;
  readonly frozen: boolean;
}

/** What system contracts need to work on tables; the context of any of them. */
export type TableContext = Pick<FunctionContext<unknown>, 'host' | 'gas'>;

export function readClient({ host, gas }: TableContext, chain: Uint8Array): Client | undefined {
  gas.charge('openTable');
  const [row] = host.select(CLIENTS.name, toHex(chain));
  if (row === undefined) return undefined;
  gas.charge('select');
  const field = (key: string): string => row.fields.get(key) ?? '';
  return {
    name: field('name'),
    engine: field('rule') as Engine,
    heights: field('heights').split(',').map(Number),
    highest: Number(field('highest')),
    frozen: field('frozen') === '1',
  };
}

/** Identities of all clients. */
export function listClients({ host, gas }: TableContext): readonly string[] {
  gas.charge('openTable');
  const rows = host.select(CLIENT_LIST.name, LIST_KEY);
  gas.charge('select', rows.length);
  return rows.map((row) => row.fields.get('chain') ?? '');
}

/** Writes a client and adds it to the list where it is new. */
export function writeClient({ host, gas }: TableContext, chain: Uint8Array, client: Client): void {
  const key = toHex(chain);
  const changes = new Map([
    ['name', client.name],
    ['rule', client.engine],
    ['heights', client.heights.join(',')],
    ['highest', String(client.highest)],
    ['frozen', client.frozen ? '1' : '0'],
    ['enable_num', String(host.blockNumber)],
  ]);
  for (const table of [CLIENTS, CLIENT_LIST, ANCHORS]) host.createTable(table, UNCHECKED);
  const ids = host.select(CLIENTS.name, key).map((row) => row.id);
  if (ids.length > 0) {
    host.update(CLIENTS.name, key, ids, changes, UNCHECKED);
    gas.charge('update');
    return;
  }
  host.insert(CLIENTS.name, key, new Map([[CLIENTS.keyField, key], ...changes]), UNCHECKED);
  const listed = new Map([
    [CLIENT_LIST.keyField, LIST_KEY],
    ['chain', key],
  ]);
  host.insert(CLIENT_LIST.name, LIST_KEY, listed, UNCHECKED);
  gas.charge('insert', 2);
}

/** @param height of an anchor of this client */
export function readSealers({ host, gas }: TableContext, chain: Uint8Array, height: number): readonly NodeId[] {
  gas.charge('select');
  const [row] = host.select(ANCHORS.name, anchorKey(chain, height));
  return (row?.fields.get('sealers') ?? '').split(',');
}

export function writeAnchor(
  { host, gas }: TableContext,
  chain: Uint8Array,
  height: number,
  sealers: readonly NodeId[],
): void {
  const key = anchorKey(chain, height);
  const fields = new Map([
    [ANCHORS.keyField, key],
    ['sealers', sealers.join(',')],
  ]);
  host.insert(ANCHORS.name, key, fields, UNCHECKED);
  gas.charge('insert');
}

export function removeAnchor({ host, gas }: TableContext, chain: Uint8Array, height: number): void {
  const key = anchorKey(chain, height);
  const ids = host.select(ANCHORS.name, key).map((row) => row.id);
  host.remove(ANCHORS.name, key, ids, UNCHECKED);
  gas.charge('remove', ids.length);
}

function anchorKey(chain: Uint8Array, height: number): string {
  return `${toHex(chain)}/${height}`;
}
