/**
 * Bytes of transactions in one block. A rule of the protocol, the same on all nodes: leaders keep it and replicas refuse
 * a proposal above it, because a node that missed the block must be able to fetch it in one message of the sync plane
 * (packages/network/src/limits.ts), beside its header and signatures.
 */
export const BLOCK_TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;
