/* Integers of four words, least significant first: carries, bytes, comparison. All in constant time. */
#ifndef MENGLIAN_SM2_WORDS_H
#define MENGLIAN_SM2_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#ifndef __SIZEOF_INT128__
#error "SM2 needs products of 128 bits"
#endif

typedef unsigned __int128 uint128;

#define WORDS 4

#if defined(__x86_64__)
typedef unsigned char carry_bit;

static inline uint64_t add_carry(uint64_t a, uint64_t b, carry_bit *carry) {
    unsigned long long sum;
    *carry = _addcarry_u64(*carry, a, b, &sum);
    return sum;
}

static inline uint64_t subtract_borrow(uint64_t a, uint64_t b, carry_bit *borrow) {
    unsigned long long difference;
    *borrow = _subborrow_u64(*borrow, a, b, &difference);
    return difference;
}
#else
typedef uint64_t carry_bit;

static inline uint64_t add_carry(uint64_t a, uint64_t b, carry_bit *carry) {
    uint128 sum = (uint128)a + b + *carry;
    *carry = (carry_bit)(sum >> 64);
    return (uint64_t)sum;
}

static inline uint64_t subtract_borrow(uint64_t a, uint64_t b, carry_bit *borrow) {
    uint128 difference = (uint128)a - b - *borrow;
    *borrow = (carry_bit)(difference >> 64) & 1;
    return (uint64_t)difference;
}
#endif

/** All ones or all zeros. The compiler must not turn what is chosen by a mask into a branch. */
static inline uint64_t mask_of(uint64_t bit) {
    uint64_t mask = 0 - bit;
    __asm__("" : "+r"(mask));
    return mask;
}

/** sum = a + b. @return the carry */
static inline carry_bit words_add(uint64_t sum[WORDS], const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    carry_bit carry = 0;
    sum[0] = add_carry(a[0], b[0], &carry);
    sum[1] = add_carry(a[1], b[1], &carry);
    sum[2] = add_carry(a[2], b[2], &carry);
    sum[3] = add_carry(a[3], b[3], &carry);
    return carry;
}

/** difference = a - b. @return the borrow: whether a < b */
static inline carry_bit words_subtract(uint64_t difference[WORDS], const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    carry_bit borrow = 0;
    difference[0] = subtract_borrow(a[0], b[0], &borrow);
    difference[1] = subtract_borrow(a[1], b[1], &borrow);
    difference[2] = subtract_borrow(a[2], b[2], &borrow);
    difference[3] = subtract_borrow(a[3], b[3], &borrow);
    return borrow;
}

/** a where the mask is all ones, else b. Word by word: vectors made of them cost more than they save. */
static inline uint64_t word_select(uint64_t a, uint64_t b, uint64_t mask) {
    return b ^ ((a ^ b) & mask);
}

/** to = from where the mask is all ones */
static inline void words_select(uint64_t to[WORDS], const uint64_t from[WORDS], uint64_t mask) {
    to[0] = word_select(from[0], to[0], mask);
    to[1] = word_select(from[1], to[1], mask);
    to[2] = word_select(from[2], to[2], mask);
    to[3] = word_select(from[3], to[3], mask);
}

/** Takes `modulus` off once where a, with a carry above it, is not below it. a + carry 2^256 < 2 modulus */
static inline void words_reduce_once(uint64_t a[WORDS], carry_bit carry, const uint64_t modulus[WORDS]) {
    uint64_t d0, d1, d2, d3, mask;
    carry_bit borrow = 0, back = 0;
    d0 = subtract_borrow(a[0], modulus[0], &borrow);
    d1 = subtract_borrow(a[1], modulus[1], &borrow);
    d2 = subtract_borrow(a[2], modulus[2], &borrow);
    d3 = subtract_borrow(a[3], modulus[3], &borrow);
    subtract_borrow(carry, 0, &borrow);
    mask = mask_of(borrow);
    a[0] = add_carry(d0, modulus[0] & mask, &back);
    a[1] = add_carry(d1, modulus[1] & mask, &back);
    a[2] = add_carry(d2, modulus[2] & mask, &back);
    a[3] = add_carry(d3, modulus[3] & mask, &back);
}

