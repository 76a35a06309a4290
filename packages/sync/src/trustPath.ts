import type { NodeId } from '@menglian/types/address';
import { TRUST_STEPS_MAX } from './limits.js';

/** How many of n sealers it takes; which rule holds is fixed by the group's genesis. */
export interface SealerRules {
  /** signatures that make a certificate */
  readonly quorum: (sealers: number) => number;
  /** the fewest of whom one is honest */
  readonly witnesses: (sealers: number) => number;
}

/** A header whose signatures the host has verified. */
export interface SignedHeader {
  readonly number: number;
  /** hexadecimal */
  readonly hash: string;
  readonly sealers: readonly NodeId[];
  /** those of its own sealers whose signature is valid, each once */
  readonly signers: readonly NodeId[];
}

export type TrustStep =
  /** The header of this number, or the next one below it that there is, brings it forward. */
  | 'goOn'
  /** The header that was wanted is trusted. */
  | 'arrived'
  /** No quorum of its own sealers signed it: whoever sent it lies. */
  | 'forged'
  /** The sealers were replaced by strangers within one block: headers alone cannot lead there. */
  | 'broken';

/**
 * Leads from sealers that are trusted to those of a later block by a few headers, as light clients do: a header is
 * trusted when a quorum of its own sealers signed it, and among them one honest sealer of a list that is trusted already;
 * that one signed what the group had decided. Where the lists differ too much, a header in between is looked at first.
 */
export class TrustPath {
  readonly #rules: SealerRules;
  readonly #target: number;
  #trustedNumber: number;
  #trustedSealers: readonly NodeId[];
  #trustedHash: string | undefined;
  #probe: number;
  #steps = 0;

  constructor(rules: SealerRules, genesisSealers: readonly NodeId[], target: number) {
    this.#rules = rules;
    this.#target = target;
    this.#trustedNumber = 0;
    this.#trustedSealers = genesisSealers;
    this.#probe = target;
  }

  get target(): number {
    return this.#target;
  }

  /** What to ask for: the header of the highest block above `above` and at most `number`. */
  get wanted(): { readonly above: number; readonly number: number } {
    return { above: this.#trustedNumber, number: this.#probe };
  }

  /** Sealers of the last trusted header. */
  get sealers(): readonly NodeId[] {
    return this.#trustedSealers;
  }

  /** Hash of the last trusted header; undefined at genesis. */
  get hash(): string | undefined {
    return this.#trustedHash;
  }

  /** Takes an answer to `wanted`. */
  onHeader(header: SignedHeader): TrustStep {
    if (header.number <= this.#trustedNumber || header.number > this.#probe) return 'forged';
    if (!isSigned(header, this.#rules)) return 'forged';
    if (++this.#steps > TRUST_STEPS_MAX) return 'broken';
    const signers = new Set(header.signers);
    const witnesses = this.#trustedSealers.filter((nodeId) => signers.has(nodeId)).length;
    if (witnesses < this.#rules.witnesses(this.#trustedSealers.length)) {
      const middle = Math.floor((this.#trustedNumber + header.number) / 2);
      if (middle <= this.#trustedNumber) return 'broken';
      this.#probe = middle;
      return 'goOn';
    }
    // Where lists change at an even pace, the next step is about as long as this one; twice that is tried.
    const strideMax = 2 * (header.number - this.#trustedNumber);
    this.#trustedNumber = header.number;
    this.#trustedSealers = header.sealers;
    this.#trustedHash = header.hash;
    this.#probe = Math.min(this.#target, header.number + strideMax);
    return header.number === this.#target ? 'arrived' : 'goOn';
  }
}

/** Whether a quorum of the header's own sealers signed it. */
function isSigned({ sealers, signers }: SignedHeader, rules: SealerRules): boolean {
  const own = new Set(sealers);
  const distinct = new Set(signers.filter((nodeId) => own.has(nodeId)));
  return sealers.length > 0 && distinct.size >= rules.quorum(sealers.length);
}
