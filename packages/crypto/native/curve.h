/*
 * libsecp256k1 as one translation unit with this addon: bulk checking needs its field, scalars and points, and those are
 * static there. Include it from one file only.
 */
#ifndef MENGLIAN_CURVE_H
#define MENGLIAN_CURVE_H

#define ENABLE_MODULE_RECOVERY 1
/* Tables of 128 KiB and 22 KiB. Twice or eight times that gains nothing measurable. */
#define ECMULT_WINDOW_SIZE 12
#define COMB_BLOCKS 11
#define COMB_TEETH 6

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "secp256k1/src/secp256k1.c"
#include "secp256k1/src/ecmult_compute_table_impl.h"
#include "secp256k1/src/ecmult_gen_compute_table_impl.h"
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/** A point that is not infinity, both coordinates normalized; x = y = 0, which is on no curve, stands for infinity. */
typedef struct {
    secp256k1_fe x;
    secp256k1_fe y;
} affine_point;

static int affine_is_infinity(const affine_point *point) {
    return secp256k1_fe_is_zero(&point->y) && secp256k1_fe_is_zero(&point->x);
}

static void affine_set_infinity(affine_point *point) {
    secp256k1_fe_set_int(&point->x, 0);
    secp256k1_fe_set_int(&point->y, 0);
}

static void compute_tables(void) {
    secp256k1_ecmult_compute_two_tables(secp256k1_pre_g, secp256k1_pre_g_128, WINDOW_G, &secp256k1_ge_const_g);
    secp256k1_ecmult_gen_compute_table(
        &secp256k1_ecmult_gen_prec_table[0][0], &secp256k1_ge_const_g, COMB_BLOCKS, COMB_TEETH, COMB_SPACING);
}

#endif
