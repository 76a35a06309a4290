import type { Finding } from './finding.js';

/** Findings that a report names; what comes after is counted. */
const FINDINGS_MAX = 100;

/** What was found so far. */
export class Findings {
  readonly list: Finding[] = [];
  #count = 0;

  add(finding: Finding): void {
    this.#count++;
    if (this.list.length < FINDINGS_MAX) this.list.push(finding);
  }

  get count(): number {
    return this.#count;
  }
}
