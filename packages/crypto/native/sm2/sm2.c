#include "sm2.h"

#include "bulk.h"
#include "nonce.h"

#define GENERATOR_BITS 7

int sm2_use_vectors(int wanted) {
#if HAS_VECTORS
    use_vectors = wanted && vectors_are_supported();
#else
    (void)wanted;
#endif
    return use_vectors;
}

int sm2_setup(void) {
    sm2_use_vectors(1);
    generator_comb.points = malloc(comb_size(GENERATOR_BITS) * sizeof(*generator_comb.points));
    if (generator_comb.points == NULL || !comb_fill(&generator_comb, &GENERATOR, GENERATOR_BITS)) return 0;
    identity_setup();
    return 1;
}

/** @return whether it is from 1 to n - 2: with n - 1 the signing equation divides by zero */
static int read_private_key(scalar *key, const unsigned char *bytes) {
    static const scalar one = {{1, 0, 0, 0}};
    scalar next;
    int is_scalar = scalar_read_exactly(key, bytes);
    scalar_add(&next, key, &one);
    return is_scalar & !words_are_zero(next.word);
}

int sm2_public_key(unsigned char key[SM2_KEY_BYTES], const unsigned char private_key[SM2_PRIVATE_KEY_BYTES]) {
    homogeneous_point point;
    affine_point affine;
    element inverse;
    scalar number;
    if (!read_private_key(&number, private_key)) return 0;
    comb_multiply_secret(&point, &generator_comb, &number);
    field_invert(&inverse, &point.z);
    field_multiply(&affine.x, &point.x, &inverse);
    field_multiply(&affine.y, &point.y, &inverse);
    affine_write(key, &affine);
    return 1;
}

/** Signs with one nonce. @return 0 where it makes no signature, which happens to one in 2^255 */
static int sign_with(
    unsigned char pair[SM2_PAIR_BYTES], const scalar *e, const scalar *key, const scalar *key_inverse, const scalar *nonce) {
    homogeneous_point point;
    element x;
    scalar r, s, sum;
    comb_multiply_secret(&point, &generator_comb, nonce);
    field_invert(&x, &point.z);
    field_multiply(&x, &x, &point.x);
    field_to_words(r.word, &x);
    words_reduce_once(r.word, 0, ORDER);
    scalar_add(&r, &r, e);
    scalar_add(&sum, &r, nonce);
    scalar_multiply(&s, &r, key);
    scalar_subtract(&s, nonce, &s);
    scalar_multiply(&s, &s, key_inverse);
    words_write(pair, r.word);
    words_write(pair + 32, s.word);
    return !words_are_zero(r.word) & !words_are_zero(sum.word) & !words_are_zero(s.word);
}

int sm2_sign_hash(
    unsigned char pair[SM2_PAIR_BYTES],
    const unsigned char hash[32],
    const unsigned char private_key[SM2_PRIVATE_KEY_BYTES],
    const unsigned char *entropy,
    size_t entropy_length) {
    static const scalar one = {{1, 0, 0, 0}};
    struct nonce_source source;
    unsigned char reduced[32];
    scalar e, key, key_inverse, nonce;
    int round;
    if (!read_private_key(&key, private_key)) return 0;
    /* 1 / (1 + d) */
    scalar_add(&key_inverse, &key, &one);
    scalar_invert(&key_inverse, &key_inverse);
    scalar_read(&e, hash);
    words_write(reduced, e.word);
    nonce_begin(&source, private_key, reduced, entropy, entropy_length);
    for (round = 0; round < NONCE_ROUNDS_MAX; round++) {
        if (nonce_next(&source, &nonce) && sign_with(pair, &e, &key, &key_inverse, &nonce)) return 1;
        nonce_refuse(&source);
    }
    return 0;
}

int sm2_sign(
    unsigned char signature[SM2_SIGNATURE_BYTES],
    const unsigned char digest[SM2_DIGEST_BYTES],
    const unsigned char private_key[SM2_PRIVATE_KEY_BYTES],
    const unsigned char *entropy,
    size_t entropy_length) {
    unsigned char hash[32];
    if (!sm2_public_key(signature + SM2_PAIR_BYTES, private_key)) return 0;
    hash_of(hash, digest, signature + SM2_PAIR_BYTES);
    return sm2_sign_hash(signature, hash, private_key, entropy, entropy_length);
}

int sm2_verify_hash(
    const unsigned char hash[32], const unsigned char pair[SM2_PAIR_BYTES], const unsigned char key[SM2_KEY_BYTES]) {
    struct claim claim;
    const struct key_table *table;
    jacobian_point point;
    affine_point signer;
    if (!claim_read(&claim, pair, hash)) return 0;
    table = key_table_take(key, 1);
    if (table == NULL && !affine_read(&signer, key)) return 0;
    claimed_point(&point, &claim, table, &signer);
    key_table_return(table);
    return claim_is_met(&claim, &point);
}

int sm2_verify(const unsigned char digest[SM2_DIGEST_BYTES], const unsigned char signature[SM2_SIGNATURE_BYTES]) {
    unsigned char hash[32];
    hash_of(hash, digest, signature + SM2_PAIR_BYTES);
    return sm2_verify_hash(hash, signature, signature + SM2_PAIR_BYTES);
}

/** sm2_verify, for one check of any form. */
static void check_alone(unsigned char *verdict, const unsigned char *check) {
    unsigned char hash[32];
    if (check[SM2_CHECK_FORM_AT] != SM2_CHECK_COMPLETE) return;
    hash_of(hash, check + SM2_CHECK_DIGEST_AT, check + SM2_CHECK_KEY_AT);
    *verdict = (unsigned char)sm2_verify_hash(hash, check + SM2_CHECK_PAIR_AT, check + SM2_CHECK_KEY_AT);
}

void sm2_verify_many(unsigned char *verdicts, unsigned char *parities, const unsigned char *checks, size_t count) {
    struct bulk bulk;
    size_t i;
    memset(verdicts, 0, count);
    memset(parities, SM2_PARITY_UNKNOWN, count);
    if (!bulk_begin(&bulk, verdicts, parities, checks, count)) {
        for (i = 0; i < count; i++) check_alone(&verdicts[i], checks + i * SM2_CHECK_BYTES);
        return;
    }
    gather_candidates(&bulk, count);
    hash_candidates(&bulk);
    decide_candidates(&bulk);
    bulk_end(&bulk);
}
