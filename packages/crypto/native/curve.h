/*
 * libsecp256k1 as one translation unit with this addon: bulk checking needs its field, scalars and points, and those are
 * static there. Include it from one file only.
 */
#ifndef MENGLIAN_CURVE_H
#define MENGLIAN_CURVE_H

#include "vectors.h"

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

/** p = 2^256 - 2^32 - 977 */
#define LOWEST_WORD_OF_P 0xFFFFFFFEFFFFFC2FULL

/** An affine point with canonical coordinates, in one cache line; all words 0, which is on no curve, stands for infinity. */
typedef struct {
    point_words words;
} affine_point;

static int affine_is_infinity(const affine_point *point) {
    static const affine_point infinity;
    return point->words[0][0] == 0 && memcmp(point, &infinity, sizeof(infinity)) == 0;
}

static int is_same_coordinate(const affine_point *a, const affine_point *b, int coordinate) {
    return a->words[coordinate][0] == b->words[coordinate][0] &&
           memcmp(a->words[coordinate], b->words[coordinate], sizeof(field_words)) == 0;
}

static void field_from_words(secp256k1_fe *element, const field_words words) {
    secp256k1_fe_storage storage;
    memcpy(storage.n, words, sizeof(field_words));
    secp256k1_fe_from_storage(element, &storage);
}

/** Normalizes the element. */
static void field_to_words(field_words words, secp256k1_fe *element) {
    secp256k1_fe_storage storage;
    secp256k1_fe_normalize_var(element);
    secp256k1_fe_to_storage(&storage, element);
    memcpy(words, storage.n, sizeof(field_words));
}

static void affine_from_ge(affine_point *point, const secp256k1_ge *from) {
    secp256k1_ge copy = *from;
    field_to_words(point->words[0], &copy.x);
    field_to_words(point->words[1], &copy.y);
}

/** @param point not infinity */
static void affine_to_ge(secp256k1_ge *to, const affine_point *point) {
    secp256k1_fe x, y;
    field_from_words(&x, point->words[0]);
    field_from_words(&y, point->words[1]);
    secp256k1_ge_set_xy(to, &x, &y);
}

/** y becomes p - y, word by word; no point has y = 0. */
static void affine_negate(affine_point *point) {
    uint64_t *y = point->words[1];
    uint64_t borrow = y[0] > LOWEST_WORD_OF_P;
    int i;
    y[0] = LOWEST_WORD_OF_P - y[0];
    for (i = 1; i < 4; i++) {
        /* All higher words of p are full of ones. */
        uint64_t complement = ~y[i];
        y[i] = complement - borrow;
        borrow = complement < borrow;
    }
}

static void compute_tables(void) {
    secp256k1_ecmult_compute_two_tables(secp256k1_pre_g, secp256k1_pre_g_128, WINDOW_G, &secp256k1_ge_const_g);
    secp256k1_ecmult_gen_compute_table(
        &secp256k1_ecmult_gen_prec_table[0][0], &secp256k1_ge_const_g, COMB_BLOCKS, COMB_TEETH, COMB_SPACING);
}

#endif
