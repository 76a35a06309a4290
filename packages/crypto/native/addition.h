/*
 * Many additions of affine points at once. An affine addition divides once; Montgomery's trick turns the divisions of a
 * whole batch into one and three multiplications for each, which makes it half as dear as an addition of Jacobian points.
 */
#ifndef MENGLIAN_ADDITION_H
#define MENGLIAN_ADDITION_H

#include "curve.h"

/** Below so many, one by one is as fast. */
#define VECTOR_ADDITIONS_MIN 4
/** The first points of every array that add_all is given: what lanes add that have nothing to do. */
#define PADDING_POINTS 2

typedef secp256k1_fe field_element;
/** A sum to which points are added one after the other. */
typedef secp256k1_gej running_point;

/** Whether this processor computes eight at a time. Written once, by ecdsa_setup. */
static int use_vectors;

static int is_same_x(const affine_point *points, const struct addition *addition) {
    return is_same_coordinate(&points[addition->into], &points[addition->from], 0);
}

#if HAS_VECTORS
/** Replaces LANES elements, none zero, by their inverses. */
static void invert_all(field_words *elements) {
    secp256k1_fe products[LANES], product, inverse, element;
    int i;
    product = secp256k1_fe_one;
    for (i = 0; i < LANES; i++) {
        field_from_words(&element, elements[i]);
        products[i] = product;
        secp256k1_fe_mul(&product, &product, &element);
    }
    secp256k1_fe_inv_var(&inverse, &product);
    for (i = LANES; i-- > 0;) {
        field_from_words(&element, elements[i]);
        secp256k1_fe_mul(&products[i], &products[i], &inverse);
        secp256k1_fe_mul(&inverse, &inverse, &element);
        field_to_words(elements[i], &products[i]);
    }
}
#endif

/** The denominator of the slope through two points, or of the tangent where they are equal. Magnitude at most 3. */
static void slope_denominator(secp256k1_fe *denominator, const secp256k1_ge *a, const secp256k1_ge *b, int same) {
    if (same) {
        *denominator = a->y;
        secp256k1_fe_add(denominator, &a->y);
    } else {
        secp256k1_fe_negate(denominator, &a->x, 1);
        secp256k1_fe_add(denominator, &b->x);
    }
}

/** The numerator that belongs to it. Magnitude at most 3. */
static void slope_numerator(secp256k1_fe *numerator, const secp256k1_ge *a, const secp256k1_ge *b, int same) {
    if (same) {
        secp256k1_fe_sqr(numerator, &a->x);
        secp256k1_fe_mul_int(numerator, 3);
    } else {
        secp256k1_fe_negate(numerator, &a->y, 1);
        secp256k1_fe_add(numerator, &b->y);
    }
}

/** sum = a + b, given the slope of the line through them. */
static void add_with_slope(affine_point *sum, const secp256k1_ge *a, const secp256k1_ge *b, const secp256k1_fe *slope) {
    secp256k1_fe x, y, subtrahend;
    secp256k1_fe_sqr(&x, slope);
    subtrahend = a->x;
    secp256k1_fe_add(&subtrahend, &b->x);
    secp256k1_fe_negate(&subtrahend, &subtrahend, 2);
    secp256k1_fe_add(&x, &subtrahend);
    field_to_words(sum->words[0], &x);
    secp256k1_fe_negate(&y, &x, 1);
    secp256k1_fe_add(&y, &a->x);
    secp256k1_fe_mul(&y, &y, slope);
    secp256k1_fe_negate(&subtrahend, &a->y, 1);
    secp256k1_fe_add(&y, &subtrahend);
    field_to_words(sum->words[1], &y);
}

