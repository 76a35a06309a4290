/*
 * The field of SM2, p = 2^256 - 2^224 - 2^96 + 2^64 - 1 (GB/T 32918.5-2017).
 *
 * Elements are kept in Montgomery form, a 2^256 modulo p, and always below p: so equal elements are equal words, and 0 is all
 * zeros. Functions without `public` in their name take the same time for all values.
 */
#ifndef MENGLIAN_SM2_FIELD_H
#define MENGLIAN_SM2_FIELD_H

#include "inverse.h"

typedef struct {
    uint64_t word[WORDS];
} element;

static const uint64_t FIELD_PRIME[WORDS] = {
    0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF};
/** 2^256 modulo p: one. */
static const element FIELD_ONE = {{0x0000000000000001, 0x00000000FFFFFFFF, 0x0000000000000000, 0x0000000100000000}};
/** 2^512 and 2^768 modulo p. */
static const element FIELD_R2 = {{0x0000000200000003, 0x00000002FFFFFFFF, 0x0000000100000001, 0x0000000400000002}};
static const element FIELD_R3 = {{0x0000001200000016, 0x0000000EFFFFFFF8, 0x0000000A0000000C, 0x0000001B00000009}};

static const secp256k1_modinv64_modinfo FIELD_INVERSION = {
    {{0x3FFFFFFFFFFFFFFF, 0x3FFFFFFC00000003, 0x3FFFFFFFFFFFFFFF, 0x3FFFFFBFFFFFFFFF, 0xFF}}, 0x3FFFFFFFFFFFFFFF};

static inline int field_is_zero(const element *a) {
    return words_are_zero(a->word);
}

static inline int field_is_equal(const element *a, const element *b) {
    return words_are_equal(a->word, b->word);
}

static inline void field_add(element *sum, const element *a, const element *b) {
    carry_bit carry = words_add(sum->word, a->word, b->word);
    words_reduce_once(sum->word, carry, FIELD_PRIME);
}

static inline void field_double(element *sum, const element *a) {
    field_add(sum, a, a);
}

static inline void field_subtract(element *difference, const element *a, const element *b) {
    uint64_t mask = mask_of(words_subtract(difference->word, a->word, b->word));
    carry_bit carry = 0;
    difference->word[0] = add_carry(difference->word[0], mask, &carry);
    difference->word[1] = add_carry(difference->word[1], mask & FIELD_PRIME[1], &carry);
    difference->word[2] = add_carry(difference->word[2], mask, &carry);
    difference->word[3] = add_carry(difference->word[3], mask & FIELD_PRIME[3], &carry);
}

static inline void field_negate(element *negative, const element *a) {
    static const element zero;
    field_subtract(negative, &zero, a);
}

/**
 * product / 2^256 modulo p, for a product below p 2^256. As p is -1 modulo 2^64, the multiple of p that makes the lowest word
 * m vanish is m p, and (m + m p) / 2^64 = m (2^192 - 2^160 - 2^32 + 1) needs no multiplication. The low half is reduced by
 * itself: with three words below 2^192 left of it, and the addend below 2^256 - 2^223, no step carries.
 */
static inline void field_reduce(element *to, const uint64_t product[2 * WORDS]) {
    uint64_t t0 = product[0], t1 = product[1], t2 = product[2], t3 = product[3];
    carry_bit carry;
    int i;
#pragma GCC unroll 4
    for (i = 0; i < WORDS; i++) {
        uint64_t m = t0, low = m << 32, high = m >> 32, a0, a1, a2, a3;
        carry_bit borrow = 0;
        a0 = subtract_borrow(m, low, &borrow);
        a1 = subtract_borrow(0, high, &borrow);
        a2 = subtract_borrow(0, low, &borrow);
        a3 = subtract_borrow(m, high, &borrow);
        carry = 0;
        t0 = add_carry(t1, a0, &carry);
        t1 = add_carry(t2, a1, &carry);
        t2 = add_carry(t3, a2, &carry);
        t3 = add_carry(0, a3, &carry);
    }
    carry = 0;
    to->word[0] = add_carry(product[4], t0, &carry);
    to->word[1] = add_carry(product[5], t1, &carry);
    to->word[2] = add_carry(product[6], t2, &carry);
    to->word[3] = add_carry(product[7], t3, &carry);
    /* (product + p (2^256 - 1)) / 2^256 < 2 p */
    words_reduce_once(to->word, carry, FIELD_PRIME);
}

static void field_multiply(element *product, const element *a, const element *b) {
    uint64_t words[2 * WORDS];
    words_multiply(words, a->word, b->word);
    field_reduce(product, words);
}

static void field_square(element *square, const element *a) {
    uint64_t words[2 * WORDS];
    words_square(words, a->word);
    field_reduce(square, words);
}

/** a squared `count` times: a^(2^count) */
static void field_square_times(element *power, const element *a, int count) {
    *power = *a;
    while (count-- > 0) field_square(power, power);
}

static void field_from_words(element *to, const uint64_t words[WORDS]) {
    element plain;
    memcpy(plain.word, words, sizeof(plain.word));
    field_multiply(to, &plain, &FIELD_R2);
}

/** The number that the element stands for. */
static void field_to_words(uint64_t words[WORDS], const element *a) {
    uint64_t product[2 * WORDS] = {0};
    element plain;
    memcpy(product, a->word, sizeof(a->word));
    field_reduce(&plain, product);
    memcpy(words, plain.word, sizeof(plain.word));
}

static int field_is_odd(const element *a) {
    uint64_t words[WORDS];
    field_to_words(words, a);
    return (int)(words[0] & 1);
}

/** (a 2^256)^-1 times 2^768, divided by 2^256. The inverse of 0 is 0. */
static void field_invert(element *inverse, const element *a) {
    element plain;
    words_invert(plain.word, a->word, &FIELD_INVERSION);
    field_multiply(inverse, &plain, &FIELD_R3);
}

static void field_invert_public(element *inverse, const element *a) {
    element plain;
    words_invert_public(plain.word, a->word, &FIELD_INVERSION);
    field_multiply(inverse, &plain, &FIELD_R3);
}

/**
 * The square root a^((p + 1) / 4), as p is 3 modulo 4; (p + 1) / 4 = (2^32 - 1) (2^160 - 1) 2^62.
 * @return 0 when a has none
 */
static int field_root(element *root, const element *a) {
    element power, part, check;
    int bits;
    /* part = a^(2^bits - 1) */
    part = *a;
    for (bits = 1; bits < 32; bits *= 2) {
        field_square_times(&power, &part, bits);
        field_multiply(&part, &power, &part);
    }
    /* The same with 2^5 - 1 = 2 (2^4 - 1) + 1, then doublings up to 2^160 - 1. */
    check = part;
    for (bits = 1; bits < 4; bits *= 2) {
        field_square_times(&power, &part, bits);
        field_multiply(&part, &power, &part);
    }
    field_square(&part, &part);
    field_multiply(&part, &part, &check);
    for (bits = 5; bits < 160; bits *= 2) {
        field_square_times(&power, &part, bits);
        field_multiply(&part, &power, &part);
    }
    field_square_times(root, &part, 62);
    field_square(&check, root);
    return field_is_equal(&check, a);
}

#endif
