import { setTimeout } from 'node:timers/promises';
import type { RelayPorts } from './ports.js';

/** Those of Node. */
export const PLATFORM_PORTS: RelayPorts = {
  nowMs: () => performance.now(),
  sleep: async (delayMs, signal) => {
    // Aborted is over: nobody needs to hear of it as an error.
    await setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
  },
};
