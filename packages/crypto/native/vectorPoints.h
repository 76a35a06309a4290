/*
 * Points of any curve, eight at a time. Whoever includes this has defined what is modulo its prime: reduce, subtract,
 * make_canonical, slope_to_square and slope_to_multiply.
 */
#ifndef MENGLIAN_VECTOR_POINTS_H
#define MENGLIAN_VECTOR_POINTS_H

#include "vectorLanes.h"

VECTOR_INLINE lanes multiply(const lanes *a, const lanes *b) {
    __m512i column[10];
    product_columns(column, a, b);
    return reduce(column);
}

VECTOR_INLINE lanes square(const lanes *a) {
    __m512i column[10];
    square_columns(column, a);
    return reduce(column);
}

/** The addresses of a coordinate (0: x, 1: y) of the points of eight additions. */
VECTOR_INLINE void addresses(
    uint64_t *into[LANES], const uint64_t *from[LANES], point_words *points, const struct addition *additions, int y) {
    int i;
    UNROLLED for (i = 0; i < LANES; i++) {
        into[i] = points[additions[i].into][y];
        from[i] = points[additions[i].from][y];
    }
}

/**
 * vectors_add of vectors.h. Before slopes are squared or multiplied with, they go through slope_to_square and slope_to_multiply,
 * for fields whose products lack a factor.
 */
VECTOR static void add_points(
    point_words *points,
    const struct addition *additions,
    size_t count,
    uint64_t *products,
    void (*invert_all)(field_words *elements)) {
    uint64_t *into[LANES];
    const uint64_t *from[LANES];
    field_words lane_products[LANES];
    uint64_t *lane_addresses[LANES];
    lanes product, inverse;
    size_t at;
    int i;
    if (count == 0) return;
    product.limb[0] = all(1);
    UNROLLED for (i = 1; i < LANE_WORDS; i++) product.limb[i] = _mm512_setzero_si512();
    for (at = 0; at < count; at += LANES) {
        lanes x1, x2, difference;
        addresses(into, from, points, additions + at, 0);
        x1 = load((const uint64_t *const *)into);
        x2 = load(from);
        difference = subtract(&x2, &x1);
        UNROLLED for (i = 0; i < LANE_WORDS; i++) {
            _mm512_storeu_si512(products + at * LANE_WORDS + (size_t)i * LANES, product.limb[i]);
        }
        product = multiply(&product, &difference);
    }
    UNROLLED for (i = 0; i < LANES; i++) lane_addresses[i] = lane_products[i];
    make_canonical(&product);
    store(lane_addresses, &product);
    invert_all(lane_products);
    inverse = load((const uint64_t *const *)lane_addresses);
    while (at > 0) {
        lanes x1, y1, x2, y2, x3, y3, slope, factor;
        at -= LANES;
        addresses(into, from, points, additions + at, 1);
        y1 = load((const uint64_t *const *)into);
        y2 = load(from);
        addresses(into, from, points, additions + at, 0);
        x1 = load((const uint64_t *const *)into);
        x2 = load(from);
        UNROLLED for (i = 0; i < LANE_WORDS; i++) {
            factor.limb[i] = _mm512_loadu_si512(products + at * LANE_WORDS + (size_t)i * LANES);
        }
        factor = multiply(&factor, &inverse);
        slope = subtract(&x2, &x1);
        inverse = multiply(&inverse, &slope);
        slope = subtract(&y2, &y1);
        slope = multiply(&slope, &factor);
        slope_to_square(&slope);
        x3 = square(&slope);
        x3 = subtract(&x3, &x1);
        x3 = subtract(&x3, &x2);
        y3 = subtract(&x1, &x3);
        slope_to_multiply(&slope);
        y3 = multiply(&y3, &slope);
        y3 = subtract(&y3, &y1);
        make_canonical(&x3);
        make_canonical(&y3);
        store(into, &x3);
        addresses(into, from, points, additions + at, 1);
        store(into, &y3);
    }
}

VECTOR_INLINE lanes square_times(lanes a, int times) {
    while (times-- > 0) a = square(&a);
    return a;
}

/** times squarings of a, then times b */
VECTOR_INLINE lanes shift_in(const lanes *a, int times, const lanes *b) {
    lanes squared = square_times(*a, times);
    return multiply(&squared, b);
}

#endif
