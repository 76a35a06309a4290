import { toHex } from '@menglian/base/bytes';
import { LruMap } from '@menglian/base/lruMap';
import type { CipherSuite, Version } from './cipherSuites.js';
import type { VerifiedClient } from './identity.js';
import { SESSION_LIFETIME_MS, SESSIONS_KEPT_MAX } from './limits.js';

/** What both sides keep to leave out the key exchange next time. */
export interface Session {
  readonly version: Version;
  readonly suite: CipherSuite;
  /** 48 bytes, a secret */
  readonly masterSecret: Uint8Array;
  readonly client: VerifiedClient | undefined;
}

/** Sessions that may be resumed by their id, a bounded number for a bounded time. */
export class SessionCache {
  readonly #sessions = new LruMap<string, { readonly session: Session; readonly expiresAtMs: number }>(
    SESSIONS_KEPT_MAX,
  );
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(id: Uint8Array): Session | undefined {
    const key = toHex(id);
    const kept = this.#sessions.get(key);
    if (kept === undefined || this.#nowMs() < kept.expiresAtMs) return kept?.session;
    this.#sessions.delete(key);
    return undefined;
  }

  set(id: Uint8Array, session: Session): void {
    this.#sessions.set(toHex(id), { session, expiresAtMs: this.#nowMs() + SESSION_LIFETIME_MS });
  }

  /** A connection of this session ended with an error: it is not to be resumed (RFC 5246, 7.2.2). */
  delete(id: Uint8Array): void {
    this.#sessions.delete(toHex(id));
  }
}
