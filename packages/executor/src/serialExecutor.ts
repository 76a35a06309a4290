import type { CryptoSuite } from '@menglian/crypto/suite';
import { executeBlock } from './executeBlock.js';
import { executeCall } from './executeCall.js';
import type { BlockExecutor } from './ports.js';
import { CodeCache } from './state/codeCache.js';
import { StateOverlay } from './state/overlay.js';

/**
 * An executor for one group: one thread, no state but caches of analysed code and decoded state.
 * @param ecdsa the suite `ecdsa`, whatever the group's own: ecrecover needs it
 */
export function createSerialExecutor(ecdsa: CryptoSuite): BlockExecutor {
  const parts = { codes: new CodeCache(), ecdsa };
  let overlay: StateOverlay | undefined;
  return {
    executeBlock: (block) => {
      overlay ??= new StateOverlay(block.suite, block.view);
      overlay.begin(block.view);
      return executeBlock(block, parts, overlay);
    },
    executeCall: (call) => executeCall(call, parts),
  };
}
