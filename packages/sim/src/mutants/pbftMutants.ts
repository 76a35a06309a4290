/** Rules of PBFT, broken one at a time. */
import { toHex } from '@menglian/base/bytes';
import type { ConsensusRecord, Effect, Input } from '@menglian/consensus-core/ports';
import type { VoteRecord } from '@menglian/consensus-core/safety';
import type { PreparedClaim, Vote, ViewChangeStatement } from '@menglian/pbft/messages';
import type { HeightState, Replica } from '@menglian/pbft/state';
import type { Place } from '@menglian/pbft/normal/place';
import type { HostileBehaviour, SimulationOptions } from '../options.js';
import { calm, hardViewChanges, membersChange, restarts, wildViews } from '../swarm.js';
import { type Exports, type Mutant, original, withMethod } from './mutant.js';

type Choose = (statements: readonly ViewChangeStatement[], start: Uint8Array) => PreparedClaim[];

function withHostile(
  options: (seed: number) => SimulationOptions,
  ...hostile: readonly HostileBehaviour[]
): (seed: number) => SimulationOptions {
  return (seed) => ({ ...options(seed), hostile });
}

export const PBFT_MUTANTS: readonly Mutant[] = [
  {
    name: 'quorum-too-small',
    what: 'a quorum of one less',
    module: '@menglian/consensus-core/quorum',
    exports: ['quorumSize'],
    change: (actual) => ({ quorumSize: (n: number) => original<(n: number) => number>(actual, 'quorumSize')(n) - 1 }),
    options: hardViewChanges,
    seeds: 10,
  },
  {
    name: 'no-lock',
    what: 'new views forget what was prepared',
    module: '@menglian/pbft/viewChange/selection',
    exports: ['chosenClaims'],
    change: () => ({ chosenClaims: () => [] }),
    options: hardViewChanges,
    seeds: 20,
  },
  {
    name: 'unverified-new-view',
    what: 'followers do not care what a new view demands',
    module: '@menglian/pbft/viewChange/requiredProposal',
    exports: ['requiredProposal'],
    change: () => ({ requiredProposal: () => undefined }),
    options: hardViewChanges,
    seeds: 20,
  },
  {
    name: 'claims-hidden',
    what: 'view changes name nothing that was prepared',
    module: '@menglian/pbft/viewChange/claims',
    exports: ['ownClaims'],
    change: () => ({ ownClaims: () => ({ claims: [], proofs: [] }) }),
    options: hardViewChanges,
    seeds: 20,
  },
  {
    name: 'certificates-believed',
    what: 'certificates are believed without a look',
    module: '@menglian/pbft/certificate',
    exports: ['provesPrepared'],
    change: () => ({ provesPrepared: () => true }),
    options: withHostile(hardViewChanges, 'forgeClaims'),
    seeds: 60,
  },
  {
    name: 'proposals-unchecked',
    what: 'proposals are not checked by the engine',
    module: '@menglian/pbft/normal/proposalFault',
    exports: ['proposalFault'],
    change: () => ({ proposalFault: () => undefined }),
    options: withHostile(calm, 'proposeInvalid'),
    seeds: 20,
  },
  {
    name: 'one-witness',
    what: 'one voice is enough to prove a decision',
    module: '@menglian/consensus-core/quorum',
    exports: ['honestWitnessSize'],
    change: () => ({ honestWitnessSize: () => 1 }),
    options: withHostile(hardViewChanges, 'signResultsEarly'),
    seeds: 40,
  },
  {
    name: 'results-early',
    what: 'results are signed before they are decided',
    module: '@menglian/pbft/normal/decide',
    exports: ['decideByCommits'],
    change: (actual) => ({
      decideByCommits: (replica: Replica, state: HeightState) => {
        const decide = original<(replica: Replica, state: HeightState, digest: string) => void>(actual, 'decide');
        if (state.decided === undefined && state.prepared !== undefined) {
          decide(replica, state, toHex(state.prepared.digest));
        }
      },
    }),
    options: hardViewChanges,
    seeds: 60,
  },
  {
    name: 'lowest-view-wins',
    what: 'the claim of the lowest view wins',
    module: '@menglian/pbft/viewChange/selection',
    exports: ['chosenClaims'],
    change: (actual) => ({
      chosenClaims: (statements: readonly ViewChangeStatement[], start: Uint8Array) =>
        lowestClaims(original<Choose>(actual, 'chosenClaims'), statements, start),
    }),
    options: wildViews,
    seeds: 100,
    firstSeed: 8,
  },
  {
    name: 'parent-ignored',
    what: 'claims are chosen at each height whatever they stand on',
    module: '@menglian/pbft/viewChange/selection',
    exports: ['chosenClaims'],
    change: () => ({ chosenClaims: highestAtEachHeight }),
    options: wildViews,
    seeds: 100,
    firstSeed: 100,
  },
  {
    name: 'sends-before-records',
    what: 'votes leave before they are durable',
    module: '@menglian/pbft/step',
    exports: ['step'],
    change: (actual) => ({
      step: (replica: Replica, input: Input) =>
        sendsFirst(original<(replica: Replica, input: Input) => Effect[]>(actual, 'step')(replica, input)),
    }),
    options: hardViewChanges,
    seeds: 3,
  },
  {
    name: 'votes-forgotten',
    what: 'a restart forgets what was voted',
    module: '@menglian/consensus-core/safety',
    exports: ['SafetyRules'],
    change: (actual) => withLoad(actual, (key) => !key.startsWith('votes.')),
    options: restarts,
    seeds: 60,
  },
  {
    name: 'nothing-forbidden',
    what: 'every vote is new, whatever was voted before',
    module: '@menglian/consensus-core/safety',
    exports: ['SafetyRules'],
    change: (actual) => withMethod(actual, 'SafetyRules', 'judge', () => () => 'new'),
    options: withHostile(restarts, 'equivocate'),
    seeds: 60,
  },
  {
    name: 'view-falls',
    what: 'a restart forgets the view that was asked for',
    module: '@menglian/consensus-core/safety',
    exports: ['SafetyRules'],
    change: (actual) => withLoad(actual, (key) => key !== 'view'),
    options: restarts,
    seeds: 60,
  },
  {
    name: 'votes-by-message',
    what: 'votes are counted by message, not by signer',
    module: '@menglian/pbft/normal/countVote',
    exports: ['onVote'],
    change: (actual) => ({
      onVote: (replica: Replica, from: string, message: Vote) => {
        original<(replica: Replica, from: string, message: Vote) => void>(actual, 'onVote')(replica, from, message);
        const round = replica.heights.get(message.height)?.round;
        const votes = message.kind === 'prepare' ? round?.prepares : round?.commits;
        const counted = votes?.get(message.signer);
        if (counted !== undefined && message.signer < 100) votes!.set(message.signer + 100, counted);
      },
    }),
    options: hardViewChanges,
    seeds: 40,
  },
  {
    name: 'commits-for-anything',
    what: 'commits are counted together whatever they name',
    module: '@menglian/pbft/normal/decide',
    exports: ['decideByCommits'],
    change: (actual) => ({
      decideByCommits: (replica: Replica, state: HeightState) => {
        const decide = original<(replica: Replica, state: HeightState, digest: string) => void>(actual, 'decide');
        const [first] = state.round.commits.values();
        if (first !== undefined && state.round.commits.size >= state.quorum)
          decide(replica, state, toHex(first.digest));
      },
    }),
    options: withHostile(calm, 'equivocate'),
    seeds: 100,
  },
  {
    name: 'signatures-unchecked',
    what: 'no signature is checked',
    module: '@menglian/consensus-core/verifiedSignatures',
    exports: ['VerifiedSignatures'],
    change: (actual) => withMethod(actual, 'VerifiedSignatures', 'verify', () => () => true),
    options: withHostile(calm, 'forge'),
    seeds: 20,
  },
  {
    name: 'future-views-counted',
    what: 'votes of views to come count now',
    module: '@menglian/pbft/normal/place',
    exports: ['placeOf'],
    change: (actual) => ({ placeOf: placeWithoutViews(actual) }),
    options: hardViewChanges,
    seeds: 100,
    firstSeed: 27,
  },
  {
    name: 'epoch-ignored',
    what: 'what a block changes is not noticed: heights above it go on in the old epoch',
    module: '@menglian/pbft/normal/checkpoint',
    exports: ['onExecuted'],
    change: (actual) => ({
      onExecuted: (replica: Replica, input: Extract<Input, { kind: 'executed' }>) =>
        original<(replica: Replica, input: object) => void>(actual, 'onExecuted')(replica, {
          ...input,
          endsEpoch: false,
        }),
    }),
    options: membersChange,
    seeds: 40,
  },
  {
    name: 'child-before-parent',
    what: 'a height is committed to before the one below it',
    module: '@menglian/consensus-core/safety',
    exports: ['SafetyRules'],
    // Whoever has prepared the parent is taken for having committed to it.
    change: (actual) =>
      withMethod(
        actual,
        'SafetyRules',
        'votes',
        (votes) =>
          function (...args) {
            const record = votes.apply(this, args) as VoteRecord | undefined;
            return record === undefined ? undefined : { ...record, commit: record.commit ?? record.prepare };
          },
      ),
    options: wildViews,
    seeds: 400,
  },
];

