import { FUTURE_HEIGHTS, FUTURE_VIEWS } from '../limits.js';
import type { Replica } from '../state.js';

/** Where a message of a height and view belongs: `far` is so early that keeping it would only feed a flood. */
export type Place = 'past' | 'now' | 'future' | 'far';

/** @param view undefined for messages that no view binds */
export function placeOf(replica: Replica, epoch: number, height: number, view: number | undefined): Place {
  const { head } = replica;
  const lastOfWindow = head.height + replica.windowHeights;
  if (height <= head.height || epoch < head.order.epoch) return 'past';
  if (height > lastOfWindow + FUTURE_HEIGHTS) return 'far';
  // A later epoch begins in view 0.
  const current = epoch > head.order.epoch ? 0 : replica.safety.view;
  if (view !== undefined && view > current + FUTURE_VIEWS) return 'far';
  if (view !== undefined && view < current) return 'past';
  const isEarly = height > lastOfWindow || epoch > head.order.epoch || (view !== undefined && view > current);
  return isEarly ? 'future' : 'now';
}
