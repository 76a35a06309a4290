import { fromHex, toHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { addressOfPublicKey, type NodeId } from '@menglian/types/address';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { encodeKeyRegistration, encodeRotation, type RotationCall } from '../1011-rotationCalls.js';
import { proveKey, rotationCall } from '../1011-rotationRules.js';
import { readRotationState, type RotationState } from '../1011-rotationState.js';
import type { SystemOutcome } from '../ports.js';
import { UNCHECKED } from '../tables/rows.js';
import { CONFIG_TABLE, CONSENSUS_KEY, CONSENSUS_TABLE, ROTATION_KEY, ROTATION_TABLE } from '../tables/systemTables.js';
import { SystemTester } from './systemTester.js';

const MANAGER = 0x1011;

/** The tables of an rPBFT group, and its nodes as callers of 0x1011. */
export class RotationTester extends SystemTester {
  /** ascending */
  readonly nodes: readonly NodeId[];

  /** @param committee how many of the nodes work at first */
  constructor(
    suite: CryptoSuite,
    options: { readonly count: number; readonly committee: number; readonly epochBlocks?: number },
  ) {
    super(suite);
    const random = new SeededRandom(options.count);
    this.nodes = Array.from({ length: options.count }, () => toHex(random.bytes(64))).toSorted();
    for (const [index, nodeId] of this.nodes.entries()) {
      this.addMember(nodeId, index < options.committee ? 'wSealer' : 'sealer');
    }
    this.#set(ROTATION_TABLE, ROTATION_KEY, { key: ROTATION_KEY, epoch: '0', randomness: 'ab'.repeat(32) });
    this.#setting('rpbft_epoch_sealer_num', String(options.committee));
    this.#setting('rpbft_epoch_block_num', String(options.epochBlocks ?? 10));
    this.#setting('notify_rotate', '0');
  }

  state(parentNumber = this.host.blockNumber - 1): RotationState {
    return readRotationState((table, key) => this.host.select(table, key), parentNumber)!;
  }

  /** Type and block of the last change of each node, by its index. */
  types(): string[] {
    const rows = this.host.select(CONSENSUS_TABLE, CONSENSUS_KEY);
    return this.nodes.map(
      (nodeId) => rows.find(({ fields }) => fields.get('node_id') === nodeId)?.fields.get('type') ?? '',
    );
  }

  secretOf(nodeId: NodeId): Uint8Array {
    return fromHex(nodeId).subarray(0, 32);
  }

  /** The call that this node can make now. */
  callOf(nodeId: NodeId): RotationCall {
    const read = (table: string, key: string) => this.host.select(table, key);
    return rotationCall(read, this.state(), nodeId, this.secretOf(nodeId));
  }

  rotate(nodeId: NodeId, call: RotationCall = this.callOf(nodeId)): SystemOutcome {
    return this.asNode(nodeId).sendInput(MANAGER, encodeRotation(this.host.suite, call));
  }

  register(nodeId: NodeId, changes: { readonly publicKey?: string; readonly proof?: string } = {}): number {
    const { publicKey, proof } = { ...proveKey(nodeId, this.secretOf(nodeId)), ...changes };
    const input = encodeKeyRegistration(this.host.suite, nodeId, publicKey, proof);
    const { status, output } = this.sendInput(MANAGER, input);
    return status === 0 ? Number(BigInt.asIntN(256, BigInt(`0x${toHex(output)}`))) : Number.NaN;
  }

  asNode(nodeId: NodeId): this {
    return this.as(addressOfPublicKey(this.host.suite, fromHex(nodeId)));
  }

  addMember(nodeId: NodeId, type: string): void {
    const fields = { name: CONSENSUS_KEY, type, node_id: nodeId, enable_num: '0' };
    this.host.insert(CONSENSUS_TABLE, CONSENSUS_KEY, new Map(Object.entries(fields)), UNCHECKED);
  }

  #setting(key: string, value: string): void {
    this.#set(CONFIG_TABLE, key, { key, value });
  }

  #set(table: string, key: string, fields: Record<string, string>): void {
    this.host.insert(table, key, new Map(Object.entries({ ...fields, enable_num: '0' })), UNCHECKED);
  }
}
