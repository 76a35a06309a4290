/*
 * GHASH (NIST SP 800-38D, 6.4) by way of POLYVAL (RFC 8452, appendix A): bytes of blocks turned around make plain
 * integers, and a hash key times x makes the product of two of them, divided by x^128, the product that GCM wants.
 */
#ifndef MENGLIAN_GHASH_H
#define MENGLIAN_GHASH_H

#include "sm4Gcm.h"
#include "words.h"

#define GHASH_BLOCK_BYTES 16
/** Of x^128 + x^127 + x^126 + x^121 + 1: the upper terms, in the upper word. */
#define GHASH_REDUCTION 0xC200000000000000

/** hash = (hash + block) * key for each block. */
typedef void ghash_absorb(
    struct ghash_element *hash, const struct ghash_element powers[GHASH_POWERS], const unsigned char *blocks, size_t count);

static inline uint64_t reverse_bits(uint64_t bits) {
    bits = (bits & 0x5555555555555555) << 1 | (bits >> 1 & 0x5555555555555555);
    bits = (bits & 0x3333333333333333) << 2 | (bits >> 2 & 0x3333333333333333);
    bits = (bits & 0x0F0F0F0F0F0F0F0F) << 4 | (bits >> 4 & 0x0F0F0F0F0F0F0F0F);
    return __builtin_bswap64(bits);
}

/** Every fourth bit, from this one on. */
#define FOURTH_BITS(first) ((uint64_t)0x1111111111111111 << (first))

/** The lower word of a product without carries: of four bits only one is kept, so that no sum reaches the next kept one. */
static inline uint64_t multiply_low(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    int i, j;
    for (i = 0; i < 4; i++) {
        uint64_t sum = 0;
        for (j = 0; j < 4; j++) sum ^= (a & FOURTH_BITS(j)) * (b & FOURTH_BITS((i - j) & 3));
        product |= sum & FOURTH_BITS(i);
    }
    return product;
}

static inline struct ghash_element multiply_words(uint64_t a, uint64_t b) {
    uint64_t high = reverse_bits(multiply_low(reverse_bits(a), reverse_bits(b))) >> 1;
    return (struct ghash_element){multiply_low(a, b), high};
}

/** a b / x^128. */
static struct ghash_element ghash_multiply(struct ghash_element a, struct ghash_element b) {
    struct ghash_element low = multiply_words(a.low, b.low), high = multiply_words(a.high, b.high);
    struct ghash_element middle = multiply_words(a.low ^ a.high, b.low ^ b.high);
    uint64_t words[4];
    int i;
    middle.low ^= low.low ^ high.low;
    middle.high ^= low.high ^ high.high;
    words[0] = low.low;
    words[1] = low.high ^ middle.low;
    words[2] = high.low ^ middle.high;
    words[3] = high.high;
    /* Adding a multiple of the modulus makes the lowest word zero, twice. */
    for (i = 0; i < 2; i++) {
        words[i + 1] ^= words[i] << 63 ^ words[i] << 62 ^ words[i] << 57;
        words[i + 2] ^= words[i] ^ words[i] >> 1 ^ words[i] >> 2 ^ words[i] >> 7;
    }
    return (struct ghash_element){words[2], words[3]};
}

static void plain_absorb(
    struct ghash_element *hash, const struct ghash_element powers[GHASH_POWERS], const unsigned char *blocks, size_t count) {
    for (; count > 0; count--, blocks += GHASH_BLOCK_BYTES) {
        hash->high ^= read_number(blocks);
        hash->low ^= read_number(blocks + 8);
        *hash = ghash_multiply(*hash, powers[0]);
    }
}

/** @param bytes of the hash key, the encryption of zeros */
static void ghash_prepare(struct ghash_element powers[GHASH_POWERS], const unsigned char bytes[GHASH_BLOCK_BYTES]) {
    uint64_t high = read_number(bytes), low = read_number(bytes + 8);
    uint64_t carry = (uint64_t)0 - (high >> 63);
    int i;
    powers[0].low = low << 1 ^ (carry & 1);
    powers[0].high = (high << 1 | low >> 63) ^ (carry & GHASH_REDUCTION);
    for (i = 1; i < GHASH_POWERS; i++) powers[i] = ghash_multiply(powers[i - 1], powers[0]);
}

#if HAS_X86
/** Up to eight products are added before they are reduced. */
__attribute__((target("pclmul,ssse3"))) static void carryless_absorb(
    struct ghash_element *hash, const struct ghash_element powers[GHASH_POWERS], const unsigned char *blocks, size_t count) {
    const __m128i turned = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i reduction = _mm_set_epi64x(0, (long long)GHASH_REDUCTION);
    __m128i sum = _mm_loadu_si128((const __m128i *)(const void *)hash);
    while (count > 0) {
        size_t taken = count < GHASH_POWERS ? count : GHASH_POWERS, i;
        __m128i low = _mm_setzero_si128(), middle = low, high = low;
        for (i = 0; i < taken; i++) {
            __m128i power = _mm_loadu_si128((const __m128i *)(const void *)&powers[taken - 1 - i]);
            __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(blocks + GHASH_BLOCK_BYTES * i));
            block = _mm_shuffle_epi8(block, turned);
            if (i == 0) block = _mm_xor_si128(block, sum);
            low = _mm_xor_si128(low, _mm_clmulepi64_si128(block, power, 0x00));
            high = _mm_xor_si128(high, _mm_clmulepi64_si128(block, power, 0x11));
            middle = _mm_xor_si128(middle, _mm_clmulepi64_si128(block, power, 0x01));
            middle = _mm_xor_si128(middle, _mm_clmulepi64_si128(block, power, 0x10));
        }
        low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
        high = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
        /* As in ghash_multiply, with the words exchanged each time. */
        for (i = 0; i < 2; i++) {
            low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, reduction, 0x00));
        }
        sum = _mm_xor_si128(high, low);
        blocks += GHASH_BLOCK_BYTES * taken;
        count -= taken;
    }
    _mm_storeu_si128((__m128i *)(void *)hash, sum);
}
#endif

#endif
