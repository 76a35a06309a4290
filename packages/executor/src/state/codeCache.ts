import { toHex } from '@menglian/base/bytes';
import { analyze } from '@menglian/evm/codeAnalysis';
import type { AnalyzedCode } from '@menglian/evm/codeAnalysis';
import { ANALYSED_CODE_BYTES_MAX } from '../limits.js';
import type { StateOverlay } from './overlay.js';
import { RecentCodes } from './recentCodes.js';

/** Code ready to run, and its hash in hexadecimal digits. */
export interface LoadedCode {
  readonly name: string;
  readonly code: AnalyzedCode;
}

/** Analysed runtime code by its hash, from block to block. Code of a hash never changes, so nothing ever goes stale. */
export class CodeCache {
  readonly #codes = new RecentCodes<LoadedCode>(ANALYSED_CODE_BYTES_MAX);
  /** The one used last, by identity: most blocks call few contracts. */
  #lastHash: Uint8Array | undefined;
  #last: LoadedCode | undefined;

  /** Code of a hash that some account record of the overlay holds. */
  load(codeHash: Uint8Array, overlay: StateOverlay): LoadedCode {
    if (this.#last !== undefined && this.#lastHash === codeHash) return this.#last;
    const name = toHex(codeHash);
    let loaded = this.#codes.get(name);
    if (loaded === undefined) {
      loaded = { name, code: analyze(overlay.code(codeHash)) };
      this.#codes.add(name, loaded, loaded.code.bytes.length);
    }
    this.#lastHash = codeHash;
    this.#last = loaded;
    return loaded;
  }

  /** The bytes alone, without keeping them. */
  bytes(codeHash: Uint8Array, overlay: StateOverlay): Uint8Array {
    if (this.#last !== undefined && this.#lastHash === codeHash) return this.#last.code.bytes;
    return this.#codes.peek(toHex(codeHash))?.code.bytes ?? overlay.code(codeHash);
  }
}
