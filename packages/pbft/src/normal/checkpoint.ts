/** Result votes and execution results arrive. The rules about them are in result.ts. */
import type { NodeId } from '@menglian/types/address';
import { refuseSignature } from '../allowance.js';
import { toHex } from '@menglian/base/bytes';
import type { Input } from '@menglian/consensus-core/ports';
import type { Checkpoint } from '../messages.js';
import { heightState, refuse, type Replica } from '../state.js';
import { advance } from './advance.js';
import { reportDivergence } from './result.js';

/**
 * Taken from its signer only, as the transport names the sender: the signature names no height, so an old one relayed by
 * somebody else could take the place of the real one.
 */
export function onCheckpoint(replica: Replica, from: NodeId, message: Checkpoint): void {
  const { height, headerHash, signer, signature } = message;
  const state = heightState(replica, height)!;
  const nodeId = state.sealers[signer];
  if (nodeId !== from) return refuse(replica, 'unknownSigner');
  if (state.committing || state.results.has(signer)) return;
  if (!replica.signatures.verify(nodeId, headerHash, signature)) return refuseSignature(replica, from);
  state.results.set(signer, { headerHash, signature });
  reportDivergence(replica, state, [signer]);
  advance(replica, state.height);
}

export function onExecuted(replica: Replica, input: Extract<Input, { kind: 'executed' }>): void {
  const state = heightState(replica, input.height);
  const candidate = state?.candidates.get(toHex(input.digest));
  if (state === undefined || candidate === undefined || candidate.headerHash !== undefined) return;
  candidate.headerHash = input.headerHash;
  candidate.endsEpoch = input.endsEpoch;
  reportDivergence(replica, state, [...state.results.keys()]);
  advance(replica, state.height);
}
