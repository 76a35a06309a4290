/*
 * SM4 in vectors of 128, 256 and 512 bits. Its S-box inverts in a field of 2^8 elements as that of AES does, so it is an
 * affine map, the inversion of AES, and another affine map.
 */
#ifndef MENGLIAN_SM4_VECTORS_H
#define MENGLIAN_SM4_VECTORS_H

#include "cipher.h"

/** The compiler must see every word of the state, or it keeps them in memory. */
#define UNROLLED _Pragma("GCC unroll 16")

static const unsigned char ROTATION_BY_8[16] = {3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14};
static const unsigned char ROTATION_BY_16[16] = {2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13};
static const unsigned char ROTATION_BY_24[16] = {1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12};
static const unsigned char WORDS_TURNED[16] = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};

/** The affine maps before and after the inversion, as GFNI takes them, with what they add. */
#define MAP_BEFORE 0x4C287DB91A22505D
#define ADDED_BEFORE 0x3E
#define MAP_AFTER ((long long)0xF3AB34A974A6B589)
#define ADDED_AFTER 0xD3

/** The same before the S-box of AES and after it, by the halves of a byte. */
static const unsigned char BEFORE_LOW[16] = {
    0x3E, 0xB2, 0x0E, 0x82, 0xBB, 0x37, 0x8B, 0x07, 0xA1, 0x2D, 0x91, 0x1D, 0x24, 0xA8, 0x14, 0x98,
};
static const unsigned char BEFORE_HIGH[16] = {
    0x00, 0xDC, 0x2E, 0xF2, 0xC5, 0x19, 0xEB, 0x37, 0x08, 0xD4, 0x26, 0xFA, 0xCD, 0x11, 0xE3, 0x3F,
};
static const unsigned char AFTER_LOW[16] = {
    0x6C, 0xD4, 0xA6, 0x1E, 0x52, 0xEA, 0x98, 0x20, 0x0B, 0xB3, 0xC1, 0x79, 0x35, 0x8D, 0xFF, 0x47,
};
static const unsigned char AFTER_HIGH[16] = {
    0x00, 0xE0, 0x50, 0xB0, 0x9D, 0x7D, 0xCD, 0x2D, 0xC0, 0x20, 0x90, 0x70, 0x5D, 0xBD, 0x0D, 0xED,
};
/** Undoes the ShiftRows of AES. */
static const unsigned char ROWS_BACK[16] = {0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3};

#define LOAD_128(from) _mm_loadu_si128((const __m128i *)(const void *)(from))

#define TARGET_AES __attribute__((target("aes,ssse3")))

TARGET_AES __attribute__((always_inline)) static inline __m128i mapped(
    __m128i bytes, const unsigned char low[16], const unsigned char high[16]) {
    const __m128i half = _mm_set1_epi8(0x0F);
    __m128i upper = _mm_and_si128(_mm_srli_epi16(bytes, 4), half);
    return _mm_xor_si128(
        _mm_shuffle_epi8(LOAD_128(low), _mm_and_si128(bytes, half)), _mm_shuffle_epi8(LOAD_128(high), upper));
}

TARGET_AES __attribute__((always_inline)) static inline __m128i substitute_by_aes(__m128i bytes) {
    bytes = _mm_aesenclast_si128(mapped(bytes, BEFORE_LOW, BEFORE_HIGH), _mm_setzero_si128());
    return mapped(_mm_shuffle_epi8(bytes, LOAD_128(ROWS_BACK)), AFTER_LOW, AFTER_HIGH);
}

#define LANES 4
#define GROUPS 4
#define TARGET TARGET_AES
#define NAME(what) four_##what
#define VECTOR __m128i
#define BROADCAST_128 LOAD_128
#define SHUFFLE_BYTES _mm_shuffle_epi8
#define UNPACK_LOW_32 _mm_unpacklo_epi32
#define UNPACK_HIGH_32 _mm_unpackhi_epi32
#define UNPACK_LOW_64 _mm_unpacklo_epi64
#define UNPACK_HIGH_64 _mm_unpackhi_epi64
#define SUBSTITUTE substitute_by_aes
#include "lanes.h"

#define LANES 8
#define GROUPS 2
#define TARGET __attribute__((target("avx2,gfni")))
#define NAME(what) eight_##what
#define VECTOR __m256i
#define BROADCAST_128(from) _mm256_broadcastsi128_si256(LOAD_128(from))
#define SHUFFLE_BYTES _mm256_shuffle_epi8
#define UNPACK_LOW_32 _mm256_unpacklo_epi32
#define UNPACK_HIGH_32 _mm256_unpackhi_epi32
#define UNPACK_LOW_64 _mm256_unpacklo_epi64
#define UNPACK_HIGH_64 _mm256_unpackhi_epi64
#define SUBSTITUTE(bytes)                                                                                              \
    _mm256_gf2p8affineinv_epi64_epi8(                                                                                  \
        _mm256_gf2p8affine_epi64_epi8(bytes, _mm256_set1_epi64x(MAP_BEFORE), ADDED_BEFORE),                            \
        _mm256_set1_epi64x(MAP_AFTER), ADDED_AFTER)
#include "lanes.h"

#define LANES 16
#define GROUPS 2
#define TARGET __attribute__((target("avx512f,avx512bw,gfni")))
#define NAME(what) sixteen_##what
#define VECTOR __m512i
#define BROADCAST_128(from) _mm512_broadcast_i32x4(LOAD_128(from))
#define SHUFFLE_BYTES _mm512_shuffle_epi8
#define UNPACK_LOW_32 _mm512_unpacklo_epi32
#define UNPACK_HIGH_32 _mm512_unpackhi_epi32
#define UNPACK_LOW_64 _mm512_unpacklo_epi64
#define UNPACK_HIGH_64 _mm512_unpackhi_epi64
#define SUBSTITUTE(bytes)                                                                                              \
    _mm512_gf2p8affineinv_epi64_epi8(                                                                                  \
        _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(MAP_BEFORE), ADDED_BEFORE),                             \
        _mm512_set1_epi64(MAP_AFTER), ADDED_AFTER)
#include "lanes.h"

#endif
