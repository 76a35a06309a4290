/** Which quorum makes a block of a chain final, by its consensus engine. */
import type { QuorumRule } from '@menglian/consensus-core/quorum';

const RULES = { pbft: 'byzantine', rpbft: 'byzantine', raft: 'crash' } as const satisfies Record<string, QuorumRule>;

/** As the genesis of a chain names it. */
export type Engine = keyof typeof RULES;

export function isEngine(text: string): text is Engine {
  return Object.hasOwn(RULES, text);
}

export function quorumRuleOf(engine: Engine): QuorumRule {
  return RULES[engine];
}
