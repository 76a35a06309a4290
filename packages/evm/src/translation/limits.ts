/**
 * Bounds of translation. None of them decides a result, only which core computes it. Together they hold the translator to
 * about as much work as the interpreter has already spent on the code, and what it keeps to some megabytes a thread.
 */

/**
 * Blocks that the interpreter enters before a code is translated: about as long as translating takes. Each later attempt,
 * for parts that the one before left out, waits for twice as many.
 */
export const TRANSLATION_HEAT = 8_192;
export const TRANSLATION_HEAT_FACTOR = 2;
/** Attempts for one code. */
export const TRANSLATIONS_PER_CODE_MAX = 8;

/**
 * Blocks of one translation; a block counts once for each stack height and set of return addresses it is reached with. The
 * engine's optimising compiler takes 60 ms for as many in a row, and time in the square of them.
 */
export const STATES_MAX = 512;
export const STATES_PER_BLOCK_MAX = 64;
/** Operations of a block, and items on the stack at its entry. What is larger is left to the interpreter. */
export const BLOCK_OPERATIONS_MAX = 1_024;
export const ENTRY_HEIGHT_MAX = 56;
/** Items on the stack anywhere, each a local variable: recursion 1,024 deep must fit into the stack of a thread. */
export const HEIGHT_MAX = 72;
/** Conditions inside one another in the text. */
export const NESTING_MAX = 24;
/** Characters of text after which no further block is begun, for each block that the interpreter had entered, and at most. */
export const TEXT_LENGTH_PER_HEAT = 4;
export const TEXT_LENGTH_GOAL_MAX = 160 * 1024;
/** What an operation becomes at least, on the average; what the goal has room for is looked at. */
export const TEXT_LENGTH_PER_OPERATION = 8;
/** Of the goal, for each state: so the states grow with the work that was seen, too. */
export const TEXT_LENGTH_PER_STATE = 256;
/** Characters of text; a longer one is thrown away and the code stays interpreted. */
export const TEXT_LENGTH_MAX = 512 * 1024;

/** Translations kept by a thread, in number and in characters of text; the one that was made first goes first. */
export const TRANSLATIONS_MAX = 256;
export const TRANSLATIONS_TEXT_LENGTH_MAX = 8 * 1024 * 1024;
