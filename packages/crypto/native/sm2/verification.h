/*
 * What a signature claims, and checking one claim. All values are public. A signature (r, s) of hash e holds for the key P
 * just when r = e + x(R) modulo n, where R = sG + tP and t = r + s modulo n is not 0.
 */
#ifndef MENGLIAN_SM2_VERIFICATION_H
#define MENGLIAN_SM2_VERIFICATION_H

#include "identity.h"
#include "keyTables.h"

/** Bits of a digit where a table is made for one multiplication. */
#define PASSING_BITS 4
#define PASSING_POINTS (1 << (PASSING_BITS - 1))

/** The generator's table; never written after sm2_setup. */
static struct comb generator_comb;

/** p - n: of x below it, x + n is an element of the field too, and stands for the same x modulo n. */
static const uint64_t PRIME_MINUS_ORDER[WORDS] = {0xAC440BF6C62ABEDC, 0x8DFC2093DE39FAD5, 0, 0};

struct claim {
    scalar s;
    scalar t;
    /** r - e modulo n: what x(R) has to be modulo n. */
    scalar x;
};

/** @return whether r and s are from 1 to n - 1 and r + s is not n */
static int claim_read(struct claim *claim, const unsigned char *pair, const unsigned char *hash) {
    scalar r, e;
    if (!scalar_read_exactly(&r, pair) || !scalar_read_exactly(&claim->s, pair + 32)) return 0;
    scalar_add(&claim->t, &r, &claim->s);
    if (words_are_zero(claim->t.word)) return 0;
    scalar_read(&e, hash);
    scalar_subtract(&claim->x, &r, &e);
    return 1;
}

/** Whether two elements of the field, x and x + n, are what the claim allows. */
static int claim_has_two_x(const struct claim *claim) {
    return words_are_below(claim->x.word, PRIME_MINUS_ORDER);
}

static int is_x_of(const jacobian_point *point, const uint64_t x[WORDS]) {
    element zz, expected;
    field_square(&zz, &point->z);
    field_from_words(&expected, x);
    field_multiply(&expected, &expected, &zz);
    return field_is_equal(&expected, &point->x);
}

/** Whether this point is the R of the claim. */
static int claim_is_met(const struct claim *claim, const jacobian_point *point) {
    uint64_t x[WORDS];
    if (jacobian_is_infinity(point)) return 0;
    if (is_x_of(point, claim->x.word)) return 1;
    if (!claim_has_two_x(claim)) return 0;
    words_add(x, claim->x.word, ORDER);
    return is_x_of(point, x);
}

/** product = number times a point that has no table. @param point not infinity */
static void multiply_public(jacobian_point *product, const affine_point *point, const scalar *number) {
    jacobian_point multiples[PASSING_POINTS];
    affine_point points[PASSING_POINTS];
    element products[PASSING_POINTS];
    uint64_t biased[BIASED_WORDS];
    unsigned int place = comb_places(PASSING_BITS), i;
    /* Multiples up to eight of a point of order n are not infinity. */
    jacobian_from_affine(&multiples[0], point);
    for (i = 1; i < PASSING_POINTS; i++) {
        multiples[i] = multiples[i - 1];
        jacobian_add_affine(&multiples[i], point);
    }
    jacobian_to_affine_all(points, multiples, products, PASSING_POINTS);
    bias_number(biased, number->word, PASSING_BITS);
    jacobian_set_infinity(product);
    while (place-- > 0) {
        int digit = digit_at(biased, place, PASSING_BITS);
        affine_point addend;
        for (i = 0; i < PASSING_BITS; i++) jacobian_double(product, product);
        if (digit == 0) continue;
        addend = points[(digit < 0 ? -digit : digit) - 1];
        if (digit < 0) affine_negate(&addend);
        jacobian_add_affine(product, &addend);
    }
}

/** sG + tP. @param table the key's, or NULL. @param signer the key, where there is no table */
static void claimed_point(
    jacobian_point *point, const struct claim *claim, const struct key_table *table, const affine_point *signer) {
    if (table != NULL) {
        jacobian_set_infinity(point);
        comb_add_public(point, &table->comb, &claim->t);
    } else {
        multiply_public(point, signer, &claim->t);
    }
    comb_add_public(point, &generator_comb, &claim->s);
}

#endif
