/*
 * Many additions of affine points at once. An affine addition divides once; Montgomery's trick turns the divisions of a
 * whole batch into one and three multiplications for each, which makes it half as dear as an addition of Jacobian points.
 */
#ifndef MENGLIAN_ADDITION_H
#define MENGLIAN_ADDITION_H

#include "curve.h"

/** points[into] += points[from] */
struct addition {
    uint32_t into;
    uint32_t from;
};

/** Whether two normalized points have the same coordinates. */
static int affine_equal(const affine_point *a, const affine_point *b) {
    return secp256k1_fe_cmp_var(&a->x, &b->x) == 0 && secp256k1_fe_cmp_var(&a->y, &b->y) == 0;
}

/** The denominator of the slope through two points, or of the tangent where they are equal. Magnitude at most 3. */
static void slope_denominator(secp256k1_fe *denominator, const affine_point *a, const affine_point *b, int same) {
    if (same) {
        *denominator = a->y;
        secp256k1_fe_add(denominator, &a->y);
    } else {
        secp256k1_fe_negate(denominator, &a->x, 1);
        secp256k1_fe_add(denominator, &b->x);
    }
}

/** The numerator that belongs to it. Magnitude at most 3. */
static void slope_numerator(secp256k1_fe *numerator, const affine_point *a, const affine_point *b, int same) {
    if (same) {
        secp256k1_fe_sqr(numerator, &a->x);
        secp256k1_fe_mul_int(numerator, 3);
    } else {
        secp256k1_fe_negate(numerator, &a->y, 1);
        secp256k1_fe_add(numerator, &b->y);
    }
}

/** a += b, given the slope of the line through them. */
static void add_with_slope(affine_point *a, const affine_point *b, const secp256k1_fe *slope) {
    secp256k1_fe x, y, subtrahend;
    secp256k1_fe_sqr(&x, slope);
    subtrahend = a->x;
    secp256k1_fe_add(&subtrahend, &b->x);
    secp256k1_fe_negate(&subtrahend, &subtrahend, 2);
    secp256k1_fe_add(&x, &subtrahend);
    secp256k1_fe_normalize_var(&x);
    secp256k1_fe_negate(&y, &x, 1);
    secp256k1_fe_add(&y, &a->x);
    secp256k1_fe_mul(&y, &y, slope);
    secp256k1_fe_negate(&subtrahend, &a->y, 1);
    secp256k1_fe_add(&y, &subtrahend);
    secp256k1_fe_normalize_var(&y);
    a->x = x;
    a->y = y;
}

/**
 * Performs additions that are independent: no point is changed by one and read or changed by another.
 * @param additions overwritten
 * @param products space for `count` field elements
 */
static void add_all(affine_point *points, struct addition *additions, size_t count, secp256k1_fe *products) {
    secp256k1_fe product, inverse, denominator, slope;
    size_t i, divided = 0;
    product = secp256k1_fe_one;
    for (i = 0; i < count; i++) {
        affine_point *into = &points[additions[i].into];
        const affine_point *from = &points[additions[i].from];
        int same;
        if (affine_is_infinity(from)) continue;
        if (affine_is_infinity(into)) {
            *into = *from;
            continue;
        }
        same = affine_equal(into, from);
        if (!same && secp256k1_fe_cmp_var(&into->x, &from->x) == 0) {
            affine_set_infinity(into);
            continue;
        }
        slope_denominator(&denominator, into, from, same);
        products[divided] = product;
        additions[divided] = additions[i];
        divided++;
        secp256k1_fe_mul(&product, &product, &denominator);
    }
    if (divided == 0) return;
    secp256k1_fe_inv_var(&inverse, &product);
    while (divided-- > 0) {
        affine_point *into = &points[additions[divided].into];
        const affine_point *from = &points[additions[divided].from];
        /* Nothing has changed these two since the first pass. */
        int same = affine_equal(into, from);
        slope_denominator(&denominator, into, from, same);
        secp256k1_fe_mul(&products[divided], &products[divided], &inverse);
        secp256k1_fe_mul(&inverse, &inverse, &denominator);
        slope_numerator(&slope, into, from, same);
        secp256k1_fe_mul(&slope, &slope, &products[divided]);
        add_with_slope(into, from, &slope);
    }
}

#endif
