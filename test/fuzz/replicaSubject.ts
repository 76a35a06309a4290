import { SeededRandom } from '@menglian/base/seededRandom';
import { leaderIndex } from '@menglian/consensus-core/leader';
import type { ConsensusEngine, ConsensusRecord, Effect, Input, Proposal } from '@menglian/consensus-core/ports';
import { proposalDigest } from '@menglian/consensus-core/proposal';
import { createPbft } from '@menglian/pbft/createPbft';
import { decodeMessage, encodeMessage } from '@menglian/pbft/messageCodec';
import type { Message } from '@menglian/pbft/messages';
import { envelopeDigest, heartbeatDigest, newViewDigest, viewChangeDigest } from '@menglian/pbft/signing';
import { fakeHash, FakeKeys } from '@menglian/sim/fakeCrypto';
import { mutate } from './mutate.js';
import type { Subject } from './subjects.js';

const GROUP = { chainId: 1n, groupId: 1 };
const SEALERS = 4;

/** The traitor leads the first view, so that its proposals count; the victim is one of the others. */
const TRAITOR = leaderIndex(1, 0, SEALERS);
const VICTIM = (TRAITOR + 1) % SEALERS;

/** A replica lives so long, then another begins. */
const MESSAGES_PER_LIFE = 60;
const EFFECTS_MAX = 1000;

const keys = new FakeKeys();
const nodeIds = Array.from({ length: SEALERS }, (_, index) => keys.nodeId(index));
const cryptoOf = (index: number) => keys.cryptoOf(nodeIds[index]!);
const bytes32 = (byte: number) => new Uint8Array(32).fill(byte);
const head = {
  height: 0,
  hash: bytes32(1),
  timestampMs: 1_795_227_296_000,
  order: { digest: bytes32(1), epoch: 0 },
  sealers: nodeIds,
  observers: [],
  settings: { maxTransactions: 100, consensusTimeoutMs: 3000 },
};
const proposal: Proposal = {
  height: 1,
  parentDigest: head.hash,
  epoch: 0,
  timestampMs: head.timestampMs + 1,
  sealer: TRAITOR,
  sealers: nodeIds,
  transactionHashes: [bytes32(2), bytes32(3)],
};

/** A header holds all that a proposal holds, so no two proposals execute to the same one. */
function executedHeader(digest: Uint8Array): Uint8Array {
  return fakeHash(digest);
}

/** The message as `signer` would sign it. */
function signedBy(signer: number, message: Message): Message {
  const crypto = cryptoOf(signer);
  const sign = (digest: Uint8Array) => crypto.sign(digest);
  switch (message.kind) {
    case 'prePrepare': {
      const digest = proposalDigest(crypto, GROUP, message.proposal);
      const { kind, view } = message;
      const { epoch, height } = message.proposal;
      return {
        ...message,
        signer,
        signature: sign(envelopeDigest(crypto, GROUP, { kind, epoch, height, view, signer, digest })),
      };
    }
    case 'prepare':
    case 'commit':
      return { ...message, signer, signature: sign(envelopeDigest(crypto, GROUP, { ...message, signer })) };
    case 'checkpoint':
      return { ...message, signer, signature: sign(message.headerHash) };
    case 'viewChange': {
      const statement = { ...message.statement, signer };
      return { ...message, statement: { ...statement, signature: sign(viewChangeDigest(crypto, GROUP, statement)) } };
    }
    case 'newView': {
      const height = 1 + Math.max(0, ...message.statements.map(({ headHeight }) => headHeight));
      const named = { ...message, signer };
      return { ...named, signature: sign(newViewDigest(crypto, GROUP, height, named)) };
    }
    case 'heartbeat':
      return { ...message, signature: sign(heartbeatDigest(crypto, GROUP, message)) };
    case 'newViewRequest':
      return message;
  }
}

/** One height of honest traffic, with the change to a second view, as the others and the traitor would send it. */
function traffic(): Message[] {
  const digest = proposalDigest(cryptoOf(0), GROUP, proposal);
  const vote = { epoch: 0, height: 1, view: 0, digest, signer: 0, signature: new Uint8Array(0) };
  const others = nodeIds.map((_, index) => index).filter((index) => index !== VICTIM);
  const perSigner = others.flatMap((signer) => [
    signedBy(signer, { kind: 'prepare', ...vote }),
    signedBy(signer, { kind: 'commit', ...vote }),
    signedBy(signer, {
      kind: 'checkpoint',
      epoch: 0,
      height: 1,
      headerHash: executedHeader(digest),
      signer,
      signature: new Uint8Array(0),
    }),
  ]);
  const votes = perSigner
    .flatMap((message) => (message.kind === 'prepare' ? [message] : []))
    .map(({ signer, signature }) => ({ signer, signature }))
    .sort((a, b) => a.signer - b.signer);
  const statement = { epoch: 0, view: 1, headHeight: 0, headHash: head.hash, signer: 0, signature: new Uint8Array(0) };
  const viewChanges = others.map((signer) =>
    signer === TRAITOR
      ? signedBy(signer, {
          kind: 'viewChange',
          statement: { ...statement, claims: [] },
          proofs: [],
        })
      : signedBy(signer, {
          kind: 'viewChange',
          statement: { ...statement, claims: [{ height: 1, view: 0, digest, parentDigest: proposal.parentDigest }] },
          proofs: [{ votes, proposal }],
        }),
  );
  const statements = viewChanges.flatMap((message) => (message.kind === 'viewChange' ? [message.statement] : []));
  const leader = leaderIndex(1, 2, SEALERS);
  const newView: Message = {
    kind: 'newView',
    epoch: 0,
    view: 2,
    statements,
    proofs: [{ votes, proposal }],
    signer: leader,
    signature: new Uint8Array(0),
  };
  const heartbeat: Message = {
    kind: 'heartbeat',
    height: 3,
    hash: bytes32(4),
    epoch: 0,
    view: 2,
    toView: 3,
    signature: new Uint8Array(0),
  };
  return [
    signedBy(TRAITOR, { kind: 'prePrepare', view: 0, proposal, signer: TRAITOR, signature: new Uint8Array(0) }),
    ...perSigner,
    ...viewChanges,
    signedBy(leader, newView),
    signedBy(TRAITOR, heartbeat),
    { kind: 'newViewRequest', epoch: 0, view: 0 },
  ];
}

