/* Inverses by libsecp256k1's modinv64 (Bernstein and Yang, "Fast constant-time gcd"), which takes any odd modulus. */
#ifndef MENGLIAN_SM2_INVERSE_H
#define MENGLIAN_SM2_INVERSE_H

#include "words.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "../secp256k1/src/util.h"
#include "../secp256k1/src/int128_impl.h"
#include "../secp256k1/src/modinv64_impl.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#define WORD_62 0x3FFFFFFFFFFFFFFFULL

static void to_signed62(secp256k1_modinv64_signed62 *to, const uint64_t a[WORDS]) {
    to->v[0] = (int64_t)(a[0] & WORD_62);
    to->v[1] = (int64_t)((a[0] >> 62 | a[1] << 2) & WORD_62);
    to->v[2] = (int64_t)((a[1] >> 60 | a[2] << 4) & WORD_62);
    to->v[3] = (int64_t)((a[2] >> 58 | a[3] << 6) & WORD_62);
    to->v[4] = (int64_t)(a[3] >> 56);
}

/** @param a its limbs are from 0 to 2^62 - 1, as the library leaves them */
static void from_signed62(uint64_t to[WORDS], const secp256k1_modinv64_signed62 *a) {
    const uint64_t limb[5] = {
        (uint64_t)a->v[0], (uint64_t)a->v[1], (uint64_t)a->v[2], (uint64_t)a->v[3], (uint64_t)a->v[4]};
    to[0] = limb[0] | limb[1] << 62;
    to[1] = limb[1] >> 2 | limb[2] << 60;
    to[2] = limb[2] >> 4 | limb[3] << 58;
    to[3] = limb[3] >> 6 | limb[4] << 56;
}

/** In constant time; the inverse of 0 is 0. @param a below the modulus */
static void words_invert(uint64_t to[WORDS], const uint64_t a[WORDS], const secp256k1_modinv64_modinfo *modulus) {
    secp256k1_modinv64_signed62 value;
    to_signed62(&value, a);
    secp256k1_modinv64(&value, modulus);
    from_signed62(to, &value);
}

/** The same, in a time that depends on a. */
static void words_invert_public(uint64_t to[WORDS], const uint64_t a[WORDS], const secp256k1_modinv64_modinfo *modulus) {
    secp256k1_modinv64_signed62 value;
    to_signed62(&value, a);
    secp256k1_modinv64_var(&value, modulus);
    from_signed62(to, &value);
}

#endif
