/* Reading and writing of signatures and keys; what a valid signature looks like. */
#ifndef MENGLIAN_FORM_H
#define MENGLIAN_FORM_H

#include "curve.h"
#include "ecdsa.h"

/** @return 1 when 0 < r < n, 0 < s <= n/2 and v is 0 or 1 (signatureForm.ts has the same rules) */
static int read_signature(secp256k1_scalar *r, secp256k1_scalar *s, const unsigned char signature[ECDSA_SIGNATURE_BYTES]) {
    int is_r_high, is_s_high;
    secp256k1_scalar_set_b32(r, signature, &is_r_high);
    secp256k1_scalar_set_b32(s, signature + 32, &is_s_high);
    return !is_r_high && !is_s_high && !secp256k1_scalar_is_zero(r) && !secp256k1_scalar_is_zero(s) &&
           !secp256k1_scalar_is_high(s) && signature[64] <= 1;
}

typedef secp256k1_ge key_point;

/** @return 1 when X and Y are below p and the point is on the curve (which leaves infinity out) */
static int read_key(key_point *point, const unsigned char key[ECDSA_KEY_BYTES]) {
    secp256k1_fe x, y;
    if (!secp256k1_fe_set_b32_limit(&x, key) || !secp256k1_fe_set_b32_limit(&y, key + 32)) return 0;
    secp256k1_ge_set_xy(point, &x, &y);
    return secp256k1_ge_is_valid_var(point);
}

/** @param point not infinity */
static void write_key(unsigned char key[ECDSA_KEY_BYTES], secp256k1_ge *point) {
    secp256k1_fe_normalize_var(&point->x);
    secp256k1_fe_normalize_var(&point->y);
    secp256k1_fe_get_b32(key, &point->x);
    secp256k1_fe_get_b32(key + 32, &point->y);
}

#endif
