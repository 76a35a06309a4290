/** What an attack did, by what was counted: requests sent, restarts, nodes that ended. */
export type AttackCounts = Readonly<Record<string, number>>;

/** What happens in or to the neighbour group while the victim is measured. */
export interface Attack {
  readonly name: string;
  /** Resolves when it is under way. */
  begin(): Promise<void>;
  /** Ends it, and puts the neighbour back where it was. */
  end(): Promise<AttackCounts>;
}
