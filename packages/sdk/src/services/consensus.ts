import { type Contract, createContract } from '../contract.js';
import type { Caller, SendOptions, WaitOptions } from '../transaction/requests.js';
import type { SystemConfigKey } from '../rpc/groupMethods.js';
import { changes } from './systemAbi.js';
import { changed, type Changed, systemAddress } from './systemContract.js';

const CONSENSUS_ABI = [
  changes('addSealer', ['string']),
  changes('addObserver', ['string']),
  changes('remove', ['string']),
] as const;

const CONFIG_ABI = [changes('setValueByKey', ['string', 'string'])] as const;

/** Who makes blocks, and by which settings. Changes count from the next block on. */
export class Consensus {
  readonly #nodes: Contract<typeof CONSENSUS_ABI>;
  readonly #config: Contract<typeof CONFIG_ABI>;

  constructor(caller: Caller) {
    this.#nodes = createContract(caller, systemAddress(0x1003), CONSENSUS_ABI);
    this.#config = createContract(caller, systemAddress(0x1000), CONFIG_ABI);
  }

  /** @param nodeId 128 digits. Nobody checks that there is such a node: a sealer that is not there only slows the others */
  addSealer(nodeId: string, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#nodes.execute.addSealer([nodeId], options));
  }

  /** @throws SdkError -51101 for the last sealer */
  addObserver(nodeId: string, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#nodes.execute.addObserver([nodeId], options));
  }

  /** @returns a count of 0 when it was no member */
  remove(nodeId: string, options: SendOptions & WaitOptions = {}): Promise<Changed> {
    return changed(this.#nodes.execute.remove([nodeId], options));
  }

  /** @throws SdkError -51300 when key or value are not allowed */
  setConfig(
    key: SystemConfigKey | 'enable_cns_route' | 'enable_interchain',
    value: string | number,
    options: SendOptions & WaitOptions = {},
  ): Promise<Changed> {
    return changed(this.#config.execute.setValueByKey([key, String(value)], options));
  }
}
