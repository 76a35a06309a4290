#include "vectors.h"

#if HAS_VECTORS
#include <immintrin.h>

#define VECTOR __attribute__((target("avx512f,avx512ifma")))
#define VECTOR_INLINE __attribute__((target("avx512f,avx512ifma"), always_inline)) static inline

/**
 * Field elements modulo p = 2^256 - 2^32 - 977, one in each lane, in limbs of 52 bits. The multiplier reads 52 bits of
 * each factor, so all limbs but the last are always below 2^52; the last, of 48 bits, is below 2^49 + 2^7.
 */
typedef struct {
    __m512i limb[LANE_WORDS];
} lanes;

/** The compiler must see all limbs at once, or it keeps them in memory. */
#define UNROLLED _Pragma("GCC unroll 10")

#define LIMB_MASK 0xFFFFFFFFFFFFFULL
#define LAST_LIMB_MASK 0xFFFFFFFFFFFFULL
#define LOWEST_LIMB_OF_P 0xFFFFEFFFFFC2FULL
/** 2^256 modulo p, and 2^260 */
#define FOLD_256 0x1000003D1ULL
#define FOLD_260 0x1000003D10ULL

int vectors_are_supported(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

VECTOR_INLINE __m512i all(uint64_t word) {
    return _mm512_set1_epi64((long long)word);
}

/** Makes every limb but the last one small. */
VECTOR_INLINE void carry(lanes *a) {
    const __m512i mask = all(LIMB_MASK);
    int i;
    UNROLLED for (i = 0; i < LANE_WORDS - 1; i++) {
        a->limb[i + 1] = _mm512_add_epi64(a->limb[i + 1], _mm512_srli_epi64(a->limb[i], 52));
        a->limb[i] = _mm512_and_si512(a->limb[i], mask);
    }
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

VECTOR_INLINE lanes multiply(const lanes *a, const lanes *b) {
    __m512i low[9], high[9], column[10];
    int i, j;
    UNROLLED for (i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    UNROLLED for (i = 0; i < 5; i++) {
        UNROLLED for (j = 0; j < 5; j++) {
            low[i + j] = _mm512_madd52lo_epu64(low[i + j], a->limb[i], b->limb[j]);
            high[i + j] = _mm512_madd52hi_epu64(high[i + j], a->limb[i], b->limb[j]);
        }
    }
    column[0] = low[0];
    UNROLLED for (i = 1; i < 9; i++) column[i] = _mm512_add_epi64(low[i], high[i - 1]);
    column[9] = high[8];
    return reduce(column);
}

VECTOR_INLINE lanes square(const lanes *a) {
    __m512i low[9], high[9], column[10];
    int i, j;
    UNROLLED for (i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    UNROLLED for (i = 0; i < 5; i++) {
        UNROLLED for (j = i + 1; j < 5; j++) {
            low[i + j] = _mm512_madd52lo_epu64(low[i + j], a->limb[i], a->limb[j]);
            high[i + j] = _mm512_madd52hi_epu64(high[i + j], a->limb[i], a->limb[j]);
        }
    }
    UNROLLED for (i = 1; i < 8; i++) {
        low[i] = _mm512_add_epi64(low[i], low[i]);
        high[i] = _mm512_add_epi64(high[i], high[i]);
    }
    UNROLLED for (i = 0; i < 5; i++) {
        low[2 * i] = _mm512_madd52lo_epu64(low[2 * i], a->limb[i], a->limb[i]);
        high[2 * i] = _mm512_madd52hi_epu64(high[2 * i], a->limb[i], a->limb[i]);
    }
    column[0] = low[0];
    UNROLLED for (i = 1; i < 9; i++) column[i] = _mm512_add_epi64(low[i], high[i - 1]);
    column[9] = high[8];
    return reduce(column);
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

/** Rows of four words, two rows a vector, to vectors of the same word; lane order is 0 1 4 5 2 3 6 7. */
VECTOR_INLINE lanes load(const uint64_t *const element[LANES]) {
    const __m512i mask = all(LIMB_MASK);
    __m512i row[4], part[4], word[4];
    lanes result;
    int i;
    UNROLLED for (i = 0; i < 4; i++) {
        row[i] = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)element[i]));
        row[i] = _mm512_inserti64x4(row[i], _mm256_loadu_si256((const __m256i *)element[i + 4]), 1);
    }
    part[0] = _mm512_unpacklo_epi64(row[0], row[1]);
    part[1] = _mm512_unpackhi_epi64(row[0], row[1]);
    part[2] = _mm512_unpacklo_epi64(row[2], row[3]);
    part[3] = _mm512_unpackhi_epi64(row[2], row[3]);
    word[0] = _mm512_shuffle_i64x2(part[0], part[2], 0x88);
    word[1] = _mm512_shuffle_i64x2(part[1], part[3], 0x88);
    word[2] = _mm512_shuffle_i64x2(part[0], part[2], 0xdd);
    word[3] = _mm512_shuffle_i64x2(part[1], part[3], 0xdd);
    result.limb[0] = _mm512_and_si512(word[0], mask);
    result.limb[1] = _mm512_or_si512(_mm512_srli_epi64(word[0], 52), _mm512_slli_epi64(word[1], 12));
    result.limb[2] = _mm512_or_si512(_mm512_srli_epi64(word[1], 40), _mm512_slli_epi64(word[2], 24));
    result.limb[3] = _mm512_or_si512(_mm512_srli_epi64(word[2], 28), _mm512_slli_epi64(word[3], 36));
    UNROLLED for (i = 1; i < 4; i++) result.limb[i] = _mm512_and_si512(result.limb[i], mask);
    result.limb[4] = _mm512_srli_epi64(word[3], 16);
    return result;
}

/** The inverse of `load`, of canonical elements. */
VECTOR_INLINE void store(uint64_t *const element[LANES], const lanes *a) {
    const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
    const __m512i second = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
    __m512i row[4], part[4], word[4];
    int i;
    word[0] = _mm512_or_si512(a->limb[0], _mm512_slli_epi64(a->limb[1], 52));
    word[1] = _mm512_or_si512(_mm512_srli_epi64(a->limb[1], 12), _mm512_slli_epi64(a->limb[2], 40));
    word[2] = _mm512_or_si512(_mm512_srli_epi64(a->limb[2], 24), _mm512_slli_epi64(a->limb[3], 28));
    word[3] = _mm512_or_si512(_mm512_srli_epi64(a->limb[3], 36), _mm512_slli_epi64(a->limb[4], 16));
    part[0] = _mm512_permutex2var_epi64(word[0], first, word[2]);
    part[1] = _mm512_permutex2var_epi64(word[1], first, word[3]);
    part[2] = _mm512_permutex2var_epi64(word[0], second, word[2]);
    part[3] = _mm512_permutex2var_epi64(word[1], second, word[3]);
    row[0] = _mm512_unpacklo_epi64(part[0], part[1]);
    row[1] = _mm512_unpackhi_epi64(part[0], part[1]);
    row[2] = _mm512_unpacklo_epi64(part[2], part[3]);
    row[3] = _mm512_unpackhi_epi64(part[2], part[3]);
    UNROLLED for (i = 0; i < 4; i++) {
        _mm256_storeu_si256((__m256i *)element[i], _mm512_castsi512_si256(row[i]));
        _mm256_storeu_si256((__m256i *)element[i + 4], _mm512_extracti64x4_epi64(row[i], 1));
    }
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

VECTOR void vectors_add(
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
        x3 = square(&slope);
        x3 = subtract(&x3, &x1);
        x3 = subtract(&x3, &x2);
        y3 = subtract(&x1, &x3);
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
    static const int lane_order[LANES] = {0, 1, 4, 5, 2, 3, 6, 7};
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
