import type { Abi } from '../abi/abi.js';
import { readAbi } from '../abi/abi.js';
import { type Contract, createContract } from '../contract.js';
import { type Address, addressOf, echo } from '../hex.js';
import { list, record, text } from '../rpc/reader.js';
import { sdkError } from '../sdkError.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import { changes, reads } from './systemAbi.js';
import { changed, type Changed, readJsonOf, systemAddress } from './systemContract.js';

const CNS_ABI = [
  changes('insert', ['string', 'string', 'string', 'string']),
  reads('selectByName', ['string'], ['string']),
  reads('selectByNameAndVersion', ['string', 'string'], ['string']),
] as const;

/** What is registered under a name. */
export interface CnsEntry {
  readonly name: string;
  readonly version: string;
  /** As it was registered; not every registration was checked. */
  readonly address: string;
  /** JSON. */
  readonly abi: string;
}

const entries = list(record({ name: text, version: text, address: text, abi: text }));

/** Names of contracts, with versions. What is registered stays. */
export class Cns {
  readonly #caller: Caller;
  readonly #contract: Contract<typeof CNS_ABI>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#contract = createContract(caller, systemAddress(0x1004), CNS_ABI);
  }

  /** @throws SdkError -51200 when name and version are taken */
  async register(
    entry: { readonly name: string; readonly version: string; readonly address: Address; readonly abi: Abi },
    options: SendOptions & WaitOptions = {},
  ): Promise<Changed> {
    const { name, version, address, abi } = entry;
    const args = [name, version, addressOf(address), JSON.stringify(abi)] as const;
    return changed(this.#contract.execute.insert(args, options));
  }

  /** All versions, in the order of registration. */
  async list(name: string): Promise<readonly CnsEntry[]> {
    return readJsonOf(await this.#contract.read.selectByName([name]), entries);
  }

  /** @param version the one registered last if not said. @throws SdkError `NotFound` */
  async resolve(name: string, version?: string): Promise<CnsEntry> {
    const found =
      version === undefined
        ? await this.list(name)
        : readJsonOf(await this.#contract.read.selectByNameAndVersion([name, version]), entries);
    const entry = found.at(-1);
    if (entry !== undefined) return entry;
    const shown = version === undefined ? name : `${name}:${version}`;
    throw sdkError(
      'NotFound',
      `nothing is registered under ${echo(shown)}`,
      'see the name, and the group of the client',
    );
  }

  /**
   * The contract under a name, with the ABI that was registered: its calls are checked, but not typed.
   * @throws SdkError `NotFound`, or `BadArgument` when what was registered is no ABI
   */
  async contract(name: string, version?: string): Promise<Contract<Abi>>;
  /** The same with types, where the ABI is known beforehand. */
  async contract<const A extends Abi>(name: string, version: string | undefined, abi: A): Promise<Contract<A>>;
  async contract(name: string, version?: string, abi?: Abi): Promise<Contract<Abi>> {
    const entry = await this.resolve(name, version);
    return createContract(this.#caller, entry.address as Address, abi ?? readAbi(entry.abi));
  }
}
