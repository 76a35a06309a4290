import type { ConsensusRecord } from '@menglian/consensus-core/ports';
import type { NodeId } from '@menglian/types/address';
import type { SimulatedNode } from '../node.js';

/** What one protocol promises beside the chain that all of them make. Called for honest replicas only. */
export interface ProtocolChecks {
  onSend(node: SimulatedNode, payload: Uint8Array, to: readonly NodeId[]): void;
  /** A record of the engine is durable; others may be before anything that depends on it is sent. */
  onWritten?(node: SimulatedNode, record: ConsensusRecord): void;
  onViewEntered(node: SimulatedNode, entered: { readonly epoch: number; readonly view: number }): void;
}
