/*
 * SM3 (GB/T 32905-2016), of one message or of many at a time. Processors of x86-64 with AVX2 or AVX-512 compute eight or
 * sixteen at once; elsewhere one after the other, with the same results.
 */
#ifndef MENGLIAN_SM3_H
#define MENGLIAN_SM3_H

#include <stddef.h>

#include "byteRange.h"

#define SM3_HASH_BYTES 32
#define SM3_BLOCK_BYTES 64

/** A message of which some has been read. A copy goes its own way. */
struct sm3 {
    uint32_t state[8];
    uint64_t length;
    unsigned char block[SM3_BLOCK_BYTES];
};

void sm3_begin(struct sm3 *message);
void sm3_add(struct sm3 *message, const unsigned char *bytes, size_t length);
/** Ends the message. @param hash SM3_HASH_BYTES */
void sm3_end(struct sm3 *message, unsigned char *hash);

/** One message: what the others are held against. @param hash SM3_HASH_BYTES */
void sm3_hash(unsigned char *hash, const unsigned char *bytes, size_t length);

/** Call once, before sm3_hash_many. */
void sm3_setup(void);

/**
 * @param hashes SM3_HASH_BYTES for each message
 * @param ranges within the bytes, in any order; they may overlap
 */
void sm3_hash_many(unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count);

/** For tests: at most so many messages at once from here on. @return how many it will be */
int sm3_use_lanes(int most);

#endif
