import type { NetworkModule } from './ports.js';

/** Modules in their order of service. */
export const MODULES: readonly NetworkModule[] = ['consensus', 'sync', 'transactions', 'amop'];

/** Longest payload of one message. A frame that claims more closes the connection before anything is stored. */
export const MAX_PAYLOAD_BYTES: Readonly<Record<NetworkModule, number>> = {
  consensus: 8 * 1024 * 1024,
  sync: 8 * 1024 * 1024,
  transactions: 2 * 1024 * 1024,
  amop: 5 * 1024 * 1024,
};

/**
 * What may wait for one peer, headers included, of one group; of all groups together twice as much, but transactions, which
 * groups share by turns. Payloads are kept by reference, so a broadcast that waits for many peers
 * is in memory once.
 */
export const MAX_QUEUED_BYTES: Readonly<Record<NetworkModule, number>> = {
  consensus: 32 * 1024 * 1024,
  sync: 16 * 1024 * 1024,
  transactions: 8 * 1024 * 1024,
  amop: 16 * 1024 * 1024,
};
/** Bounds the bookkeeping of a queue of tiny messages. */
export const MAX_QUEUED_MESSAGES = 65_536;

/**
 * Bytes handed to the muxer at once: with the header of yamux (12) and the tag of noise (16) this is exactly one noise
 * message of 65,535 bytes. Small messages are packed up to it, large ones cut by it, so that a waiting consensus message
 * is never behind more than this and what the kernel holds.
 */
export const BATCH_BYTES = 65_535 - 16 - 12;

/** Receive window of a stream, and so the longest data frame a peer may send through the muxer. */
export const STREAM_WINDOW_BYTES = 1024 * 1024;
/** One stream a module. */
export const MAX_STREAMS_PER_CONNECTION = MODULES.length;

/** Certificate chain in PEM; three certificates of build_chain are about 2.5 kB. */
export const MAX_CERTIFICATE_CHAIN_BYTES = 16 * 1024;
/** What a connection may bring before the handshake: names of protocols, about 90 bytes. */
export const MAX_NEGOTIATION_BYTES = 512;
/** What it may bring in the handshake: noise, the certificate chain, and the first frames of an eager peer. */
export const MAX_HANDSHAKE_BYTES = 128 * 1024;
/** From the accepted TCP connection to the verified certificate. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** From the verified certificate to the first heartbeat on the streams of all modules. */
export const LINK_SETUP_TIMEOUT_MS = 10_000;

/** Connections in handshake, from all strangers together. */
export const MAX_PENDING_HANDSHAKES = 256;
/** New connections a second from one address: a handshake costs milliseconds. Several nodes may share an address. */
export const MAX_CONNECTIONS_PER_SECOND = 20;

/** Every stream carries a heartbeat this often. */
export const HEARTBEAT_INTERVAL_MS = 2_500;
/** A peer that was silent for this many heartbeat intervals is dead: 10 s, plus up to one interval. */
export const SILENT_INTERVALS = 4;

/** A connection that lost against another one to the same peer is read for this long before it is closed. */
export const RETIREMENT_MS = 2_000;
/** How long a closing connection may take to send what it has. */
export const CLOSE_TIMEOUT_MS = 1_000;

export const FIRST_RETRY_MS = 500;
export const MAX_RETRY_MS = 15_000;

/** Static peers of one node (`p2p.max_nodes_limit` of 2.x defaults to it). */
export const MAX_STATIC_PEERS = 100;

/** A certificate that expires while its connection lasts is noticed within this time. */
export const CERTIFICATE_RECHECK_MS = 600_000;

/** Refused strangers that are reported in one heartbeat interval; the rest are counted, so that knocking fills no disk. */
export const MAX_REFUSALS_REPORTED = 20;
