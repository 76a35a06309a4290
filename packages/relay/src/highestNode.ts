import { SdkError } from '@menglian/sdk/sdkError';
import type { RpcRequest, Transport } from '@menglian/sdk/transport';
import { HEIGHTS_COMPARED_MS, NODE_BEHIND_BLOCKS_MAX } from './limits.js';

/** What is of this node only, another may answer: no connection; it does not run the group, is starting, or is asked too much. */
const OF_ONE_NODE: ReadonlySet<number | string> = new Set([
  'NoConnection',
  'Timeout',
  -40_001,
  -40_009,
  -40_010,
  -40_011,
]);

/**
 * Several nodes of one group. Asks one as long as it answers and keeps up: a node that was cut off from the others answers too, of old
 * blocks, and would hold up all messages.
 */
export class HighestNode implements Transport {
  readonly #nodes: readonly Transport[];
  readonly #groupId: number;
  readonly #nowMs: () => number;
  /** Index of the node that is asked. */
  #current = 0;
  #comparedAtMs = Number.NEGATIVE_INFINITY;
  #comparing: Promise<void> | undefined;

  /** @param nodes one for each, at least one, the preferred first */
  constructor(nodes: readonly Transport[], groupId: number, nowMs: () => number) {
    this.#nodes = nodes;
    this.#groupId = groupId;
    this.#nowMs = nowMs;
  }

  /** @throws SdkError of the last node when none answers */
  async request(request: RpcRequest): Promise<unknown> {
    this.#compareInTime();
    let lost: unknown;
    for (let attempt = 0; attempt < this.#nodes.length; attempt++) {
      const index = this.#current;
      try {
        return await this.#nodes[index]!.request(request);
      } catch (error) {
        if (!(error instanceof SdkError) || !OF_ONE_NODE.has(error.code)) throw error;
        lost = error;
        // Others may have moved on meanwhile.
        if (this.#current === index) this.#current = (index + 1) % this.#nodes.length;
      }
    }
    throw lost;
  }

  close(): void {
    for (const node of this.#nodes) node.close();
  }

  /** Beside the request: a node that does not answer must not hold it up. */
  #compareInTime(): void {
    const isDue = this.#nowMs() - this.#comparedAtMs >= HEIGHTS_COMPARED_MS;
    if (!isDue || this.#nodes.length === 1 || this.#comparing !== undefined) return;
    this.#comparedAtMs = this.#nowMs();
    this.#comparing = this.#compare().finally(() => (this.#comparing = undefined));
  }

  async #compare(): Promise<void> {
    const heights = await Promise.all(this.#nodes.map((node) => this.#heightOf(node)));
    const highest = Math.max(...heights);
    if (heights[this.#current]! < highest - NODE_BEHIND_BLOCKS_MAX) this.#current = heights.indexOf(highest);
  }

  /** -1 for a node that does not say. */
  async #heightOf(node: Transport): Promise<number> {
    try {
      const height = Number(await node.request({ method: 'getBlockNumber', params: [this.#groupId] }));
      return Number.isSafeInteger(height) ? height : -1;
    } catch {
      return -1;
    }
  }
}
