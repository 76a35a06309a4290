import { toHex } from '@menglian/base/bytes';
import type { ChainHead, Input, Proposal } from '@menglian/consensus-core/ports';
import { NonceWindow } from '@menglian/txpool/nonceWindow';
import { TransactionPool } from '@menglian/txpool/transactionPool';
import { bareTransaction } from '@menglian/types/testing/bareTransaction';
import type { SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { InFlight } from './inFlight.js';
import { Proposals, type VerifyProposalEffect } from './proposals.js';
import { Verification } from './verification.js';

const NOW_MS = 1_700_000_000_000;
const bytes32 = (filler: number) => new Uint8Array(32).fill(filler);

let counter = 0;

function transaction(fields: Partial<SignedTransaction> = {}): SignedTransaction {
  counter++;
  return bareTransaction(counter, { hash: bytes32(counter), ...fields });
}

const HEAD: ChainHead = {
  height: 10,
  hash: bytes32(210),
  timestampMs: NOW_MS,
  order: { digest: bytes32(210), epoch: 3 },
  sealers: ['a', 'b', 'c', 'd'],
  observers: [],
  settings: { maxTransactions: 100, consensusTimeoutMs: 3000 },
};

function createRoom() {
  const limits = { transactionsMax: 1000, bytesMax: 1_000_000, expirationMs: 600_000 };
  const pool = new TransactionPool({ chainId: 1n, groupId: 1n, ...limits }, HEAD.height, new NonceWindow(HEAD.height));
  const proposals = new Proposals({ pool });
  const inFlight = new InFlight(HEAD);
  const answers: Input[] = [];
  const fetched: string[] = [];
  const unused = () => {
    throw new Error('only groups whose working sealers rotate need the state');
  };
  let head = HEAD;
  const verification = new Verification(
    { nodeId: 'a' },
    {
      chain: { isRotating: false, checkOpening: () => undefined },
      execution: { executeBelow: unused },
      pool,
      proposals,
      inFlight,
      clock: { monotonicMs: () => 0, wallMs: () => NOW_MS },
      gossip: { hurry: () => {}, fetch: (ids) => fetched.push(...ids) },
      head: () => head,
      answer: (input) => answers.push(input),
    },
  );
  const moveTo = (next: ChainHead) => {
    head = next;
    inFlight.onStored(next);
    proposals.clear(next.height);
  };
  return { pool, proposals, inFlight, verification, answers, fetched, moveTo };
}

/** Digests are numbers here: 210 for the head, then whatever the test says. */
function effect(
  height: number,
  [parent, digest]: readonly [number, number],
  transactions: readonly SignedTransaction[],
  fields: Partial<Proposal> = {},
): VerifyProposalEffect {
  const proposal: Proposal = {
    height,
    parentDigest: bytes32(parent),
    epoch: 3,
    timestampMs: NOW_MS + height,
    sealer: 1,
    sealers: HEAD.sealers,
    transactionHashes: transactions.map(({ hash }) => hash),
    ...fields,
  };
  return {
    kind: 'verifyProposal',
    height,
    view: 0,
    digest: bytes32(digest),
    proposal,
    proposer: 'b',
    certified: false,
  };
}

const verdicts = (answers: readonly Input[]) =>
  answers.map((answer) => (answer.kind === 'proposalRejected' ? answer.reason : answer.kind));

describe('the check of proposals', () => {
  it('counts what ancestors in flight hold as if it were stored', () => {
    const { pool, verification, answers } = createRoom();
    const [first, second, third] = [transaction(), transaction(), transaction()];
    for (const one of [first, second, third]) pool.admit(one, 0);
    verification.verify(effect(11, [210, 11], [first]));
    verification.verify(effect(12, [11, 12], [second]));
    verification.verify(effect(13, [12, 13], [third, first]));
    verification.verify(effect(13, [12, 14], [third, second]));
    verification.verify(effect(13, [12, 15], [third]));
    // On another branch the same transaction is free.
    verification.verify(effect(12, [11, 16], [third]));
    const twice = 'holds a transaction that may not be in it: TransactionNonceCheckFail';
    expect(verdicts(answers)).toEqual([
      'proposalVerified',
      'proposalVerified',
      twice,
      twice,
      'proposalVerified',
      'proposalVerified',
    ]);
  });

  it('holds block limits against the own height, and the time against the parent', () => {
    const { pool, verification, answers } = createRoom();
    const [first, short, long] = [transaction(), transaction({ blockLimit: 12n }), transaction({ blockLimit: 13n })];
    for (const one of [first, short, long]) pool.admit(one, 0);
    verification.verify(effect(11, [210, 11], [first], { timestampMs: NOW_MS + 500 }));
    verification.verify(effect(12, [11, 12], [short], { timestampMs: NOW_MS + 500 }));
    verification.verify(effect(12, [11, 13], [short], { timestampMs: NOW_MS + 501 }));
    verification.verify(effect(13, [13, 14], [long], { timestampMs: NOW_MS + 31 * 60_000 }));
    verification.verify(effect(13, [13, 15], [long], { timestampMs: NOW_MS + 502 }));
    verification.verify(effect(12, [11, 16], [long], { timestampMs: NOW_MS + 501 }));
    verification.verify(effect(13, [16, 17], [short], { timestampMs: NOW_MS + 502 }));
    expect(verdicts(answers)).toEqual([
      'proposalVerified',
      'its timestamp is not above its parent',
      'proposalVerified',
      'its timestamp is more than 30 minutes ahead',
      'proposalVerified',
      'proposalVerified',
      'holds a transaction that may not be in it: BlockLimitCheckFailed',
    ]);
  });

  it('waits for bodies and says nothing of what was left behind meanwhile', () => {
    const { pool, proposals, inFlight, verification, answers, fetched, moveTo } = createRoom();
    const [first, second, third] = [transaction(), transaction(), transaction()];
    pool.admit(first, 0);
    verification.verify(effect(11, [210, 11], [first]));
    verification.verify(effect(12, [11, 12], [second]));
    expect(fetched).toEqual([toHex(second.hash)]);
    const arrive = (one: SignedTransaction) => {
      for (const complete of proposals.onTransaction(one)) verification.onComplete(complete);
    };
    arrive(second);
    verification.verify(effect(13, [12, 13], [third]));
    expect(verdicts(answers)).toEqual(['proposalVerified', 'proposalVerified']);
    // Another block than 12 was stored: 13 follows from nothing.
    pool.onCommitted(11, [first]);
    pool.onCommitted(12, []);
    moveTo({ ...HEAD, height: 12, order: { digest: bytes32(99), epoch: 3 } });
    arrive(third);
    verification.verify(effect(12, [11, 14], [second]));
    expect(answers).toHaveLength(2);
    expect(inFlight.get(bytes32(12))).toBeUndefined();
  });

  it('forgets what an ended epoch made void', () => {
    const { pool, inFlight, verification, answers, moveTo } = createRoom();
    const [first, second] = [transaction(), transaction()];
    for (const one of [first, second]) pool.admit(one, 0);
    verification.verify(effect(11, [210, 11], [first]));
    verification.verify(effect(12, [11, 12], [second]));
    expect(inFlight.ancestors(13, bytes32(12))).toHaveLength(2);
    pool.onCommitted(11, [first]);
    moveTo({ ...HEAD, height: 11, order: { digest: bytes32(11), epoch: 11 } });
    expect(inFlight.ancestors(13, bytes32(12))).toBeUndefined();
    verification.verify(effect(12, [11, 13], [second], { epoch: 11 }));
    expect(verdicts(answers)).toEqual(['proposalVerified', 'proposalVerified', 'proposalVerified']);
    expect(inFlight.ancestors(13, bytes32(13))).toHaveLength(1);
  });
});
