import { failure, type Result, success } from '@menglian/base/result';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import type { Localized } from '../language.js';

/** Where a chain is read: a node of it, and the group. */
export interface ChainPlace {
  readonly url: string;
  readonly groupId: number;
}

/** Reads `http://127.0.0.1:8545,2`; without a number it is group 1. */
export function readChainPlace(text: string): Result<ChainPlace, Localized> {
  const [, url = '', digits = '1'] = /^(.*?)(?:,(\d{1,5}))?$/s.exec(text) ?? [];
  const groupId = Number(digits);
  const isUrl = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (isUrl && groupId >= 1 && groupId <= MAX_GROUP_ID) return success({ url, groupId });
  return failure({
    en: `${JSON.stringify(text)} is no place of a chain; write it like http://127.0.0.1:8545,2`,
    zh: `${JSON.stringify(text)} 不是链的地址；请写成 http://127.0.0.1:8545,2`,
  });
}

/** How a report calls the chain. */
export function labelOf({ url, groupId }: ChainPlace): string {
  return `group ${groupId} at ${new URL(url).host}`;
}
