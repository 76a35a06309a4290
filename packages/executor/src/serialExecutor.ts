import type { CryptoSuite } from '@menglian/crypto/suite';
import { executeBlock } from './executeBlock.js';
import { executeCall } from './executeCall.js';
import type { BlockExecutor } from './ports.js';
import { CodeCache } from './state/codeCache.js';

/**
 * An executor for one group: one thread, no state but a cache of analysed code.
 * @param ecdsa the suite `ecdsa`, whatever the group's own: ecrecover needs it
 */
export function createSerialExecutor(ecdsa: CryptoSuite): BlockExecutor {
  const parts = { codes: new CodeCache(), ecdsa };
  return {
    executeBlock: (block) => executeBlock(block, parts),
    executeCall: (call) => executeCall(call, parts),
  };
}
