/*
 * SM4-GCM (GB/T 32907-2016; NIST SP 800-38D; RFC 8998). Where the processor has GFNI or AES instructions, nothing depends
 * on secrets but the data itself: no look-up, no branch. Elsewhere SM4 looks up tables, as it does in JavaScript.
 */
#ifndef MENGLIAN_SM4_GCM_H
#define MENGLIAN_SM4_GCM_H

#include <stddef.h>
#include <stdint.h>

#define SM4_KEY_BYTES 16
#define SM4_ROUNDS 32
#define SM4_GCM_NONCE_BYTES 12
#define SM4_GCM_TAG_BYTES 16
/** Longest message, and longest additional data: the 32-bit counter stays far from its end. */
#define SM4_GCM_BYTES_MAX ((size_t)1 << 31)

/** Powers of the hash key, as many as blocks are hashed with one reduction. */
#define GHASH_POWERS 8

/** An element of GHASH's field as an integer whose lowest bit is x^127's. */
struct ghash_element {
    uint64_t low, high;
};

/** A prepared key; the same whatever instructions are used. */
struct sm4_gcm_key {
    uint32_t round_keys[SM4_ROUNDS];
    /** powers[i] is the hash key to the power i + 1, times x^128 for each factor but the first. */
    struct ghash_element powers[GHASH_POWERS];
};

/** Call once, before everything else. */
void sm4_gcm_setup(void);

/** @param bytes SM4_KEY_BYTES */
void sm4_gcm_prepare(struct sm4_gcm_key *key, const unsigned char *bytes);

/** Encrypts in place. @param data followed by room for the tag */
void sm4_gcm_seal(
    const struct sm4_gcm_key *key, const unsigned char *nonce, const unsigned char *additional, size_t additional_length,
    unsigned char *data, size_t length);

/** Decrypts in place, after the tag behind the data was found right. @return whether it was; if not, data is untouched */
int sm4_gcm_open(
    const struct sm4_gcm_key *key, const unsigned char *nonce, const unsigned char *additional, size_t additional_length,
    unsigned char *data, size_t length);

/** For tests: at most so many blocks of SM4 in one vector from here on: 16, 8, 4 or 1. @return how many it will be */
int sm4_use_lanes(int most);

#endif
