/** Content of one record before it is encrypted (RFC 5246, 6.2.1). */
export const RECORD_CONTENT_BYTES_MAX = 16_384;

/** One record as it travels, without its header: the content, and what the cipher may add. */
export const RECORD_FRAGMENT_BYTES_MAX = RECORD_CONTENT_BYTES_MAX + 2048;

/** Records one after another without content; who sends more of them wastes our time. */
export const EMPTY_RECORDS_MAX = 32;

/** Warnings of one client. */
export const WARNINGS_MAX = 4;

/** One message of the handshake. Certificates are the longest; SM ones take about 600 bytes each. */
export const HANDSHAKE_MESSAGE_BYTES_MAX = 32_768;

/** Certificates in one message: two of the client, its agency, the chain, and some to spare. */
export const CERTIFICATES_MAX = 8;

/** Records under one key: far below where the modes of SM4 begin to leak. An SDK then connects again. */
export const RECORDS_MAX = 2 ** 32;

/** Sessions that clients may resume; the one not used for longest is forgotten. */
export const SESSIONS_KEPT_MAX = 1024;

/** How long a session may be resumed. */
export const SESSION_LIFETIME_MS = 10 * 60_000;