/** Additions one after the other, of points that are not infinity and not each other's negatives, but may be the same. */
static void add_one_by_one(
    affine_point *points, const struct addition *additions, size_t count, secp256k1_fe *products) {
    secp256k1_fe product, inverse, denominator, slope;
    secp256k1_ge into, from;
    size_t i;
    if (count == 0) return;
    product = secp256k1_fe_one;
    for (i = 0; i < count; i++) {
        affine_to_ge(&into, &points[additions[i].into]);
        affine_to_ge(&from, &points[additions[i].from]);
        slope_denominator(&denominator, &into, &from, is_same_x(points, &additions[i]));
        products[i] = product;
        secp256k1_fe_mul(&product, &product, &denominator);
    }
    secp256k1_fe_inv_var(&inverse, &product);
    for (i = count; i-- > 0;) {
        /* Nothing has changed these two since the first pass. */
        int same = is_same_x(points, &additions[i]);
        affine_to_ge(&into, &points[additions[i].into]);
        affine_to_ge(&from, &points[additions[i].from]);
        slope_denominator(&denominator, &into, &from, same);
        secp256k1_fe_mul(&products[i], &products[i], &inverse);
        secp256k1_fe_mul(&inverse, &inverse, &denominator);
        slope_numerator(&slope, &into, &from, same);
        secp256k1_fe_mul(&slope, &slope, &products[i]);
        add_with_slope(&points[additions[i].into], &into, &from, &slope);
    }
}

/**
 * Does what needs no division: sums with infinity.
 * @return whether the addition is left to do
 */
static int is_addition_open(affine_point *points, const struct addition *addition) {
    affine_point *into = &points[addition->into];
    const affine_point *from = &points[addition->from];
    if (affine_is_infinity(from)) return 0;
    if (affine_is_infinity(into)) {
        *into = *from;
        return 0;
    }
    if (is_same_x(points, addition) && !is_same_coordinate(into, from, 1)) {
        memset(into, 0, sizeof(*into));
        return 0;
    }
    return 1;
}

#if HAS_VECTORS
/**
 * Additions of different points, eight at a time.
 * @param additions space for LANES more
 */
static void add_in_lanes(
    affine_point *points, struct addition *additions, size_t count, secp256k1_fe *products) {
    static const struct addition padding = {0, 1};
    /* Any two coordinates will do, if they differ. The sum goes into the first, so it is written anew each time. */
    points[0].words[0][0] = 1;
    points[1].words[0][0] = 2;
    while (count % LANES != 0) additions[count++] = padding;
    vectors_add(&points->words, additions, count, (uint64_t *)products, invert_all);
}
#endif

/**
 * Performs additions that are independent: no point is changed by one and read or changed by another.
 * @param points PADDING_POINTS, then those to be added
 * @param additions overwritten; space for LANES more
 * @param products space for as many
 */
static void add_all(affine_point *points, struct addition *additions, size_t count, secp256k1_fe *products) {
    size_t i, open = 0;
    for (i = 0; i < count; i++) {
        if (is_addition_open(points, &additions[i])) additions[open++] = additions[i];
    }
#if HAS_VECTORS
    if (use_vectors && open >= VECTOR_ADDITIONS_MIN) {
        /* Doublings, which only a batch made for it has, go to the front. */
        size_t same = 0;
        for (i = 0; i < open; i++) {
            struct addition addition = additions[i];
            if (!is_same_x(points, &addition)) continue;
            additions[i] = additions[same];
            additions[same++] = addition;
        }
        add_one_by_one(points, additions, same, products);
        add_in_lanes(points, additions + same, open - same, products);
        return;
    }
#endif
    add_one_by_one(points, additions, open, products);
}

static void running_set_infinity(running_point *sum) {
    secp256k1_gej_set_infinity(sum);
}

static void running_double(running_point *sum) {
    secp256k1_gej_double_var(sum, sum, NULL);
}

/** @param point any, also infinity */
static void running_add(running_point *sum, const affine_point *point) {
    secp256k1_ge addend;
    if (affine_is_infinity(point)) return;
    affine_to_ge(&addend, point);
    secp256k1_gej_add_ge_var(sum, sum, &addend, NULL);
}

#endif
