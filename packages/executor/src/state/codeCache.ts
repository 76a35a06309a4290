import { toHex } from '@menglian/base/bytes';
import { analyze } from '@menglian/evm/codeAnalysis';
import type { AnalyzedCode } from '@menglian/evm/codeAnalysis';
import { ANALYSED_CODE_BYTES_MAX } from '../limits.js';
import type { StateOverlay } from './overlay.js';
import { RecentCodes } from './recentCodes.js';

/** Analysed runtime code by its hash, from block to block. Code of a hash never changes, so nothing ever goes stale. */
export class CodeCache {
  readonly #codes = new RecentCodes<AnalyzedCode>(ANALYSED_CODE_BYTES_MAX);

  /** Code of a hash that some account record of the overlay holds. */
  analyzed(codeHash: Uint8Array, overlay: StateOverlay): AnalyzedCode {
    const name = toHex(codeHash);
    let code = this.#codes.get(name);
    if (code === undefined) {
      code = analyze(overlay.code(codeHash));
      this.#codes.add(name, code, code.bytes.length);
    }
    return code;
  }

  /** Init code runs once: not kept. */
  analyze(initCode: Uint8Array): AnalyzedCode {
    return analyze(initCode);
  }
}