static inline int words_are_zero(const uint64_t a[WORDS]) {
    return (a[0] | a[1] | a[2] | a[3]) == 0;
}

static inline int words_are_equal(const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

/** @return whether a < b */
static inline int words_are_below(const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    uint64_t difference[WORDS];
    return words_subtract(difference, a, b);
}

/** 32 bytes, most significant first, whatever the processor. */
static inline void words_read(uint64_t words[WORDS], const unsigned char *bytes) {
    int i;
    for (i = 0; i < WORDS; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * (WORDS - 1 - i), 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        words[i] = word;
    }
}

static inline void words_write(unsigned char *bytes, const uint64_t words[WORDS]) {
    int i;
    for (i = 0; i < WORDS; i++) {
        uint64_t word = words[i];
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        memcpy(bytes + 8 * (WORDS - 1 - i), &word, 8);
    }
}

/** product = a b, eight words */
static inline void words_multiply(uint64_t product[2 * WORDS], const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    int i, j;
    uint64_t carry = 0;
#pragma GCC unroll 4
    for (j = 0; j < WORDS; j++) {
        uint128 sum = (uint128)a[0] * b[j] + carry;
        product[j] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    product[WORDS] = carry;
#pragma GCC unroll 4
    for (i = 1; i < WORDS; i++) {
        carry = 0;
#pragma GCC unroll 4
        for (j = 0; j < WORDS; j++) {
            /* At most (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1. */
            uint128 sum = (uint128)a[i] * b[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[i + WORDS] = carry;
    }
}

/** square = a^2: products of different words once, doubled, and those of equal ones. */
static inline void words_square(uint64_t square[2 * WORDS], const uint64_t a[WORDS]) {
    uint128 sum;
    uint64_t low, high;
    carry_bit carry;
    /* Words 1 to 6 of the sum of a[i] a[j] for i < j. */
    sum = (uint128)a[0] * a[1];
    square[1] = (uint64_t)sum;
    sum = (uint128)a[0] * a[2] + (uint64_t)(sum >> 64);
    square[2] = (uint64_t)sum;
    sum = (uint128)a[0] * a[3] + (uint64_t)(sum >> 64);
    square[3] = (uint64_t)sum;
    square[4] = (uint64_t)(sum >> 64);
    sum = (uint128)a[1] * a[2] + square[3];
    square[3] = (uint64_t)sum;
    sum = (uint128)a[1] * a[3] + square[4] + (uint64_t)(sum >> 64);
    square[4] = (uint64_t)sum;
    square[5] = (uint64_t)(sum >> 64);
    sum = (uint128)a[2] * a[3] + square[5];
    square[5] = (uint64_t)sum;
    square[6] = (uint64_t)(sum >> 64);
    square[7] = square[6] >> 63;
    square[6] = square[6] << 1 | square[5] >> 63;
    square[5] = square[5] << 1 | square[4] >> 63;
    square[4] = square[4] << 1 | square[3] >> 63;
    square[3] = square[3] << 1 | square[2] >> 63;
    square[2] = square[2] << 1 | square[1] >> 63;
    square[1] <<= 1;
    sum = (uint128)a[0] * a[0];
    square[0] = (uint64_t)sum;
    carry = 0;
    square[1] = add_carry(square[1], (uint64_t)(sum >> 64), &carry);
    sum = (uint128)a[1] * a[1], low = (uint64_t)sum, high = (uint64_t)(sum >> 64);
    square[2] = add_carry(square[2], low, &carry);
    square[3] = add_carry(square[3], high, &carry);
    sum = (uint128)a[2] * a[2], low = (uint64_t)sum, high = (uint64_t)(sum >> 64);
    square[4] = add_carry(square[4], low, &carry);
    square[5] = add_carry(square[5], high, &carry);
    sum = (uint128)a[3] * a[3], low = (uint64_t)sum, high = (uint64_t)(sum >> 64);
    square[6] = add_carry(square[6], low, &carry);
    square[7] = add_carry(square[7], high, &carry);
}

#endif
