/* What SM2 signs: SM3(Z || message), where Z binds it to the signer's identity, the curve and the key (GB/T 32918.2, 5.5). */
#ifndef MENGLIAN_SM2_IDENTITY_H
#define MENGLIAN_SM2_IDENTITY_H

#include "../sm3.h"
#include "point.h"
#include "sm2.h"

/** The identity wherever nothing else is agreed on (GM/T 0009-2012, section 10). */
#define SIGNER_ID "1234567812345678"
#define SIGNER_ID_BYTES (sizeof(SIGNER_ID) - 1)
/** Its length in bits, two bytes; the identity; a, b and the generator. */
#define SIGNER_PREFIX_BYTES (2 + SIGNER_ID_BYTES + 4 * 32)

/** Z is the hash of this and the key. Never written after sm2_setup. */
static unsigned char signer_prefix[SIGNER_PREFIX_BYTES];
/** A message that begins so. */
static struct sm3 signer_prefix_read;

static void identity_setup(void) {
    unsigned char *at = signer_prefix;
    uint64_t words[WORDS];
    element a;
    *at++ = 0;
    *at++ = 8 * SIGNER_ID_BYTES;
    memcpy(at, SIGNER_ID, SIGNER_ID_BYTES);
    at += SIGNER_ID_BYTES;
    /* a = -3 */
    field_double(&a, &FIELD_ONE);
    field_add(&a, &a, &FIELD_ONE);
    field_negate(&a, &a);
    field_to_words(words, &a);
    words_write(at, words);
    field_to_words(words, &CURVE_B);
    words_write(at + 32, words);
    affine_write(at + 64, &GENERATOR);
    sm3_begin(&signer_prefix_read);
    sm3_add(&signer_prefix_read, signer_prefix, sizeof(signer_prefix));
}

/** SM3(Z || digest) */
static void hash_of(unsigned char hash[32], const unsigned char *digest, const unsigned char *key) {
    struct sm3 message = signer_prefix_read;
    sm3_add(&message, key, SM2_KEY_BYTES);
    sm3_end(&message, hash);
    sm3_begin(&message);
    sm3_add(&message, hash, SM3_HASH_BYTES);
    sm3_add(&message, digest, SM2_DIGEST_BYTES);
    sm3_end(&message, hash);
}

#endif
