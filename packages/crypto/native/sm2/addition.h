/*
 * Many additions of affine points at once. An affine addition divides once; Montgomery's trick turns the divisions of a
 * whole batch into one and three multiplications for each, which makes it half as dear as an addition of Jacobian points.
 */
#ifndef MENGLIAN_SM2_ADDITION_H
#define MENGLIAN_SM2_ADDITION_H

#include "point.h"
#include "vectors.h"

/** Space for a product of denominators: an element, or a word in each lane. */
typedef struct {
    uint64_t word[LANE_WORDS];
} field_element;

/** A sum to which points are added one after the other. */
typedef jacobian_point running_point;

/** Below so many, one by one is as fast. */
#define VECTOR_ADDITIONS_MIN 4
/** The first points of every array that add_all is given: what lanes add that have nothing to do. */
#define PADDING_POINTS 2

/** Whether this processor computes eight at a time. Written once, by sm2_setup. */
static int use_vectors;

#if HAS_VECTORS
/** Replaces LANES elements, none zero, by their inverses. */
static void invert_all(field_words *elements) {
    element *all = (element *)elements, products[LANES], inverse = FIELD_ONE;
    int i;
    for (i = 0; i < LANES; i++) {
        products[i] = inverse;
        field_multiply(&inverse, &inverse, &all[i]);
    }
    field_invert_public(&inverse, &inverse);
    for (i = LANES; i-- > 0;) {
        field_multiply(&products[i], &products[i], &inverse);
        field_multiply(&inverse, &inverse, &all[i]);
        all[i] = products[i];
    }
}
#endif

/** The denominator of the slope through two points, or of the tangent where they are equal. */
static void slope_denominator(element *denominator, const affine_point *a, const affine_point *b, int same) {
    if (same) field_double(denominator, &a->y);
    else field_subtract(denominator, &b->x, &a->x);
}

/** The numerator that belongs to it: 3 x^2 - 3 for the tangent. */
static void slope_numerator(element *numerator, const affine_point *a, const affine_point *b, int same) {
    element triple;
    if (!same) {
        field_subtract(numerator, &b->y, &a->y);
        return;
    }
    field_square(numerator, &a->x);
    field_subtract(numerator, numerator, &FIELD_ONE);
    field_double(&triple, numerator);
    field_add(numerator, numerator, &triple);
}

/** a = a + b, given the slope of the line through them. */
static void add_with_slope(affine_point *a, const affine_point *b, const element *slope) {
    element x, y;
    field_square(&x, slope);
    field_subtract(&x, &x, &a->x);
    field_subtract(&x, &x, &b->x);
    field_subtract(&y, &a->x, &x);
    field_multiply(&y, &y, slope);
    field_subtract(&a->y, &y, &a->y);
    a->x = x;
}

/** Additions one after the other, of points that are not infinity and not each other's negatives, but may be the same. */
static void add_one_by_one(
    affine_point *points, const struct addition *additions, size_t count, field_element *space) {
    element *products = (element *)space;
    element inverse, denominator, slope;
    size_t i;
    if (count == 0) return;
    inverse = FIELD_ONE;
    for (i = 0; i < count; i++) {
        const affine_point *into = &points[additions[i].into], *from = &points[additions[i].from];
        products[i] = inverse;
        slope_denominator(&denominator, into, from, field_is_equal(&into->x, &from->x));
        field_multiply(&inverse, &inverse, &denominator);
    }
    field_invert_public(&inverse, &inverse);
    for (i = count; i-- > 0;) {
        /* Nothing has changed these two since the first pass. */
        affine_point *into = &points[additions[i].into];
        const affine_point *from = &points[additions[i].from];
        int same = field_is_equal(&into->x, &from->x);
        slope_denominator(&denominator, into, from, same);
        field_multiply(&products[i], &products[i], &inverse);
        field_multiply(&inverse, &inverse, &denominator);
        slope_numerator(&slope, into, from, same);
        field_multiply(&slope, &slope, &products[i]);
        add_with_slope(into, from, &slope);
    }
}

/**
 * Does what needs no division: sums with infinity, or of a point and its negative.
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
    if (field_is_equal(&into->x, &from->x) && !field_is_equal(&into->y, &from->y)) {
        memset(into, 0, sizeof(*into));
        return 0;
    }
    return 1;
}

#if HAS_VECTORS
/** Additions of different points, eight at a time. @param additions space for LANES more */
static void add_in_lanes(affine_point *points, struct addition *additions, size_t count, field_element *products) {
    static const struct addition padding = {0, 1};
    /* Any two coordinates will do, if they differ. The sum goes into the first, so it is written anew each time. */
    points[0].x.word[0] = 1;
    points[1].x.word[0] = 2;
    while (count % LANES != 0) additions[count++] = padding;
    sm2_vectors_add((point_words *)points, additions, count, (uint64_t *)products, invert_all);
}
#endif

/**
 * Performs additions that are independent: no point is changed by one and read or changed by another.
 * @param points PADDING_POINTS, then those to be added
 * @param additions overwritten; space for LANES more
 * @param products space for as many
 */
static void add_all(affine_point *points, struct addition *additions, size_t count, field_element *products) {
    size_t i, open = 0;
    for (i = 0; i < count; i++) {
        if (is_addition_open(points, &additions[i])) additions[open++] = additions[i];
    }
#if HAS_VECTORS
    if (use_vectors && open >= VECTOR_ADDITIONS_MIN) {
        /* Doublings go to the front. */
        size_t same = 0;
        for (i = 0; i < open; i++) {
            struct addition addition = additions[i];
            if (!field_is_equal(&points[addition.into].x, &points[addition.from].x)) continue;
            additions[i] = additions[same];
            additions[same++] = addition;
        }
        add_one_by_one(points, additions, same, products);
        if (open > same) add_in_lanes(points, additions + same, open - same, products);
        return;
    }
#endif
    add_one_by_one(points, additions, open, products);
}

static void running_set_infinity(running_point *sum) {
    jacobian_set_infinity(sum);
}

static void running_double(running_point *sum) {
    if (!jacobian_is_infinity(sum)) jacobian_double(sum, sum);
}

/** @param point any, also infinity */
static void running_add(running_point *sum, const affine_point *point) {
    jacobian_add_affine(sum, point);
}

#endif
