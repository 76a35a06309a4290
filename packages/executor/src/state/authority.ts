import { readSystemConfig, readTableAccess } from '@menglian/ledger/systemState';
import type { StateView } from '@menglian/ledger/stateView';
import { ACCESS_TABLE } from '@menglian/ledger/systemTables';
import { accountTableName } from '@menglian/precompiled/tables/systemTables';
import type { Address } from '@menglian/types/address';

/**
 * The list of the access table itself starts to count with the second member: rule of 2.11.0, docs/system-contracts.md,
 * "Tables and permissions".
 */
const COMMITTEE_GUARD_MIN = 2;

/**
 * Who may write which table, as of the parent block: grants and revocations of a block take effect with the next one, so
 * the lists are read from the committed state and stay the same through a block. So are settings.
 */
export class AuthorityLists {
  readonly #view: StateView;
  readonly #parentNumber: number;
  readonly #lists = new Map<string, ReadonlySet<Address>>();
  readonly #settings = new Map<string, string>();
  /** The same by the contract's address: asked for every SSTORE. */
  readonly #contractLists = new Map<Address, ReadonlySet<Address>>();

  constructor(view: StateView, parentNumber: number) {
    this.#view = view;
    this.#parentNumber = parentNumber;
  }

  /** Addresses listed for the table; none means that everybody may write it. */
  writers(table: string): ReadonlySet<Address> {
    let writers = this.#lists.get(table);
    if (writers === undefined) {
      writers = new Set(readTableAccess(this.#view, table, this.#parentNumber));
      this.#lists.set(table, writers);
    }
    return writers;
  }

  /** A setting of the group, '' for none. */
  setting(key: string): string {
    let value = this.#settings.get(key);
    if (value === undefined) {
      value = readSystemConfig(this.#view, key, this.#parentNumber);
      this.#settings.set(key, value);
    }
    return value;
  }

  mayWrite(table: string, origin: Address): boolean {
    const writers = this.writers(table);
    const guardedFrom = table === ACCESS_TABLE ? COMMITTEE_GUARD_MIN : 1;
    return writers.size < guardedFrom || writers.has(origin);
  }

  /** Guards SSTORE of a contract: the list has the name of the contract's table. */
  mayWriteContract(contract: Address, origin: Address): boolean {
    let writers = this.#contractLists.get(contract);
    if (writers === undefined) {
      writers = this.writers(accountTableName(contract));
      this.#contractLists.set(contract, writers);
    }
    return writers.size === 0 || writers.has(origin);
  }
}
