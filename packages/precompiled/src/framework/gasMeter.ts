/** Prices of 2.x, the normal schedule and the one of groups with the FreeStorage flag. */
const NORMAL = {
  condition: 3,
  field: 3,
  bytes32: 96,
  bytes64: 192,
  createTable: 16_000,
  openTable: 200,
  select: 200,
  insert: 10_000,
  update: 10_000,
  remove: 2_500,
} as const;

export type Operation = keyof typeof NORMAL;

const FREE_STORAGE: Readonly<Record<Operation, number>> = {
  ...NORMAL,
  createTable: 500,
  insert: 200,
  update: 200,
  remove: 200,
};

const WORD_BYTES = 32;
const GAS_PER_WORD = 3;
const QUADRATIC_DIVISOR = 512;

/** Gas of one call: the sum of its operations and a price for the largest amount of memory it noted. */
export class GasMeter {
  readonly #prices: Readonly<Record<Operation, number>>;
  #operations = 0;
  #memoryBytes: number;

  constructor(freeStorage: boolean, memoryBytes: number) {
    this.#prices = freeStorage ? FREE_STORAGE : NORMAL;
    this.#memoryBytes = memoryBytes;
  }

  charge(operation: Operation, count = 1): void {
    this.#operations += this.#prices[operation] * count;
  }

  /** Gas of another kind than the operations of 2.x. */
  add(gas: number): void {
    this.#operations += gas;
  }

  raiseMemory(bytes: number): void {
    if (bytes > this.#memoryBytes) this.#memoryBytes = bytes;
  }

  /** Sets the memory even if it was larger: what Table.update and KVTable.set do in 2.x. */
  assignMemory(bytes: number): void {
    this.#memoryBytes = bytes;
  }

  total(): number {
    const words = Math.ceil(this.#memoryBytes / WORD_BYTES);
    return this.#operations + GAS_PER_WORD * words + Math.floor((words * words) / QUADRATIC_DIVISOR);
  }
}
