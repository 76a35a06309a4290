/** Block sync of a simulated host: asks one peer at a time, believes nobody, asks another when what came was worthless. */
import { blockFault, execute, digestOf, type SimulatedBlock } from '../chain.js';
import type { SimulatedNode } from '../node.js';
import type { World } from '../world.js';

const BLOCKS_IN_ONE_ANSWER = 10;
const PATIENCE_MS = 200;

export class BlockSync {
  readonly #world: World;
  readonly #node: SimulatedNode;
  #askedMs = -Infinity;

  constructor(world: World, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
  }

  /** A peer says that it has more than we have. */
  onHint(from: number): void {
    const { nowMs } = this.#world.scheduler;
    if (nowMs - this.#askedMs < PATIENCE_MS) return;
    this.#askedMs = nowMs;
    this.#world.network.send(this.#node.index, from, {
      kind: 'blockRequest',
      fromHeight: this.#node.ledger.height + 1,
    });
  }

  serve(from: number, fromHeight: number): void {
    const { ledger, hostile, index } = this.#node;
    if (hostile?.isSilent() === true) return;
    const stored = ledger.blocks.slice(fromHeight - 1, fromHeight - 1 + BLOCKS_IN_ONE_ANSWER);
    const blocks = hostile === undefined ? stored : hostile.onServe(fromHeight, stored);
    if (blocks.length > 0) this.#world.network.send(index, from, { kind: 'blocks', blocks });
  }

  onBlocks(from: number, blocks: readonly SimulatedBlock[]): void {
    this.#askedMs = -Infinity;
    const { ledger } = this.#node;
    const before = ledger.height;
    for (const block of blocks) {
      if (block.height !== ledger.height + 1) continue;
      const fault = blockFault(this.#world.keys, this.#world.rules, ledger.state, block);
      if (fault !== undefined) {
        this.#world.checker.mark(`refusedBlock:${fault}`);
        this.#world.trace?.(this.#node, () => `refuses block ${block.height} from ${from}: ${fault}`);
        this.#askAnother(from);
        break;
      }
      const { rules } = this.#world;
      const { proposal } = block;
      this.#node.append(block, execute(rules, ledger.state, proposal, digestOf(proposal, rules.hash)));
    }
    if (ledger.height === before) return;
    this.#world.checker.mark('synced');
    this.#node.tellStored();
    // Whoever had this much may have more.
    if (blocks.length === BLOCKS_IN_ONE_ANSWER) this.onHint(from);
  }

  #askAnother(liar: number): void {
    const others = this.#world.nodes.filter(({ index }) => index !== liar && index !== this.#node.index);
    if (others.length > 0) this.onHint(this.#world.random.pick(others).index);
  }
}
