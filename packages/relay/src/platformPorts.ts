import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { CHAINS_MAX } from './limits.js';
import type { RelayPorts } from './ports.js';

/** Who waits at once: each ordered pair of chains, and who closes the epochs of each. More would be a leak, of which Node warns. */
const SLEEPERS_MAX = CHAINS_MAX * CHAINS_MAX;

/** Those of Node. */
export const PLATFORM_PORTS: RelayPorts = {
  nowMs: () => performance.now(),
  sleep: async (delayMs, signal) => {
    setMaxListeners(SLEEPERS_MAX, signal);
    // Aborted is over: nobody needs to hear of it as an error.
    await setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
  },
};