function lowestClaims(
  chosenClaims: Choose,
  statements: readonly ViewChangeStatement[],
  start: Uint8Array,
): readonly PreparedClaim[] {
  const originals = new Map<PreparedClaim, PreparedClaim>();
  const mirrored = statements.map((statement) => ({
    ...statement,
    claims: statement.claims.map((claim) => {
      const mirror = { ...claim, view: -claim.view };
      originals.set(mirror, claim);
      return mirror;
    }),
  }));
  return chosenClaims(mirrored, start).map((claim) => originals.get(claim)!);
}

function highestAtEachHeight(statements: readonly ViewChangeStatement[]): PreparedClaim[] {
  const first = 1 + Math.max(0, ...statements.map(({ headHeight }) => headHeight));
  const claims = statements.flatMap((statement) => statement.claims);
  const chosen: PreparedClaim[] = [];
  for (let height = first; ; height++) {
    const best = claims.filter((claim) => claim.height === height).sort((a, b) => b.view - a.view)[0];
    if (best === undefined) return chosen;
    chosen.push(best);
  }
}

function sendsFirst(effects: readonly Effect[]): Effect[] {
  return [...effects.filter(({ kind }) => kind === 'send'), ...effects.filter(({ kind }) => kind !== 'send')];
}

function withLoad(actual: Exports, isKept: (key: string) => boolean): Exports {
  const Original = original<{ load: (records: readonly ConsensusRecord[]) => unknown }>(actual, 'SafetyRules');
  const { load } = Original;
  Original.load = (records) =>
    load.call(
      Original,
      records.filter(({ key }) => isKept(key)),
    );
  return { SafetyRules: Original };
}

function placeWithoutViews(actual: Exports) {
  const placeOf = original<(replica: Replica, epoch: number, height: number, view: number | undefined) => Place>(
    actual,
    'placeOf',
  );
  return (replica: Replica, epoch: number, height: number, view: number | undefined): Place =>
    placeOf(replica, epoch, height, view === undefined || view < replica.safety.view ? view : replica.safety.view);
}
