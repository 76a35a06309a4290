/** Bytes of one HTTP request body: a batch of 1,000 transactions, or one that deploys 256 KiB of code, fits amply. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Members and elements in the JSON of one body, by the signs between them: a batch of 10,000 calls has half as many. */
export const JSON_VALUES_MAX = 250_000;

/** The same of one request, alone or in a batch: no method reads a hundredth of it. */
export const REQUEST_VALUES_MAX = 10_000;

/** Lists and objects in one another: jsoncpp, which 2.x uses, parses no more. */
export const JSON_DEPTH_MAX = 1000;

/** Bytes of all bodies that are being received or answered: without it, the two limits around it allow 64 GiB. */
export const HELD_BYTES_MAX = 512 * 1024 * 1024;

/** A request of more bytes waits for its turn before it is parsed, so that those of others that are ready come first. */
export const LIGHT_BYTES_MAX = 16 * 1024;

/** Bytes of a long batch that are parsed and run in one go, if no request of it is longer. */
export const PIECE_BYTES = 256 * 1024;

/** A piece that took at least so long is followed by a rest, so many times as long, without pieces. */
export const LONG_PIECE_MS = 2;
export const REST_FACTOR = 2;

/** What is done in one go comes before pieces of what is long, so often in a row. */
export const WHOLE_IN_A_ROW_MAX = 8;

/** Characters that the requests of one batch may be answered with by one group: more than that is more than a node has memory for. */
export const ANSWER_CHARACTERS_MAX = 64 * 1024 * 1024;

/** Characters of an answer that are encoded in one go. */
export const ENCODED_CHARACTERS = 256 * 1024;

/** Bytes of an answer that are written in one go. */
export const WRITE_BYTES_MAX = 256 * 1024;

/** Bytes of all answers that clients have not taken yet: above it the one that is longest is given up. */
export const UNREAD_BYTES_MAX = 512 * 1024 * 1024;

/** A long answer of which nothing is taken for so long: the other side has stopped reading. */
export const READ_TIMEOUT_MS = 30_000;

/** Requests in one JSON-RPC batch. */
export const BATCH_REQUESTS_MAX = 10_000;

/** HTTP connections open at once; further ones wait in the system's backlog. */
export const CONNECTIONS_MAX = 2000;

/** A client may take this long to send its headers, and its whole request. */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 60_000;

/** An idle connection is closed after this. */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Characters of a caller's text that an error repeats. */
export const ECHO_CHARACTERS_MAX = 64;

/** Bytes of input a `call` may carry. */
export const CALL_DATA_BYTES_MAX = 8 * 1024 * 1024;
