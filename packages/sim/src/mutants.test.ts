import { describe, expect, it, vi } from 'vitest';
import { toHex } from '@menglian/base/bytes';
import type { PreparedClaim, ViewChangeStatement } from '@menglian/pbft/messages';
import type { HeightState, Replica } from '@menglian/pbft/state';
import type { HostileBehaviour } from './options.js';
import { calm, hardViewChanges } from './swarm.js';

/**
 * The test of the tests: an engine with one rule broken must be caught, by a broken invariant of the checker or of the
 * engine, or by a cluster that never moves again.
 */
type Exports = Record<string, unknown>;

interface Mutant {
  readonly what: string;
  readonly module: string;
  readonly change: (actual: Exports) => Exports;
  readonly hostile?: readonly HostileBehaviour[];
  readonly isCalm?: true;
  readonly seeds: number;
}

const MUTANTS: readonly Mutant[] = [
  {
    what: 'a quorum of one less',
    module: '@menglian/consensus-core/quorum',
    change: (actual) => ({ quorumSize: (n: number) => (actual['quorumSize'] as (n: number) => number)(n) - 1 }),
    seeds: 5,
  },
  {
    what: 'new views forget what was prepared',
    module: '@menglian/pbft/viewChange/selection',
    change: () => ({ chosenClaims: () => [] }),
    seeds: 20,
  },
  {
    what: 'followers do not care what a new view demands',
    module: '@menglian/pbft/viewChange/requiredProposal',
    change: () => ({ requiredProposal: () => undefined }),
    seeds: 20,
  },
  {
    what: 'certificates are believed without a look',
    module: '@menglian/pbft/certificate',
    change: () => ({ provesPrepared: () => true }),
    hostile: ['forgeClaims'],
    seeds: 60,
  },
  {
    what: 'proposals are not checked by the engine',
    module: '@menglian/pbft/normal/proposalFault',
    change: () => ({ proposalFault: () => undefined }),
    hostile: ['proposeInvalid'],
    isCalm: true,
    seeds: 20,
  },
  {
    what: 'one voice is enough to prove a decision',
    module: '@menglian/consensus-core/quorum',
    change: () => ({ honestWitnessSize: () => 1 }),
    hostile: ['signResultsEarly'],
    seeds: 20,
  },
  {
    what: 'results are signed before they are decided',
    module: '@menglian/pbft/normal/decide',
    change: (actual) => ({
      decideByCommits: (replica: Replica, state: HeightState) => decideWhenLocked(actual, replica, state),
    }),
    seeds: 60,
  },
];

/** Needs a rare history (two certificates, one of them decided), so some hundred seeds. */
const RARE_MUTANTS: readonly Mutant[] = [
  {
    what: 'the claim of the lowest view wins',
    module: '@menglian/pbft/viewChange/selection',
    change: (actual) => ({
      chosenClaims: (statements: readonly ViewChangeStatement[], orderOf: unknown) =>
        lowestClaims(actual, statements, orderOf),
    }),
    seeds: 600,
  },
];

function lowestClaims(
  actual: Exports,
  statements: readonly ViewChangeStatement[],
  orderOf: unknown,
): readonly PreparedClaim[] {
  const chosenClaims = actual['chosenClaims'] as (
    statements: readonly ViewChangeStatement[],
    orderOf: unknown,
  ) => PreparedClaim[];
  const originals = new Map<PreparedClaim, PreparedClaim>();
  const mirrored = statements.map((statement) => ({
    ...statement,
    claims: statement.claims.map((claim) => {
      const mirror = { ...claim, view: -claim.view };
      originals.set(mirror, claim);
      return mirror;
    }),
  }));
  return chosenClaims(mirrored, orderOf).map((claim) => originals.get(claim)!);
}

/** The commit of the design's first draft: its own lock is enough for a replica to sign the result. */
function decideWhenLocked(actual: Exports, replica: Replica, state: HeightState): void {
  const decide = actual['decide'] as (replica: Replica, state: HeightState, digest: string) => void;
  if (state.decided === undefined && state.prepared !== undefined) decide(replica, state, toHex(state.prepared.digest));
}

/** @returns what the first seed that finds the mutant says; nothing when none does */
async function firstComplaint({ module, change, hostile, isCalm, seeds }: Mutant): Promise<string> {
  vi.resetModules();
  vi.doMock(module, async (importActual) => {
    const actual = await importActual<Exports>();
    return { ...actual, ...change(actual) };
  });
  try {
    const { runSimulation } = await import('./simulation.js');
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        runSimulation({ ...(isCalm ? calm(seed) : hardViewChanges(seed)), hostile: hostile ?? [] });
      } catch (error) {
        return (error as Error).message;
      }
    }
    return '';
  } finally {
    vi.doUnmock(module);
  }
}

describe('the simulator catches', () => {
  const isLong = process.env['MENGLIAN_LONG'] === '1';
  for (const mutant of isLong ? [...MUTANTS, ...RARE_MUTANTS] : MUTANTS) {
    it(mutant.what, { timeout: 1_200_000 }, async () => {
      expect(await firstComplaint(mutant)).toMatch(/^broken invariant (sim|pbft|consensus)\//);
    });
  }

  it('votes that leave before they are durable', async () => {
    const { runSimulation } = await import('./simulation.js');
    expect(() => runSimulation({ ...calm(1), forgetful: true })).toThrow('sim/S9');
  });
});
