import { callBack } from '../callBack.js';
import { type Ports, sleep } from '../ports.js';
import type { Unsubscribe } from '../transport.js';

/** Tells of each new height of a node that does not speak first. */
export function pollBlocks(
  ask: () => Promise<number>,
  { pollMs, ports }: { readonly pollMs: number; readonly ports: Ports },
  onBlock: (blockNumber: number) => void,
  onError: (error: unknown) => void,
): Unsubscribe {
  const over = new AbortController();
  const follow = async () => {
    let last = -1;
    while (!over.signal.aborted) {
      try {
        const height = await ask();
        if (height > last && !over.signal.aborted) callBack(onBlock, height);
        last = Math.max(last, height);
      } catch (error) {
        callBack(onError, error);
      }
      await sleep(ports, pollMs);
    }
  };
  void follow();
  return () => over.abort();
}
