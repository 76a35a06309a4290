/* The arithmetic of SM2 held against the slowest way to do it. */
#ifndef MENGLIAN_TEST_SM2_ARITHMETIC_H
#define MENGLIAN_TEST_SM2_ARITHMETIC_H

#include "../sm2/field.h"
#include "../sm2/scalar.h"
#include "random.h"

/** number modulo a modulus above 2^255, bit by bit. */
static void remainder_of(uint64_t to[WORDS], const uint64_t *number, size_t words, const uint64_t modulus[WORDS]) {
    size_t bit;
    memset(to, 0, WORDS * sizeof(*to));
    for (bit = 64 * words; bit-- > 0;) {
        carry_bit carry = words_add(to, to, to);
        words_reduce_once(to, carry, modulus);
        if (number[bit / 64] >> (bit % 64) & 1) {
            static const uint64_t one[WORDS] = {1, 0, 0, 0};
            words_reduce_once(to, words_add(to, to, one), modulus);
        }
    }
}

/** a b by adding a shifted for every bit of b. */
static void product_of(uint64_t to[2 * WORDS], const uint64_t a[WORDS], const uint64_t b[WORDS]) {
    size_t bit, i;
    memset(to, 0, 2 * WORDS * sizeof(*to));
    for (bit = 64 * WORDS; bit-- > 0;) {
        uint64_t carry = 0;
        for (i = 2 * WORDS; i-- > 1;) to[i] = to[i] << 1 | to[i - 1] >> 63;
        to[0] <<= 1;
        if ((b[bit / 64] >> (bit % 64) & 1) == 0) continue;
        for (i = 0; i < 2 * WORDS; i++) {
            uint64_t addend = i < WORDS ? a[i] : 0, sum = to[i] + addend, overflow = sum < addend;
            to[i] = sum + carry;
            carry = overflow | (to[i] < carry);
        }
    }
}

/** A number below the modulus, often near an edge. */
static void edge_number(uint64_t to[WORDS], const uint64_t modulus[WORDS]) {
    unsigned char bytes[32];
    fill_with_runs(bytes);
    words_read(to, bytes);
    words_reduce_once(to, 0, modulus);
    if (below(8) == 0) {
        uint64_t small[WORDS] = {below(4), 0, 0, 0};
        if (below(2)) memcpy(to, small, sizeof(small));
        else if (small[0] > 0) words_subtract(to, modulus, small);
    }
}

static void compare_products(void) {
    uint64_t a[WORDS], b[WORDS], expected[2 * WORDS], product[2 * WORDS];
    unsigned char bytes[32];
    fill_with_runs(bytes);
    words_read(a, bytes);
    fill_with_runs(bytes);
    words_read(b, bytes);
    product_of(expected, a, b);
    words_multiply(product, a, b);
    if (memcmp(product, expected, sizeof(product)) != 0) fail("product", 0);
    product_of(expected, a, a);
    words_square(product, a);
    if (memcmp(product, expected, sizeof(product)) != 0) fail("square", 0);
}

/** Elements as numbers, in and out of Montgomery form by the slow way: the product by 2^256 is a shift. */
static void slow_montgomery(element *to, const uint64_t number[WORDS]) {
    uint64_t shifted[2 * WORDS] = {0};
    memcpy(shifted + WORDS, number, WORDS * sizeof(*number));
    remainder_of(to->word, shifted, 2 * WORDS, FIELD_PRIME);
}

static void expect_element(const element *actual, const uint64_t *number, size_t words, const char *what) {
    uint64_t remainder[WORDS];
    element expected;
    remainder_of(remainder, number, words, FIELD_PRIME);
    slow_montgomery(&expected, remainder);
    if (!field_is_equal(actual, &expected)) fail(what, 0);
}

static void compare_field(void) {
    uint64_t a[WORDS], b[WORDS], plain[WORDS], wide[2 * WORDS] = {0}, negative[WORDS];
    element x, y, result;
    edge_number(a, FIELD_PRIME);
    edge_number(b, FIELD_PRIME);
    field_from_words(&x, a);
    field_from_words(&y, b);
    expect_element(&x, a, WORDS, "conversion");
    field_to_words(plain, &x);
    if (!words_are_equal(plain, a)) fail("conversion back", 0);
    field_multiply(&result, &x, &y);
    product_of(wide, a, b);
    expect_element(&result, wide, 2 * WORDS, "field product");
    field_square(&result, &x);
    product_of(wide, a, a);
    expect_element(&result, wide, 2 * WORDS, "field square");
    field_add(&result, &x, &y);
    memset(wide, 0, sizeof(wide));
    wide[WORDS] = words_add(wide, a, b);
    expect_element(&result, wide, WORDS + 1, "field sum");
    field_subtract(&result, &x, &y);
    words_subtract(negative, FIELD_PRIME, b);
    memset(wide, 0, sizeof(wide));
    wide[WORDS] = words_add(wide, a, negative);
    expect_element(&result, wide, WORDS + 1, "field difference");
    if (field_is_zero(&x)) return;
    field_invert(&result, &x);
    field_invert_public(&y, &x);
    if (!field_is_equal(&result, &y)) fail("inverses", 0);
    field_multiply(&result, &result, &x);
    if (!field_is_equal(&result, &FIELD_ONE)) fail("inverse", 0);
    /* p is 3 modulo 4: either a or -a is a square. */
    field_negate(&y, &x);
    if (field_root(&result, &x) == field_root(&result, &y)) fail("existence of a root", 0);
    field_square(&x, &x);
    if (!field_root(&result, &x)) fail("root", 0);
}

static void compare_scalars(void) {
    static const scalar one = {{1, 0, 0, 0}};
    scalar a, b, result, expected;
    uint64_t wide[2 * WORDS] = {0};
    edge_number(a.word, ORDER);
    edge_number(b.word, ORDER);
    scalar_multiply(&result, &a, &b);
    product_of(wide, a.word, b.word);
    remainder_of(expected.word, wide, 2 * WORDS, ORDER);
    if (!words_are_equal(result.word, expected.word)) fail("scalar product", 0);
    memset(wide, 0, sizeof(wide));
    scalar_add(&result, &a, &b);
    wide[WORDS] = words_add(wide, a.word, b.word);
    remainder_of(expected.word, wide, WORDS + 1, ORDER);
    if (!words_are_equal(result.word, expected.word)) fail("scalar sum", 0);
    scalar_subtract(&result, &result, &b);
    if (!words_are_equal(result.word, a.word)) fail("scalar difference", 0);
    if (words_are_zero(a.word)) return;
    scalar_invert(&result, &a);
    scalar_multiply(&result, &result, &a);
    if (!words_are_equal(result.word, one.word)) fail("scalar inverse", 0);
}

#endif
