import { toHex } from '@menglian/base/bytes';
import { decodeAbiLenient } from '@menglian/codec/abi';
import { parseAbiType } from '@menglian/codec/abiType';
import { rowsKey } from '@menglian/ledger/stateRecords';
import { decodeRows } from '@menglian/ledger/stateRecords';
import type { StateView } from '@menglian/ledger/stateView';
import { PARALLEL_KEY, parallelTable } from '@menglian/precompiled/1006-parallelConfig';
import type { Address } from '@menglian/types/address';
import type { SignedTransaction } from '@menglian/types/transaction';

const SELECTOR_BYTES = 4;

/** The first parameters of a function, which name what its calls touch. */
type ConflictTypes = readonly string[];

/**
 * What authors declared through ParallelConfig (0x1006): of a call of a registered function, the first `criticalSize`
 * arguments name what it touches. Anybody may declare anything, so it decides only in which order transactions are tried.
 */
export class ConflictKeys {
  readonly #view: StateView;
  readonly #contracts = new Map<Address, ReadonlyMap<string, ConflictTypes>>();

  /** @param view of the block's parent */
  constructor(view: StateView) {
    this.#view = view;
  }

  /** Texts that are equal for calls of the same contract in conflict; undefined where nothing is declared. */
  of({ to, data }: SignedTransaction): readonly string[] | undefined {
    if (to === undefined || data.length < SELECTOR_BYTES) return undefined;
    const types = this.#declared(to).get(toHex(data.subarray(0, SELECTOR_BYTES)));
    if (types === undefined) return undefined;
    const values = decodeAbiLenient(types, data.subarray(SELECTOR_BYTES));
    if (!values.ok) return undefined;
    return values.value.map((value) => `${to}/${value instanceof Uint8Array ? toHex(value) : String(value)}`);
  }

  #declared(contract: Address): ReadonlyMap<string, ConflictTypes> {
    let declared = this.#contracts.get(contract);
    if (declared === undefined) {
      declared = readDeclared(this.#view, contract);
      this.#contracts.set(contract, declared);
    }
    return declared;
  }
}

function readDeclared(view: StateView, contract: Address): ReadonlyMap<string, ConflictTypes> {
  const declared = new Map<string, ConflictTypes>();
  const bytes = view.get(rowsKey(parallelTable(contract).name, PARALLEL_KEY));
  if (bytes === undefined) return declared;
  for (const { fields } of decodeRows(bytes)) {
    const types = conflictTypes(fields.get('functionName') ?? '', fields.get('criticalSize') ?? '');
    const selector = Number(fields.get('selector') ?? '');
    if (types !== undefined) declared.set(selector.toString(16).padStart(2 * SELECTOR_BYTES, '0'), types);
  }
  return declared;
}

/** @returns undefined for a signature that does not parse: it is text from anybody */
function conflictTypes(signature: string, criticalSize: string): ConflictTypes | undefined {
  const size = Number(criticalSize);
  const open = signature.indexOf('(');
  if (open < 0 || !signature.endsWith(')') || !Number.isSafeInteger(size) || size < 0) return undefined;
  const types = signature
    .slice(open + 1, -1)
    .split(',')
    .slice(0, size);
  return types.length === size && types.every(isElementary) ? types : undefined;
}

/** Those that 2.x takes for conflict fields, and their like: one value, and its text names it. */
function isElementary(type: string): boolean {
  const kind = parseAbiType(type)?.kind;
  return kind !== undefined && kind !== 'array' && kind !== 'tuple';
}
