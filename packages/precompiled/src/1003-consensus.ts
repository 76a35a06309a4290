import { LAST_SEALER, NODE_ID_INVALID } from './codes.js';
import { word } from './framework/output.js';
import { ContractKind, functionsOf } from './framework/systemContract.js';
import { toLowerAscii } from './framework/text.js';
import { NODE_ID_DIGITS } from './limits.js';
import type { Row, SystemHost } from './ports.js';
import { CHECKED } from './tables/rows.js';
import { CONSENSUS_KEY, CONSENSUS_TABLE } from './tables/systemTables.js';

const define = functionsOf<undefined>();

type NodeType = 'sealer' | 'observer';

/** `wSealer` is a working sealer of rPBFT. */
const SEALER_TYPES: ReadonlySet<string> = new Set(['sealer', 'wSealer']);

const NODE_ID = new RegExp(`^[0-9a-f]{${NODE_ID_DIGITS}}$`);

/** The members of the group and the row of one of them. */
class Membership {
  readonly #host: SystemHost;
  readonly #nodeId: string;
  readonly #rows: readonly Row[];
  readonly #ids: readonly number[];

  constructor(host: SystemHost, nodeId: string) {
    this.#host = host;
    this.#nodeId = nodeId;
    this.#rows = host.select(CONSENSUS_TABLE, CONSENSUS_KEY);
    this.#ids = this.#rows.filter((row) => row.fields.get('node_id') === nodeId).map((row) => row.id);
  }

  /** Without it the group could not make another block. A working sealer of rPBFT may leave as long as another waits. */
  isLastSealer(): boolean {
    const sealers = this.#rows.filter(({ fields }) => SEALER_TYPES.has(fields.get('type') ?? ''));
    return sealers.length === 1 && sealers[0]?.fields.get('node_id') === this.#nodeId;
  }

  set(type: NodeType): number {
    const changes = new Map([
      ['type', type],
      ['enable_num', String(this.#host.blockNumber)],
    ]);
    if (this.#ids.length > 0) {
      return this.#host.update(CONSENSUS_TABLE, CONSENSUS_KEY, this.#ids, changes, CHECKED);
    }
    const fields = new Map([['name', CONSENSUS_KEY], ['node_id', this.#nodeId], ...changes]);
    return this.#host.insert(CONSENSUS_TABLE, CONSENSUS_KEY, fields, CHECKED);
  }

  remove(): number {
    return this.#host.remove(CONSENSUS_TABLE, CONSENSUS_KEY, this.#ids, CHECKED);
  }
}

function change(host: SystemHost, nodeIdText: string, action: (membership: Membership) => number): Uint8Array {
  const nodeId = toLowerAscii(nodeIdText);
  if (!NODE_ID.test(nodeId)) return word(NODE_ID_INVALID);
  return word(action(new Membership(host, nodeId)));
}

/** Members of the group and their roles, in force from the next block on. Any 128 digits may be added: clients check. */
export const consensus = new ContractKind<undefined>({
  name: 'Consensus',
  countsInput: false,
  unknown: word(0),
  functions: [
    define('addSealer(string)', ({ host }, nodeId) => change(host, nodeId, (membership) => membership.set('sealer'))),
    define('addObserver(string)', ({ host }, nodeId) =>
      change(host, nodeId, (membership) => (membership.isLastSealer() ? LAST_SEALER : membership.set('observer'))),
    ),
    // A node that is no member: 0 rows.
    define('remove(string)', ({ host }, nodeId) =>
      change(host, nodeId, (membership) => (membership.isLastSealer() ? LAST_SEALER : membership.remove())),
    ),
  ],
});
