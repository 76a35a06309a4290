import { type SdkError, sdkError } from '@menglian/sdk/sdkError';
import type { RelayChain } from './ports.js';
import { refusalOf } from './refusals.js';

/** What became of a message that its receiver had refused. */
export interface Retry {
  readonly lane: string;
  readonly sequence: bigint;
  /** Taken now; or refused once more; or it could not be tried. */
  readonly outcome: 'taken' | 'refused' | SdkError;
}

/**
 * Gives every message that was refused to its receiver again, in their order: of messages that follow from one another the first decides.
 * @returns whether all were taken
 */
export async function retryFailed(chains: readonly RelayChain[], report: (retry: Retry) => void): Promise<boolean> {
  let isAll = true;
  for (const source of chains) {
    for (const target of chains.filter((chain) => chain !== source)) {
      const from = await source.identity();
      for (const sequence of await target.failedMessages(from)) {
        const outcome = await retryOne(source, target, sequence).catch(refusalOf);
        report({ lane: `${source.name} → ${target.name}`, sequence, outcome });
        isAll = isAll && outcome === 'taken';
      }
    }
  }
  return isAll;
}

async function retryOne(source: RelayChain, target: RelayChain, sequence: bigint): Promise<Retry['outcome']> {
  const [from, to] = [await source.identity(), await target.identity()];
  const blockNumber = await source.sentAt(to, sequence);
  const places = blockNumber === undefined ? [] : await source.messagesIn(blockNumber, to);
  const place = places.find(({ last }) => last >= sequence);
  if (blockNumber === undefined || place === undefined) {
    throw sdkError('NotFound', `${source.name} has no message ${sequence}`, 'ask another node: this one may be behind');
  }
  const bundle = await source.bundle(blockNumber, [place.transactionHash]);
  return (await target.retry(from, sequence, bundle)) ? 'taken' : 'refused';
}
