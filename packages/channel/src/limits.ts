/** Bytes of a frame that are written in one go: a long frame of one session leaves time for others. */
export const WRITE_BYTES_MAX = 256 * 1024;

/** SDK connections open at once; further ones are closed. */
export const SESSIONS_MAX = 1000;

/** Bytes that wait to be sent on one session, beside the frame that is being sent; who reads slower is dropped. */
export const OUTGOING_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes that wait on all sessions: above it the session for which the most waits is dropped. */
export const ALL_OUTGOING_BYTES_MAX = 512 * 1024 * 1024;

/** Bytes of incomplete frames and of requests under way, of all sessions: above it the session that holds most is dropped. */
export const ALL_INCOMING_BYTES_MAX = 512 * 1024 * 1024;

/** Requests of one session that are not answered yet; reading from it pauses until some are. */
export const REQUESTS_MAX = 256;

/** A session that neither reads nor sends anything for so long is closed, as in 2.x. */
export const IDLE_TIMEOUT_MS = 60_000;

/** A client may take this long to send a whole frame. */
export const FRAME_TIMEOUT_MS = 120_000;

/** One frame that is not taken from the socket for so long: the other side has stopped reading. */
export const WRITE_TIMEOUT_MS = 30_000;

/** A client may take this long for the handshake of TLS. */
export const TLS_HANDSHAKE_TIMEOUT_MS = 10_000;

/** Questions of the node to one SDK that are not answered yet. */
export const QUESTIONS_MAX = 10_000;

/** What an SDK has not answered by then it need not answer any more: twice as long as AMOP waits. */
export const QUESTION_TIMEOUT_MS = 10_000;

/** Receipts that all sessions wait for; a request that would wait for another one is refused. */
export const RECEIPTS_AWAITED_MAX = 200_000;

/** Bytes of JSON that is no request: a report of the longest topics, or of what events are wanted, fits amply. */
export const JSON_BYTES_MAX = 1024 * 1024;

/** Names in one report of topics; with more the report is ignored. */
export const TOPICS_MAX = 1024;
