/* Nonces by RFC 6979, 3.2, with HMAC-SM3 in place of HMAC-SHA-256; src/sm2.ts makes the same. */
#ifndef MENGLIAN_SM2_NONCE_H
#define MENGLIAN_SM2_NONCE_H

#include "../sm3.h"
#include "scalar.h"

/** Each fails with probability 2^-32, as the order begins with fffffffe; so the bound is never reached. */
#define NONCE_ROUNDS_MAX 64

struct nonce_source {
    unsigned char key[SM3_HASH_BYTES];
    unsigned char value[SM3_HASH_BYTES];
};

/** Begins HMAC-SM3 under a key of a hash's length: its inner or its outer hash. */
static void hmac_begin(struct sm3 *message, const unsigned char key[SM3_HASH_BYTES], unsigned char padding) {
    unsigned char block[SM3_BLOCK_BYTES];
    size_t i;
    for (i = 0; i < sizeof(block); i++) block[i] = (i < SM3_HASH_BYTES ? key[i] : 0) ^ padding;
    sm3_begin(message);
    sm3_add(message, block, sizeof(block));
}

static void hmac_end(struct sm3 *inner, const unsigned char key[SM3_HASH_BYTES], unsigned char *to) {
    unsigned char hash[SM3_HASH_BYTES];
    struct sm3 outer;
    sm3_end(inner, hash);
    hmac_begin(&outer, key, 0x5c);
    sm3_add(&outer, hash, sizeof(hash));
    sm3_end(&outer, to);
}

/** K = HMAC(K, V || separator || seed), V = HMAC(K, V) */
static void nonce_mix(
    struct nonce_source *source, unsigned char separator, const unsigned char *const seed[], const size_t lengths[], int parts) {
    struct sm3 message;
    int i;
    hmac_begin(&message, source->key, 0x36);
    sm3_add(&message, source->value, sizeof(source->value));
    sm3_add(&message, &separator, 1);
    for (i = 0; i < parts; i++) sm3_add(&message, seed[i], lengths[i]);
    hmac_end(&message, source->key, source->key);
    hmac_begin(&message, source->key, 0x36);
    sm3_add(&message, source->value, sizeof(source->value));
    hmac_end(&message, source->key, source->value);
}

/**
 * @param hash what is signed, below n
 * @param entropy additional data (3.6): nonces are safe without it, and other ones with it
 */
static void nonce_begin(
    struct nonce_source *source,
    const unsigned char private_key[32],
    const unsigned char hash[32],
    const unsigned char *entropy,
    size_t entropy_length) {
    const unsigned char *seed[3] = {private_key, hash, entropy};
    const size_t lengths[3] = {32, 32, entropy_length};
    memset(source->key, 0, sizeof(source->key));
    memset(source->value, 1, sizeof(source->value));
    nonce_mix(source, 0, seed, lengths, 3);
    nonce_mix(source, 1, seed, lengths, 3);
}

/** The next candidate. @return whether it is one: 0 < nonce < n; that a nonce was refused is no secret */
static int nonce_next(struct nonce_source *source, scalar *nonce) {
    struct sm3 message;
    hmac_begin(&message, source->key, 0x36);
    sm3_add(&message, source->value, sizeof(source->value));
    hmac_end(&message, source->key, source->value);
    return scalar_read_exactly(nonce, source->value);
}

/** Before another one is asked for. */
static void nonce_refuse(struct nonce_source *source) {
    nonce_mix(source, 0, NULL, NULL, 0);
}

#endif
