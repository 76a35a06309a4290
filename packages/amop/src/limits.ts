/** Bytes of the name of a topic: its length is one byte, which counts itself. */
export const TOPIC_BYTES_MAX = 254;

/** Entries of the list of topics of one session; further ones are ignored. */
export const TOPICS_PER_SESSION_MAX = 1024;

/** Different topics of all sessions of a node, and what a peer may tell of its own. Further ones are ignored. */
export const TOPICS_PER_NODE_MAX = 8192;

/** Private topics of one peer that are kept and verified; further ones never receive. */
export const PRIVATE_TOPICS_PER_PEER_MAX = 1024;

/** Bytes of a body: topic and content. A larger one is refused. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** Bytes of one message between nodes: a body and the fields around it. */
export const MESSAGE_BYTES_MAX = BODY_BYTES_MAX + 64;

/** Unicasts under way on a node: those its sessions published, and as many that peers sent to it. */
export const UNDER_WAY_MAX = 4096;

/** Of these, those of one session or one peer: nobody takes all the room. */
export const UNDER_WAY_PER_OWNER_MAX = 512;

/** Bytes of their bodies, which are kept for the next attempt. */
export const UNDER_WAY_BYTES_MAX = 64 * 1024 * 1024;
export const UNDER_WAY_BYTES_PER_OWNER_MAX = 16 * 1024 * 1024;

/** How long a peer may take to answer a unicast before the next one is asked. */
export const PEER_TIMEOUT_MS = 30_000;

/** How long a session may take to answer a unicast before the next one is asked. */
export const SESSION_TIMEOUT_MS = 5000;

/** Sessions that stay silent before a node gives up: it then says so while its peer still waits. */
export const SILENT_SESSIONS_MAX = 5;

/** Peers are told topics at most this often; sessions that come and go are told of together. */
export const TOPICS_INTERVAL_MS = 250;

/** What is not verified yet is tried again this often. */
export const VERIFICATION_INTERVAL_MS = 5000;

/** Verifications that the topics of one peer cause in one such interval. */
export const VERIFICATIONS_PER_PEER_MAX = 16;
