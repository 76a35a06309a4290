/** All mutants, by engine. */
import type { Mutant } from './mutant.js';
import { PBFT_MUTANTS } from './pbftMutants.js';
import { RAFT_MUTANTS } from './raftMutants.js';

export const MUTANTS: readonly Mutant[] = [...PBFT_MUTANTS, ...RAFT_MUTANTS];

export function mutantOf(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}
