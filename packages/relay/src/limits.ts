/** Bundles that are under way to one chain at once, from one other; of more blocks the rest waits for the next step. */
export const BUNDLES_IN_FLIGHT_MAX = 8;

/** Bytes of receipts in one bundle: a transaction has 1 MiB, of which a header with a thousand sealers may take a quarter. */
export const BUNDLE_RECEIPT_BYTES_MAX = 704 * 1024;

/** Headers looked at to lead a light client from the sealers it knows to those of one block. */
export const ANCHOR_STEPS_MAX = 256;

/** Shadow accounts closed in one turn of one chain; the rest waits for the next turn. */
export const CLOSINGS_PER_TURN_MAX = 256;

/** Steps of one pair of chains in one run with `--once`; chains that keep sending would hold it for ever. */
export const STEPS_OF_ONE_RUN_MAX = 10_000;

/** How long a pair waits after a problem: doubled each time, from the first to the last of these. */
export const RETRY_MS_MIN = 500;
export const RETRY_MS_MAX = 30_000;

/** Chains that one relay serves: each pair is a loop of its own. */
export const CHAINS_MAX = 64;

/** Receipts that one request asks for: those of a block of thousands come in several answers. */
export const RECEIPTS_PER_REQUEST = 500;

/** Blocks looked through for one that says of which chain it is, where sealers were replaced while no relay ran. */
export const BLOCKS_SEARCHED_MAX = 1000;

/** How long a pair waits of which the target does not know the source: chains of many pairs use few. */
export const UNREGISTERED_PAUSE_MS = 10_000;

/** Messages looked through, the last ones first, for those that their receivers refused. */
export const MESSAGES_SEARCHED_MAX = 100_000n;

/** How often the heights of all nodes of a group are compared. */
export const HEIGHTS_COMPARED_MS = 5000;

/** Blocks that a node may be behind the highest one before that is asked instead: some are always on their way. */
export const NODE_BEHIND_BLOCKS_MAX = 2;

/** How old a block may be that tells of present sealers; of an older one a new block is asked for. */
export const MARK_AGE_BLOCKS_MAX = 20;
