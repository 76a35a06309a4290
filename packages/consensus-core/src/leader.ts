/**
 * Index, among the sealers of `height`, of the one that leads it in `view`. The view is never reset, so that a delayed
 * message of an old view can never be taken for one of now.
 */
export function leaderIndex(height: number, view: number, sealerCount: number): number {
  return (height + view) % sealerCount;
}
