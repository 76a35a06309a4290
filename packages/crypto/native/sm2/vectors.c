#include "vectors.h"

#if HAS_VECTORS
#include "../vectorLanes.h"

/*
 * Modulo p = 2^256 - 2^224 - 2^96 + 2^64 - 1. Elements are below 2^257 with the last limb below 2^49. A product here is
 * a b / 2^260, while elements outside are multiples of 2^256 (field.h): each product lacks a factor 2^4, which is put back where
 * it matters. Of a chain of products and the inverse of its end, all those factors cancel.
 */

#define SECOND_LIMB_OF_P 0xFF00000000FFFULL
#define LAST_LIMB_OF_P 0xFFFFFFFEFFFFULL

/** 2^256 and 2^516 and 2^520 modulo p, and b 2^260. */
static const field_words POWER_256 = {0x0000000000000001, 0x00000000FFFFFFFF, 0x0000000000000000, 0x0000000100000000};
static const field_words POWER_516 = {0x0000002000000030, 0x0000002FFFFFFFF0, 0x0000001000000010, 0x0000004000000020};
static const field_words POWER_520 = {0x0000020000000300, 0x000002FFFFFFFF00, 0x0000010000000100, 0x0000040000000200};
static const field_words B_260 = {0x0D230632BC0DD422, 0x1CF379B09B537AB7, 0x27981505EA51C3C7, 0x40FE188DA20E2C85};
static const field_words ONE = {1, 0, 0, 0};

/** Takes what the last limb has above 48 bits, less than 2^8, down: 2^256 is 2^224 + 2^96 - 2^64 + 1. */
VECTOR_INLINE void fold(lanes *a) {
    __m512i above = _mm512_srli_epi64(a->limb[4], 48);
    __m512i second = _mm512_sub_epi64(_mm512_slli_epi64(above, 44), _mm512_slli_epi64(above, 12));
    a->limb[4] = _mm512_and_si512(a->limb[4], all(LAST_LIMB_MASK));
    a->limb[4] = _mm512_add_epi64(a->limb[4], _mm512_slli_epi64(above, 16));
    a->limb[1] = _mm512_add_epi64(a->limb[1], second);
    a->limb[0] = _mm512_add_epi64(a->limb[0], above);
}

/**
 * Ten columns of a product, each below 2^56, to an element: by Montgomery's method, limb by limb, as p is -1 modulo 2^52.
 * Three limbs of p are 2^52 - 1, and a multiple of one is taken from its column and added to the next; so columns may be
 * negative for a while. With factors below 2^257 the result is below 2^254 + p.
 */
VECTOR_INLINE lanes reduce(__m512i column[10]) {
    const __m512i mask = all(LIMB_MASK), second = all(SECOND_LIMB_OF_P), last = all(LAST_LIMB_OF_P);
    lanes result;
    int i;
    UNROLLED for (i = 0; i < 5; i++) {
        __m512i m = _mm512_and_si512(column[i], mask);
        column[i + 1] = _mm512_add_epi64(column[i + 1], _mm512_add_epi64(_mm512_srai_epi64(column[i], 52), m));
        column[i + 1] = _mm512_madd52lo_epu64(column[i + 1], m, second);
        column[i + 2] = _mm512_sub_epi64(_mm512_madd52hi_epu64(column[i + 2], m, second), m);
        column[i + 4] = _mm512_add_epi64(_mm512_madd52lo_epu64(column[i + 4], m, last), m);
        column[i + 5] = _mm512_madd52hi_epu64(column[i + 5], m, last);
    }
    UNROLLED for (i = 5; i < 9; i++) {
        column[i + 1] = _mm512_add_epi64(column[i + 1], _mm512_srai_epi64(column[i], 52));
        result.limb[i - 5] = _mm512_and_si512(column[i], mask);
    }
    result.limb[4] = column[9];
    return result;
}

/** a - b + 4p, in which no limb is negative */
VECTOR_INLINE lanes subtract(const lanes *a, const lanes *b) {
    lanes result;
    int i;
    UNROLLED for (i = 0; i < 4; i++) result.limb[i] = all(4 * LIMB_MASK);
    result.limb[1] = all(4 * SECOND_LIMB_OF_P);
    result.limb[4] = all(4 * LAST_LIMB_OF_P);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) {
        result.limb[i] = _mm512_add_epi64(result.limb[i], _mm512_sub_epi64(a->limb[i], b->limb[i]));
    }
    fold(&result);
    carry(&result);
    return result;
}

VECTOR_INLINE lanes add(const lanes *a, const lanes *b) {
    lanes result;
    int i;
    UNROLLED for (i = 0; i < LANE_WORDS; i++) result.limb[i] = _mm512_add_epi64(a->limb[i], b->limb[i]);
    fold(&result);
    carry(&result);
    return result;
}

