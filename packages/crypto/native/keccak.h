/*
 * keccak-256 with the original padding (0x01), of one message or of many at a time. Processors of x86-64 with AVX2 or
 * AVX-512 compute four or eight at once; elsewhere one after the other, with the same results.
 * Source: G. Bertoni, J. Daemen, M. Peeters, G. Van Assche, The Keccak reference, version 3.0, 2011.
 */
#ifndef MENGLIAN_KECCAK_H
#define MENGLIAN_KECCAK_H

#include <stddef.h>

#include "byteRange.h"

#define KECCAK_HASH_BYTES 32

/** Call once, before the others. */
void keccak_setup(void);

/** One message: what the others are held against. @param hash KECCAK_HASH_BYTES */
void keccak_hash(unsigned char *hash, const unsigned char *bytes, size_t length);

/**
 * @param hashes KECCAK_HASH_BYTES for each message
 * @param ranges within the bytes, in any order; they may overlap
 */
void keccak_hash_many(
    unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count);

/** For tests: at most so many messages at once from here on. @return how many it will be */
int keccak_use_lanes(int most);

#endif
