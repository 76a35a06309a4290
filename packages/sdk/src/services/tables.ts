import { decodeOutput, encodeCall } from '../abi/functions.js';
import { type Contract, createContract } from '../contract.js';
import { list, type Reader } from '../rpc/reader.js';
import { sdkError } from '../sdkError.js';
import { checkExecution } from '../transaction/executionError.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, checkCode, readJsonOf, systemAddress } from './systemContract.js';

const FACTORY_ABI = [changes('createTable', ['string', 'string', 'string'])] as const;

const CRUD_ABI = [
  changes('insert', ['string', 'string', 'string', 'string']),
  changes('update', ['string', 'string', 'string', 'string', 'string']),
  changes('remove', ['string', 'string', 'string', 'string']),
  reads('desc', ['string'], ['string', 'string']),
] as const;

const SELECT = reads('select', ['string', 'string', 'string', 'string'], ['string']);

/** Bytes of an answer that is a code where text was wanted. */
const WORD_BYTES = 32;

/** Fields of a row by name; all values are text. */
export type TableRow = Readonly<Record<string, string>>;

type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** What fields of a row must be; numbers are compared as numbers where the operator asks for an order. */
export interface TableQuery {
  readonly where?: Readonly<Record<string, Partial<Record<Comparison, string | number | bigint>>>>;
  readonly limit?: { readonly offset?: number; readonly count: number };
}

const row: Reader<TableRow> = (value) => {
  if (typeof value !== 'object' || value === null) throw new TypeError('not a row');
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]));
};

type Options = SendOptions & WaitOptions;

/** Tables of the chain, written and read without a contract of one's own. A key may have many rows. */
export class Tables {
  readonly #caller: Caller;
  readonly #factory: Contract<typeof FACTORY_ABI>;
  readonly #crud: Contract<typeof CRUD_ABI>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#factory = createContract(caller, systemAddress(0x1001), FACTORY_ABI);
    this.#crud = createContract(caller, systemAddress(0x1002), CRUD_ABI);
  }

  /** @throws SdkError -50001 when there is one of this name */
  create(name: string, keyField: string, valueFields: readonly string[], options: Options = {}): Promise<Changed> {
    return changed(this.#factory.execute.createTable([name, keyField, valueFields.join(',')], options));
  }

  /** @throws SdkError `NotFound` */
  async describe(name: string): Promise<{ readonly keyField: string; readonly valueFields: readonly string[] }> {
    const [keyField, fields] = await this.#crud.read.desc([name]);
    if (keyField === '') throw sdkError('NotFound', `there is no table ${name}`, 'create it first');
    return { keyField, valueFields: fields.split(',') };
  }

  insert(name: string, key: string, entry: TableRow, options: Options = {}): Promise<Changed> {
    return changed(this.#crud.execute.insert([name, key, JSON.stringify(entry), ''], options));
  }

  /** @returns how many rows were changed */
  update(name: string, key: string, entry: TableRow, query: TableQuery = {}, options: Options = {}): Promise<Changed> {
    const args = [name, key, JSON.stringify(entry), conditionText(query), ''] as const;
    return changed(this.#crud.execute.update(args, options));
  }

  /** @returns how many rows were removed */
  remove(name: string, key: string, query: TableQuery = {}, options: Options = {}): Promise<Changed> {
    return changed(this.#crud.execute.remove([name, key, conditionText(query), ''], options));
  }

  /** Rows in the order of their insertion. */
  async select(name: string, key: string, query: TableQuery = {}): Promise<readonly TableRow[]> {
    const data = encodeCall(this.#caller.suite, SELECT, [name, key, conditionText(query), '']);
    const from = this.#caller.account?.address;
    const result = await this.#caller.call({ to: systemAddress(0x1002), data, ...(from && { from }) });
    checkExecution(this.#caller.suite, 'select', result);
    // A code comes in the place of the text.
    if (result.output.length === 2 + 2 * WORD_BYTES) checkCode(BigInt(result.output));
    return readJsonOf(decodeOutput(SELECT, result.output) as string, list(row));
  }
}

function conditionText({ where = {}, limit }: TableQuery): string {
  const condition: Record<string, Readonly<Record<string, string>>> = {};
  for (const [field, comparisons] of Object.entries(where)) {
    condition[field] = Object.fromEntries(
      Object.entries(comparisons).map(([comparison, value]) => [comparison, String(value)]),
    );
  }
  if (limit !== undefined) condition['limit'] = { limit: `${limit.offset ?? 0},${limit.count}` };
  return JSON.stringify(condition);
}