/** The one form below p. */
VECTOR_INLINE void make_canonical(lanes *a) {
    const __m512i mask = all(LIMB_MASK);
    lanes less;
    __mmask8 is_high;
    int i;
    fold(a);
    carry(a);
    /* Below 2p now. */
    UNROLLED for (i = 0; i < 4; i++) less.limb[i] = _mm512_sub_epi64(a->limb[i], mask);
    less.limb[1] = _mm512_sub_epi64(a->limb[1], all(SECOND_LIMB_OF_P));
    less.limb[4] = _mm512_sub_epi64(a->limb[4], all(LAST_LIMB_OF_P));
    UNROLLED for (i = 0; i < 4; i++) {
        less.limb[i + 1] = _mm512_add_epi64(less.limb[i + 1], _mm512_srai_epi64(less.limb[i], 52));
        less.limb[i] = _mm512_and_si512(less.limb[i], mask);
    }
    is_high = _mm512_cmpge_epi64_mask(less.limb[4], _mm512_setzero_si512());
    UNROLLED for (i = 0; i < LANE_WORDS; i++) a->limb[i] = _mm512_mask_mov_epi64(a->limb[i], is_high, less.limb[i]);
}

/** Times 2^bits, at most 2^6. */
VECTOR_INLINE void shift(lanes *a, unsigned int bits) {
    int i;
    UNROLLED for (i = 0; i < LANE_WORDS; i++) a->limb[i] = _mm512_slli_epi64(a->limb[i], bits);
    carry(a);
    fold(a);
    carry(a);
}

/** A slope is a product, and lacks 2^4. With 2^6 its square, which lacks another 2^4 but has 2^2 twice, is right. */
VECTOR_INLINE void slope_to_square(lanes *slope) {
    shift(slope, 6);
}

/** The slope times 2^4, so that the next product is right. */
VECTOR_INLINE void slope_to_multiply(lanes *slope) {
    shift(slope, 2);
}

#include "../vectorPoints.h"

VECTOR void sm2_vectors_add(
    point_words *points,
    const struct addition *additions,
    size_t count,
    uint64_t *products,
    void (*invert_all)(field_words *elements)) {
    add_points(points, additions, count, products, invert_all);
}

VECTOR_INLINE lanes load_same(const field_words element) {
    const uint64_t *same[LANES];
    int i;
    UNROLLED for (i = 0; i < LANES; i++) same[i] = element;
    return load(same);
}

/** a^((p + 1) / 4), which is a square root where there is one; (p + 1) / 4 = (2^32 - 1) (2^160 - 1) 2^62. */
VECTOR static lanes root(const lanes *a) {
    lanes x2 = shift_in(a, 1, a);
    lanes x4 = shift_in(&x2, 2, &x2);
    lanes x8 = shift_in(&x4, 4, &x4);
    lanes x16 = shift_in(&x8, 8, &x8);
    lanes x32 = shift_in(&x16, 16, &x16);
    /* The same again of x32. */
    lanes y2 = shift_in(&x32, 1, &x32);
    lanes y4 = shift_in(&y2, 2, &y2);
    lanes y5 = shift_in(&y4, 1, &x32);
    lanes y10 = shift_in(&y5, 5, &y5);
    lanes y20 = shift_in(&y10, 10, &y10);
    lanes y40 = shift_in(&y20, 20, &y20);
    lanes y80 = shift_in(&y40, 40, &y40);
    lanes y160 = shift_in(&y80, 80, &y80);
    return square_times(y160, 62);
}

/** Computes with multiples of 2^260, of which products lack nothing. */
VECTOR void sm2_vectors_lift(point_words *points, const unsigned char *is_odd, unsigned char *is_point) {
    uint64_t *address[LANES];
    uint64_t odd[LANES];
    lanes plain, x, right, y, check, zero, factor;
    __mmask8 equal = 0xff, negate;
    int i;
    UNROLLED for (i = 0; i < LANES; i++) {
        address[i] = points[i][0];
        odd[i] = is_odd[lane_order[i]] & 1;
    }
    UNROLLED for (i = 0; i < LANE_WORDS; i++) zero.limb[i] = _mm512_setzero_si512();
    plain = load((const uint64_t *const *)address);
    factor = load_same(POWER_520);
    x = multiply(&plain, &factor);
    factor = load_same(POWER_516);
    check = multiply(&plain, &factor);
    make_canonical(&check);
    store(address, &check);
    right = square(&x);
    right = multiply(&right, &x);
    UNROLLED for (i = 0; i < 3; i++) right = subtract(&right, &x);
    factor = load_same(B_260);
    right = add(&right, &factor);
    y = root(&right);
    check = square(&y);
    make_canonical(&check);
    make_canonical(&right);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) equal &= _mm512_cmpeq_epi64_mask(check.limb[i], right.limb[i]);
    factor = load_same(ONE);
    check = multiply(&y, &factor);
    make_canonical(&check);
    /* No point has y = 0, so p - y is the other root and of other parity. */
    negate = _mm512_cmpneq_epi64_mask(_mm512_and_si512(check.limb[0], all(1)), _mm512_loadu_si512(odd));
    factor = load_same(POWER_256);
    y = multiply(&y, &factor);
    make_canonical(&y);
    check = subtract(&zero, &y);
    make_canonical(&check);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) y.limb[i] = _mm512_mask_mov_epi64(y.limb[i], negate, check.limb[i]);
    UNROLLED for (i = 0; i < LANES; i++) {
        address[i] = points[i][1];
        is_point[lane_order[i]] = (equal >> i) & 1;
    }
    store(address, &y);
}

#endif
