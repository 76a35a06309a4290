/*
 * Integers of 256 bits, one in each of eight lanes, for x86-64 processors with AVX-512 IFMA: what computing modulo any prime
 * needs. Included where HAS_VECTORS is.
 */
#ifndef MENGLIAN_VECTOR_LANES_H
#define MENGLIAN_VECTOR_LANES_H

#include <immintrin.h>

#include "vectors.h"

#define VECTOR __attribute__((target("avx512f,avx512ifma")))
#define VECTOR_INLINE __attribute__((target("avx512f,avx512ifma"), always_inline)) static inline

/**
 * In limbs of 52 bits. The multiplier reads 52 bits of each factor, so all limbs but the last are always below 2^52; the
 * last has 48 bits, and room for some more.
 */
typedef struct {
    __m512i limb[LANE_WORDS];
} lanes;

/** The compiler must see all limbs at once, or it keeps them in memory. */
#define UNROLLED _Pragma("GCC unroll 10")

#define LIMB_MASK 0xFFFFFFFFFFFFFULL
#define LAST_LIMB_MASK 0xFFFFFFFFFFFFULL

/** The lanes that the elements given to `load` are in. */
static const int lane_order[LANES] = {0, 1, 4, 5, 2, 3, 6, 7};

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

/** The columns of a product, each below 2^56. */
VECTOR_INLINE void product_columns(__m512i column[10], const lanes *a, const lanes *b) {
    __m512i low[9], high[9];
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
}

/** The same of a square. */
VECTOR_INLINE void square_columns(__m512i column[10], const lanes *a) {
    __m512i low[9], high[9];
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
}

#endif
