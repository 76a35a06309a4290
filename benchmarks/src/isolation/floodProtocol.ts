/** Handed to the process that sends what a benchmark's attack consists of. */
export interface FloodData {
  /** JSON-RPC of each node */
  readonly urls: readonly string[];
  /** bodies that are posted by turns, over and over */
  readonly bodies: readonly Uint8Array[];
  /** how many posts are under way to each node */
  readonly connections: number;
  /** wait of each connection between two posts */
  readonly pauseMs: number;
  /** SDK ports that get frames that are too long; none if empty */
  readonly channelPorts: readonly number[];
  readonly sdkFolder: string;
  /** it takes only the time of processors that all others leave */
  readonly isSpare: boolean;
}

/** Told once it was asked to end. */
export interface FloodCounts {
  readonly posts: number;
  /** posts that were not answered with status 200, or not at all */
  readonly unanswered: number;
  /** answers that hold a refusal */
  readonly refused: number;
  readonly frames: number;
}