/** A replica and the part of its host that answers. */
class Victim {
  readonly #random: SeededRandom;
  readonly #engine: ConsensusEngine;
  readonly #records = new Map<string, ConsensusRecord>();
  #nowMs = 0;
  messages = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const engine = createPbft(
      { ...GROUP, nodeId: nodeIds[VICTIM]!, head, records: [] },
      {
        crypto: cryptoOf(VICTIM),
        chain: {
          hashAt: (height) => (height === 0 ? head.hash : undefined),
          orderAt: (height) => (height === 0 ? head.order : undefined),
        },
      },
    );
    if (!engine.ok) throw new Error(engine.reason);
    this.#engine = engine.value;
    this.step({ kind: 'tick', nowMs: 0 });
    for (const nodeId of nodeIds) this.step({ kind: 'peerUp', nodeId });
    this.step({ kind: 'pendingTransactions', count: 3 });
  }

  receive(from: number, payload: Uint8Array): void {
    this.messages++;
    this.#nowMs += this.#random.below(40);
    this.step({ kind: 'tick', nowMs: this.#nowMs });
    this.step({ kind: 'message', from: nodeIds[from]!, payload });
  }

  step(input: Input): void {
    const effects = this.#engine.step(input);
    if (effects.length > EFFECTS_MAX) throw new Error(`${effects.length} effects of one ${input.kind}`);
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Its status names why messages were refused; what is kept must stay small. */
  checkSizes(): void {
    const { refusals, viewsHeard } = this.#engine.status();
    if (refusals.size > 200 || viewsHeard.length > SEALERS || this.#records.size > 200) throw new Error('it grows');
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'persist') {
      for (const record of effect.records) {
        if (record.value === undefined) this.#records.delete(record.key);
        else this.#records.set(record.key, record);
      }
    } else if (effect.kind === 'verifyProposal') {
      const { height, view, digest } = effect;
      this.step(
        this.#random.chance(80)
          ? { kind: 'proposalVerified', height, view, digest }
          : { kind: 'proposalRejected', height, view, digest, reason: 'unwanted' },
      );
    } else if (effect.kind === 'execute') {
      this.step({
        kind: 'executed',
        height: effect.height,
        digest: effect.digest,
        headerHash: executedHeader(effect.digest),
        endsEpoch: false,
      });
    } else if (effect.kind === 'seal' && this.#random.chance(50)) {
      const { height, view, parentDigest, parentTimestampMs } = effect;
      this.step({
        kind: 'sealed',
        height,
        view,
        parentDigest,
        timestampMs: parentTimestampMs + 1,
        transactionHashes: [bytes32(3)],
      });
    }
  }
}

/** Mostly other values in the same layout: what breaks the layout never gets past the decoder. */
function changeValues(random: SeededRandom, samples: readonly Uint8Array[]): Uint8Array {
  if (random.chance(20)) return mutate(random, samples);
  const bytes = random.pick(samples).slice();
  for (let count = 1 + random.below(3); count > 0; count--) {
    const place = random.below(bytes.length);
    bytes[place] = random.chance(50) ? random.pick([0, 1, 2, 3, 4, 0xff]) : bytes[place]! ^ (1 << random.below(8));
  }
  return bytes;
}

/**
 * A whole replica: the traitor's key signs what was changed, so that it passes the door. An invariant that breaks would
 * stop the node, so no message may break one.
 */
export function replicaSubject(): Subject {
  const random = new SeededRandom(77);
  const samples = traffic().map(encodeMessage);
  let lives = 0;
  let victim = new Victim(lives);
  return {
    name: 'messages to a replica',
    samples,
    mutate: changeValues,
    run: (bytes) => {
      if (victim.messages >= MESSAGES_PER_LIFE) victim = new Victim(++lives);
      const decoded = decodeMessage(bytes);
      const resigned = decoded.ok && random.chance(60) ? encodeMessage(signedBy(TRAITOR, decoded.value)) : bytes;
      victim.receive(random.chance(70) ? TRAITOR : random.below(SEALERS), resigned);
      // The others go on meanwhile.
      if (random.chance(10)) victim.receive(random.below(SEALERS), random.pick(samples));
      victim.checkSizes();
      return decoded.ok ? undefined : decoded.reason;
    },
  };
}

/** Counts of the kinds of messages in the traffic, so that a test can tell that none is missing. */
export function trafficKinds(): Set<string> {
  return new Set(traffic().map(({ kind }) => kind));
}
