/*
 * SM2 signatures (GB/T 32918.2-2016) as the suite `sm` defines them: of SM3(Z || digest), with the signer's key behind r and
 * s, and the signer identity that is used wherever nothing else is agreed on. Plain C without Node. Every function may be
 * called from several threads at once, after sm2_setup.
 */
#ifndef MENGLIAN_SM2_H
#define MENGLIAN_SM2_H

#include <stddef.h>
#include <stdint.h>

#define SM2_DIGEST_BYTES 32
#define SM2_KEY_BYTES 64
#define SM2_PRIVATE_KEY_BYTES 32
/** r || s */
#define SM2_PAIR_BYTES 64
/** r || s || X || Y */
#define SM2_SIGNATURE_BYTES (SM2_PAIR_BYTES + SM2_KEY_BYTES)


/*
 * One packed check: what is known of it, digest, signature r || s || X || Y, and a guess of the parity of y of the point R
 * that the signature leads to: 0 or 1, or anything else where there is none.
 */
#define SM2_CHECK_FORM_AT 0
#define SM2_CHECK_DIGEST_AT 1
#define SM2_CHECK_PAIR_AT (SM2_CHECK_DIGEST_AT + SM2_DIGEST_BYTES)
#define SM2_CHECK_KEY_AT (SM2_CHECK_PAIR_AT + SM2_PAIR_BYTES)
#define SM2_CHECK_HINT_AT (SM2_CHECK_KEY_AT + SM2_KEY_BYTES)
#define SM2_CHECK_BYTES (SM2_CHECK_HINT_AT + 1)

/** The form of a check whose digest and signature are of their length. */
#define SM2_CHECK_COMPLETE 1

/** Checks of one batch: 4096 need 4 MB. */
#define SM2_CHECKS_MAX 4096

#define SM2_PARITY_UNKNOWN 255

/** Computes the generator's table, under a millisecond. Call it once, before everything else. @return 0 without memory */
int sm2_setup(void);

/**
 * For tests and measurements: whether eight points are computed at a time, which is so from the start where the processor
 * can. Not while another thread is at work here.
 * @return whether it is so now
 */
int sm2_use_vectors(int wanted);

/** In constant time. @return 1, or 0 when the private key is not from 1 to n - 2 */
int sm2_public_key(unsigned char key[SM2_KEY_BYTES], const unsigned char private_key[SM2_PRIVATE_KEY_BYTES]);

/**
 * Signs a hash, in constant time; nonce by RFC 6979 with HMAC-SM3 and, if there is any, entropy.
 * @param pair r || s: written
 * @param hash SM3(Z || message)
 * @return 1, or 0 when the private key is not from 1 to n - 2
 */
int sm2_sign_hash(
    unsigned char pair[SM2_PAIR_BYTES],
    const unsigned char hash[32],
    const unsigned char private_key[SM2_PRIVATE_KEY_BYTES],
    const unsigned char *entropy,
    size_t entropy_length);

/** sm2_sign_hash of SM3(Z || digest), with the public key behind it. */
int sm2_sign(
    unsigned char signature[SM2_SIGNATURE_BYTES],
    const unsigned char digest[SM2_DIGEST_BYTES],
    const unsigned char private_key[SM2_PRIVATE_KEY_BYTES],
    const unsigned char *entropy,
    size_t entropy_length);

/** @return whether 0 < r, s < n, r + s is not n, the key is a point of the curve, and it made r and s for this hash */
int sm2_verify_hash(
    const unsigned char hash[32], const unsigned char pair[SM2_PAIR_BYTES], const unsigned char key[SM2_KEY_BYTES]);

/** sm2_verify_hash of SM3(Z || digest), for the key in the signature. */
int sm2_verify(const unsigned char digest[SM2_DIGEST_BYTES], const unsigned char signature[SM2_SIGNATURE_BYTES]);

/**
 * sm2_verify for many packed checks, those with right guesses together. Without memory or randomness it checks them one by
 * one.
 * @param count at most SM2_CHECKS_MAX
 * @param verdicts for each whether the signature is valid
 * @param parities for each valid one the parity that was guessed right or found, or SM2_PARITY_UNKNOWN
 */
void sm2_verify_many(unsigned char *verdicts, unsigned char *parities, const unsigned char *checks, size_t count);

#endif
