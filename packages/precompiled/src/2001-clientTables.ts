import { toHex } from '@menglian/base/bytes';
import type { Engine } from '@menglian/interchain/engine';
import type { NodeId } from '@menglian/types/address';
import type { TableDefinition } from './ports.js';
import { readRow, removeRow, type TableContext, writeRow } from './tables/ownRows.js';
import { UNCHECKED } from './tables/rows.js';

/** Tables of LightClients: what this chain knows of others. Made by the first registration. */

const CLIENTS: TableDefinition = {
  name: '_sys_light_clients_',
  keyField: 'chain',
  valueFields: ['name', 'rule', 'heights', 'highest', 'frozen'],
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

/** What this chain knows of another one. */
export interface Client {
  readonly name: string;
  readonly engine: Engine;
  /** Heights from which the sealers are known, ascending; at least one. */
  readonly heights: readonly number[];
  /** Highest block that was proven, or that of the first anchor. */
  readonly highest: number;
  readonly frozen: boolean;
}

export function readClient(context: TableContext, chain: Uint8Array): Client | undefined {
  const row = readRow(context, CLIENTS, toHex(chain));
  if (row === undefined) return undefined;
  const field = (key: string): string => row.get(key) ?? '';
  return {
    name: field('name'),
    engine: field('rule') as Engine,
    heights: field('heights').split(',').map(Number),
    highest: Number(field('highest')),
    frozen: field('frozen') === '1',
  };
}

export function writeClient(context: TableContext, chain: Uint8Array, client: Client): void {
  const changes = new Map([
    ['name', client.name],
    ['rule', client.engine],
    ['heights', client.heights.join(',')],
    ['highest', String(client.highest)],
    ['frozen', client.frozen ? '1' : '0'],
  ]);
  writeRow(context, CLIENTS, toHex(chain), changes);
}

/** Identities of all clients, in hexadecimal. */
export function listClients({ host, gas }: TableContext): readonly string[] {
  const rows = host.select(CLIENT_LIST.name, LIST_KEY);
  gas.charge('select', rows.length);
  return rows.map((row) => row.fields.get('chain') ?? '');
}

export function addToList({ host, gas }: TableContext, chain: Uint8Array): void {
  const fields = new Map([
    [CLIENT_LIST.keyField, LIST_KEY],
    ['chain', toHex(chain)],
  ]);
  host.createTable(CLIENT_LIST, UNCHECKED);
  host.insert(CLIENT_LIST.name, LIST_KEY, fields, UNCHECKED);
  gas.charge('insert');
}

/** @param height of an anchor of this client */
export function readSealers(context: TableContext, chain: Uint8Array, height: number): readonly NodeId[] {
  return (readRow(context, ANCHORS, anchorKey(chain, height))?.get('sealers') ?? '').split(',');
}

export function writeAnchor(
  context: TableContext,
  chain: Uint8Array,
  height: number,
  sealers: readonly NodeId[],
): void {
  writeRow(context, ANCHORS, anchorKey(chain, height), new Map([['sealers', sealers.join(',')]]));
}

export function removeAnchor(context: TableContext, chain: Uint8Array, height: number): void {
  removeRow(context, ANCHORS, anchorKey(chain, height));
}

function anchorKey(chain: Uint8Array, height: number): string {
  return `${toHex(chain)}/${height}`;
}
