/* Integers modulo n, the order of SM2's curve, as plain numbers below n. Constant time, as in field.h. */
#ifndef MENGLIAN_SM2_SCALAR_H
#define MENGLIAN_SM2_SCALAR_H

#include "inverse.h"

typedef struct {
    uint64_t word[WORDS];
} scalar;

static const uint64_t ORDER[WORDS] = {0x53BBF40939D54123, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF};
/** 2^512 modulo n */
static const scalar SCALAR_R2 = {{0x901192AF7C114F20, 0x3464504ADE6FA2FA, 0x620FC84C3AFFE0D4, 0x1EB5E412A22B3D3B}};
/** -1/n modulo 2^64 */
#define ORDER_INVERSE 0x327F9E8872350975ULL

static const secp256k1_modinv64_modinfo SCALAR_INVERSION = {
    {{0x13BBF40939D54123, 0x080F7DAC871814AD, 0x3FFFFFFFFFFFFFF7, 0x3FFFFFBFFFFFFFFF, 0xFF}}, 0x0D8061778DCAF68B};

/** Any 32 bytes, modulo n, which is more than 2^255. */
static inline void scalar_read(scalar *to, const unsigned char bytes[32]) {
    words_read(to->word, bytes);
    words_reduce_once(to->word, 0, ORDER);
}

/** @return whether 0 < number < n */
static inline int scalar_read_exactly(scalar *to, const unsigned char bytes[32]) {
    words_read(to->word, bytes);
    return words_are_below(to->word, ORDER) & !words_are_zero(to->word);
}

static inline void scalar_add(scalar *sum, const scalar *a, const scalar *b) {
    carry_bit carry = words_add(sum->word, a->word, b->word);
    words_reduce_once(sum->word, carry, ORDER);
}

static inline void scalar_subtract(scalar *difference, const scalar *a, const scalar *b) {
    uint64_t correction[WORDS] = {0};
    words_select(correction, ORDER, mask_of(words_subtract(difference->word, a->word, b->word)));
    words_add(difference->word, difference->word, correction);
}

/** a b / 2^256 modulo n, by Montgomery's method: each step takes one word off, and leaves less than 2 n. */
static void scalar_multiply_montgomery(scalar *to, const scalar *a, const scalar *b) {
    uint64_t product[2 * WORDS], over = 0;
    int i, j;
    words_multiply(product, a->word, b->word);
    for (i = 0; i < WORDS; i++) {
        uint64_t m = product[i] * ORDER_INVERSE, carry = 0;
        uint128 sum;
        for (j = 0; j < WORDS; j++) {
            sum = (uint128)m * ORDER[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        sum = (uint128)product[i + WORDS] + carry + over;
        product[i + WORDS] = (uint64_t)sum;
        over = (uint64_t)(sum >> 64);
    }
    memcpy(to->word, product + WORDS, sizeof(to->word));
    /* (a b + n (2^256 - 1)) / 2^256 < 2 n */
    words_reduce_once(to->word, (carry_bit)over, ORDER);
}

static void scalar_multiply(scalar *product, const scalar *a, const scalar *b) {
    scalar part;
    scalar_multiply_montgomery(&part, a, b);
    scalar_multiply_montgomery(product, &part, &SCALAR_R2);
}

/** @param a not 0 */
static void scalar_invert(scalar *inverse, const scalar *a) {
    words_invert(inverse->word, a->word, &SCALAR_INVERSION);
}

#endif
