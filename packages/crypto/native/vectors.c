#include "vectors.h"

#if HAS_VECTORS
#include "vectorLanes.h"

/* Modulo p = 2^256 - 2^32 - 977. The last limb is always below 2^49 + 2^7. */

#define LOWEST_LIMB_OF_P 0xFFFFEFFFFFC2FULL
/** 2^256 modulo p, and 2^260 */
#define FOLD_256 0x1000003D1ULL
#define FOLD_260 0x1000003D10ULL

int vectors_are_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

/** Takes what the last limb has above 48 bits to the lowest. */
VECTOR_INLINE void fold(lanes *a) {
    __m512i above = _mm512_srli_epi64(a->limb[4], 48);
    a->limb[4] = _mm512_and_si512(a->limb[4], all(LAST_LIMB_MASK));
    a->limb[0] = _mm512_madd52lo_epu64(a->limb[0], above, all(FOLD_256));
}

/** Ten columns of a product, each below 2^57, to an element. */
VECTOR_INLINE lanes reduce(__m512i column[10]) {
    const __m512i mask = all(LIMB_MASK), factor = all(FOLD_260), zero = _mm512_setzero_si512();
    __m512i beyond = zero;
    lanes result;
    int i;
    UNROLLED for (i = 5; i < 9; i++) {
        column[i + 1] = _mm512_add_epi64(column[i + 1], _mm512_srli_epi64(column[i], 52));
        column[i] = _mm512_and_si512(column[i], mask);
    }
    UNROLLED for (i = 0; i < 5; i++) {
        column[i] = _mm512_madd52lo_epu64(column[i], column[i + 5], factor);
        if (i < 4) column[i + 1] = _mm512_madd52hi_epu64(column[i + 1], column[i + 5], factor);
        else beyond = _mm512_madd52hi_epu64(zero, column[i + 5], factor);
    }
    result.limb[0] = _mm512_madd52lo_epu64(column[0], beyond, factor);
    result.limb[1] = _mm512_madd52hi_epu64(column[1], beyond, factor);
    UNROLLED for (i = 2; i < 5; i++) result.limb[i] = column[i];
    fold(&result);
    carry(&result);
    return result;
}

/** a - b + 4p, in which no limb is negative */
VECTOR_INLINE lanes subtract(const lanes *a, const lanes *b) {
    lanes result;
    int i;
    result.limb[0] = all(4 * LOWEST_LIMB_OF_P);
    UNROLLED for (i = 1; i < 4; i++) result.limb[i] = all(4 * LIMB_MASK);
    result.limb[4] = all(4 * LAST_LIMB_MASK);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) {
        result.limb[i] = _mm512_add_epi64(result.limb[i], _mm512_sub_epi64(a->limb[i], b->limb[i]));
    }
    fold(&result);
    carry(&result);
    return result;
}

/** The one form below p. */
VECTOR_INLINE void make_canonical(lanes *a) {
    const __m512i mask = all(LIMB_MASK);
    __mmask8 is_high;
    int i;
    fold(a);
    carry(a);
    /* At most one unit of 2^256 is left, and then the other limbs are next to nothing. */
    fold(a);
    is_high = _mm512_cmpeq_epi64_mask(a->limb[4], all(LAST_LIMB_MASK)) &
              _mm512_cmpge_epu64_mask(a->limb[0], all(LOWEST_LIMB_OF_P));
    UNROLLED for (i = 1; i < 4; i++) is_high &= _mm512_cmpeq_epi64_mask(a->limb[i], mask);
    a->limb[0] = _mm512_mask_sub_epi64(a->limb[0], is_high, a->limb[0], all(LOWEST_LIMB_OF_P));
    UNROLLED for (i = 1; i < LANE_WORDS; i++) a->limb[i] = _mm512_mask_mov_epi64(a->limb[i], is_high, _mm512_setzero_si512());
}

VECTOR_INLINE void slope_to_square(lanes *slope) {
    (void)slope;
}

VECTOR_INLINE void slope_to_multiply(lanes *slope) {
    (void)slope;
}

#include "vectorPoints.h"

VECTOR void vectors_add(
    point_words *points,
    const struct addition *additions,
    size_t count,
    uint64_t *products,
    void (*invert_all)(field_words *elements)) {
    add_points(points, additions, count, products, invert_all);
}

/** a^((p + 1) / 4), which is a square root where there is one. Names tell the exponent: x22 is 2^22 - 1. */
VECTOR static lanes root(const lanes *a) {
    lanes x2 = shift_in(a, 1, a);
    lanes x3 = shift_in(&x2, 1, a);
    lanes x6 = shift_in(&x3, 3, &x3);
    lanes x9 = shift_in(&x6, 3, &x3);
    lanes x11 = shift_in(&x9, 2, &x2);
    lanes x22 = shift_in(&x11, 11, &x11);
    lanes x44 = shift_in(&x22, 22, &x22);
    lanes x88 = shift_in(&x44, 44, &x44);
    lanes x176 = shift_in(&x88, 88, &x88);
    lanes x220 = shift_in(&x176, 44, &x44);
    lanes x223 = shift_in(&x220, 3, &x3);
    lanes result = shift_in(&x223, 23, &x22);
    result = shift_in(&result, 6, &x2);
    return square_times(result, 2);
}

VECTOR void vectors_lift(point_words (*points)[2], const unsigned char *is_odd, unsigned char *is_point) {
    /* The cube root of 1 with lambda (x, y) = (beta x, y). */
    static const field_words beta_words = {
        0xC1396C28719501EEULL, 0x9CF0497512F58995ULL, 0x6E64479EAC3434E9ULL, 0x7AE96A2B657C0710ULL};
    const uint64_t *beta_addresses[LANES];
    uint64_t *address[LANES];
    uint64_t odd[LANES];
    lanes x, beta, right, y, check, zero;
    __mmask8 equal = 0xff, negate;
    int i;
    UNROLLED for (i = 0; i < LANES; i++) {
        address[i] = points[i][0][0];
        beta_addresses[i] = beta_words;
        odd[i] = is_odd[lane_order[i]] & 1;
    }
    UNROLLED for (i = 0; i < LANE_WORDS; i++) zero.limb[i] = _mm512_setzero_si512();
    x = load((const uint64_t *const *)address);
    beta = load(beta_addresses);
    right = square(&x);
    right = multiply(&right, &x);
    right.limb[0] = _mm512_add_epi64(right.limb[0], all(7));
    carry(&right);
    y = root(&right);
    make_canonical(&y);
    make_canonical(&right);
    check = square(&y);
    make_canonical(&check);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) equal &= _mm512_cmpeq_epi64_mask(check.limb[i], right.limb[i]);
    /* No point has y = 0, so p - y is the other root and of other parity. */
    negate = _mm512_cmpneq_epi64_mask(_mm512_and_si512(y.limb[0], all(1)), _mm512_loadu_si512(odd));
    check = subtract(&zero, &y);
    make_canonical(&check);
    UNROLLED for (i = 0; i < LANE_WORDS; i++) y.limb[i] = _mm512_mask_mov_epi64(y.limb[i], negate, check.limb[i]);
    beta = multiply(&beta, &x);
    make_canonical(&beta);
    UNROLLED for (i = 0; i < LANES; i++) {
        address[i] = points[i][1][0];
        is_point[lane_order[i]] = (equal >> i) & 1;
    }
    store(address, &beta);
    UNROLLED for (i = 0; i < LANES; i++) address[i] = points[i][0][1];
    store(address, &y);
    UNROLLED for (i = 0; i < LANES; i++) address[i] = points[i][1][1];
    store(address, &y);
}

#endif
