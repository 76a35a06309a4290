/** One line for each thing a replica does: short enough that a view change can be read like a story. */
import type { Effect } from '@menglian/consensus-core/ports';
import { decodeMessage } from '@menglian/pbft/messageCodec';
import type { Message, ViewChangeStatement } from '@menglian/pbft/messages';
import { describeHash, digestOf } from './chain.js';

/** @returns undefined for what would only be noise: the timer, heartbeats */
export function describeEffect(effect: Exclude<Effect, { kind: 'persist' }>): string | undefined {
  switch (effect.kind) {
    case 'send': {
      const text = describePayload(effect.payload);
      return text === undefined
        ? undefined
        : `sends ${text} to ${effect.to.map((id) => parseInt(id.slice(0, 4), 16)).join(' ')}`;
    }
    case 'seal':
      return `seals height ${effect.height} view ${effect.view}`;
    case 'verifyProposal':
      return `verifies ${describeHash(effect.digest)} height ${effect.height}${effect.certified ? ' certified' : ''}`;
    case 'execute':
      return `executes ${describeHash(effect.digest)} height ${effect.height}`;
    case 'commit':
      return `commits ${describeHash(effect.digest)} height ${effect.height} header ${describeHash(effect.headerHash)} signed by ${effect.signatures
        .map(({ index }) => index)
        .join(' ')}`;
    case 'behind':
      return `is behind height ${effect.height}`;
    case 'viewEntered':
      return `enters view ${effect.view}`;
    case 'evidence':
      return `reports ${effect.evidence.kind}${effect.evidence.kind === 'badProposal' ? ` ${effect.evidence.reason}` : ''}`;
    case 'wakeAt':
      return undefined;
  }
}

export function describePersist(effect: Extract<Effect, { kind: 'persist' }>): string {
  const written = effect.records.filter(({ value }) => value !== undefined).map(({ key }) => key);
  return `has recorded ${written.join(' ')}${effect.bodiesOf === undefined ? '' : ' and bodies'}`;
}

function describePayload(payload: Uint8Array): string | undefined {
  const decoded = decodeMessage(payload);
  if (!decoded.ok || decoded.value.kind === 'heartbeat') return undefined;
  return describeMessage(decoded.value);
}

function describeMessage(message: Exclude<Message, { kind: 'heartbeat' }>): string {
  switch (message.kind) {
    case 'prePrepare': {
      const { proposal, view } = message;
      return `prePrepare ${describeHash(digestOf(proposal))} height ${proposal.height} view ${view}`;
    }
    case 'prepare':
    case 'commit':
      return `${message.kind} ${describeHash(message.digest)} height ${message.height} view ${message.view}`;
    case 'checkpoint':
      return `checkpoint ${describeHash(message.headerHash)} height ${message.height}`;
    case 'viewChange':
      return `viewChange ${describeStatement(message.statement)}`;
    case 'newView':
      return `newView ${message.view} (${message.statements
        .map((statement) => `${statement.signer}: ${describeStatement(statement)}`)
        .join('; ')})`;
    case 'newViewRequest':
      return `newViewRequest ${message.view}`;
  }
}

function describeStatement({ view, headHeight, claims }: ViewChangeStatement): string {
  const prepared = claims.map(
    (claim) => ` prepared ${describeHash(claim.digest)} at ${claim.height} in view ${claim.view}`,
  );
  return `view ${view} head ${headHeight}${prepared.join(',')}`;
}
