import { FUTURE_HEIGHTS, FUTURE_VIEWS, WINDOW_HEIGHTS } from '../limits.js';
import type { Replica } from '../state.js';

/** Where a message of a height and view belongs: `far` is so early that keeping it would only feed a flood. */
export type Place = 'past' | 'now' | 'future' | 'far';

/** @param view undefined for messages that no view binds */
export function placeOf(replica: Replica, height: number, view: number | undefined): Place {
  const lastOfWindow = replica.head.height + WINDOW_HEIGHTS;
  if (height <= replica.head.height) return 'past';
  if (height > lastOfWindow + FUTURE_HEIGHTS) return 'far';
  const current = replica.safety.view;
  if (view !== undefined && view > current + FUTURE_VIEWS) return 'far';
  if (view !== undefined && view < current) return 'past';
  return height > lastOfWindow || (view !== undefined && view > current) ? 'future' : 'now';
}
