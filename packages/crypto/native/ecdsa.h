/*
 * ECDSA over secp256k1 as the suite `ecdsa` defines it. Plain C without Node: addon.c is the door to JavaScript.
 * Every function may be called from several threads at once, after ecdsa_setup.
 */
#ifndef MENGLIAN_ECDSA_H
#define MENGLIAN_ECDSA_H

#include <stddef.h>
#include <stdint.h>

#define ECDSA_DIGEST_BYTES 32
#define ECDSA_KEY_BYTES 64
#define ECDSA_SIGNATURE_BYTES 65
#define ECDSA_PRIVATE_KEY_BYTES 32

/* One packed check: what is known of the signature, digest, signature r || s || v, guess of the public key X || Y. */
#define CHECK_FORM_AT 0
#define CHECK_DIGEST_AT 1
#define CHECK_SIGNATURE_AT (CHECK_DIGEST_AT + ECDSA_DIGEST_BYTES)
#define CHECK_GUESS_AT (CHECK_SIGNATURE_AT + ECDSA_SIGNATURE_BYTES)
#define CHECK_BYTES (CHECK_GUESS_AT + ECDSA_KEY_BYTES)

/** Checks of one batch: 4096 need 6 MB. */
#define ECDSA_CHECKS_MAX 4096

enum check_form {
    /** Digest or signature are not of their length. */
    CHECK_MALFORMED = 0,
    CHECK_WITHOUT_GUESS = 1,
    CHECK_WITH_GUESS = 2
};

enum check_verdict {
    /** No key made this signature. */
    VERDICT_REFUSED = 0,
    /** The guess is the signer. */
    VERDICT_GUESSED = 1,
    /** There was no guess or a wrong one; the signer's key has been written. */
    VERDICT_RECOVERED = 2
};

/**
 * Computes the tables of points, some milliseconds. Call it once, before everything else.
 * @return 1, or 0 without memory or randomness
 */
int ecdsa_setup(void);

/**
 * For tests and measurements: whether eight points are computed at a time, which is so from the start where the processor
 * can. Not while another thread is at work here.
 * @return whether it is so now
 */
int ecdsa_use_vectors(int wanted);

/** @return 1, or 0 when the private key is out of range */
int ecdsa_public_key(unsigned char key[ECDSA_KEY_BYTES], const unsigned char private_key[ECDSA_PRIVATE_KEY_BYTES]);

/** Nonce by RFC 6979 with HMAC-SHA-256, low s. @return 1, or 0 when the private key is out of range */
int ecdsa_sign(
    unsigned char signature[ECDSA_SIGNATURE_BYTES],
    const unsigned char digest[ECDSA_DIGEST_BYTES],
    const unsigned char private_key[ECDSA_PRIVATE_KEY_BYTES]);

/** @return 1, or 0 when r, s or v are out of range, r is no x coordinate of the curve, or the key would be infinity */
int ecdsa_recover(
    unsigned char key[ECDSA_KEY_BYTES],
    const unsigned char digest[ECDSA_DIGEST_BYTES],
    const unsigned char signature[ECDSA_SIGNATURE_BYTES]);

/**
 * ecdsa_recover for many packed checks, those with right guesses together. Without memory or randomness it checks them
 * one by one.
 * @param count at most ECDSA_CHECKS_MAX
 * @param verdicts one check_verdict for each
 * @param keys ECDSA_KEY_BYTES for each, written where the verdict is VERDICT_RECOVERED
 */
void ecdsa_recover_many(unsigned char *verdicts, unsigned char *keys, const unsigned char *checks, size_t count);

#endif
