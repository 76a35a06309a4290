/*
 * Multiples of a fixed point by a table: a number is written in signed digits of some bits each, and the table has, for the
 * place of every digit, all multiples that a digit can ask for. So a multiplication is as many additions as there are places.
 */
#ifndef MENGLIAN_SM2_COMB_H
#define MENGLIAN_SM2_COMB_H

#include <stdlib.h>

#include "addition.h"
#include "scalar.h"

/** A number below 2^256 with the bias added. */
#define BIASED_WORDS 5

struct comb {
    /** Bits of a digit: digits are from -2^(bits - 1) to 2^(bits - 1) - 1. */
    unsigned int bits;
    /** Digits of a number, which has 256 bits and carries once more. */
    unsigned int places;
    /** By place, the point times 2^(bits place), times 1 to 2^(bits - 1). */
    affine_point *points;
};

static unsigned int comb_places(unsigned int bits) {
    return 256 / bits + 1;
}

static size_t comb_size(unsigned int bits) {
    return (size_t)comb_places(bits) << (bits - 1);
}

/**
 * Adds 2^(bits - 1) at every place. The digits of the sum less that number are the signed digits, and each can be read
 * without those before it.
 */
static void bias_number(uint64_t biased[BIASED_WORDS], const uint64_t number[WORDS], unsigned int bits) {
    uint64_t bias[BIASED_WORDS] = {0};
    carry_bit carry = 0;
    unsigned int place, at, i;
    for (place = 0; place < comb_places(bits); place++) {
        at = place * bits + bits - 1;
        bias[at / 64] |= (uint64_t)1 << (at % 64);
    }
    for (i = 0; i < WORDS; i++) biased[i] = add_carry(number[i], bias[i], &carry);
    biased[WORDS] = bias[WORDS] + carry;
}

static int digit_at(const uint64_t biased[BIASED_WORDS], unsigned int place, unsigned int bits) {
    unsigned int offset = place * bits, word = offset / 64, shift = offset % 64;
    uint64_t value = biased[word] >> shift;
    if (shift + bits > 64 && word + 1 < BIASED_WORDS) value |= biased[word + 1] << (64 - shift);
    return (int)(value & (((uint64_t)1 << bits) - 1)) - (1 << (bits - 1));
}

/** Memory that a table is computed in. */
struct comb_space {
    jacobian_point *bases;
    element *products;
    affine_point *points;
    struct addition *additions;
    field_element *denominators;
};

/** The points times 2^(bits place), into the first points of the places. */
static void comb_fill_bases(struct comb_space *space, const affine_point *point, unsigned int bits) {
    size_t places = comb_places(bits), place;
    jacobian_point base;
    unsigned int i;
    jacobian_from_affine(&base, point);
    for (place = 0; place < places; place++) {
        space->bases[place] = base;
        for (i = 0; i < bits; i++) jacobian_double(&base, &base);
    }
    jacobian_to_affine_all(space->points, space->bases, space->products, places);
    /* From the last to the first, none is overwritten before it has been moved. */
    for (place = places; place-- > 0;) {
        space->points[PADDING_POINTS + (place << (bits - 1))] = space->points[place];
    }
}

/** Computes the table: the first points of all places, then all their doubles, and so on. @return 0 without memory */
static int comb_fill(struct comb *comb, const affine_point *point, unsigned int bits) {
    size_t half = (size_t)1 << (bits - 1), places = comb_places(bits), points = PADDING_POINTS + comb_size(bits);
    size_t place, i;
    struct comb_space space;
    unsigned char *memory = calloc(
        1,
        points * sizeof(*space.points) + places * (sizeof(*space.bases) + sizeof(*space.products)) +
            (places + LANES) * (sizeof(*space.denominators) + sizeof(*space.additions)));
    if (memory == NULL) return 0;
    space.points = (affine_point *)memory;
    space.bases = (jacobian_point *)(space.points + points);
    space.products = (element *)(space.bases + places);
    space.denominators = (field_element *)(space.products + places);
    space.additions = (struct addition *)(space.denominators + places + LANES);
    comb_fill_bases(&space, point, bits);
    for (i = 1; i < half; i++) {
        for (place = 0; place < places; place++) {
            size_t first = PADDING_POINTS + place * half;
            space.points[first + i] = space.points[first + i - 1];
            space.additions[place] = (struct addition){(uint32_t)(first + i), (uint32_t)first};
        }
        add_all(space.points, space.additions, places, space.denominators);
    }
    comb->bits = bits;
    comb->places = (unsigned int)places;
    memcpy(comb->points, space.points + PADDING_POINTS, comb_size(bits) * sizeof(*comb->points));
    free(memory);
    return 1;
}

/** The point that a digit other than 0 stands for. */
static affine_point comb_point(const struct comb *comb, unsigned int place, int digit) {
    size_t size = (size_t)(digit < 0 ? -digit : digit);
    affine_point point = comb->points[((size_t)place << (comb->bits - 1)) + size - 1];
    if (digit < 0) affine_negate(&point);
    return point;
}

/** Points whose sum is number times the point, at most one for each place. @return how many, more than 0 if number is */
static size_t comb_points_public(affine_point *points, const struct comb *comb, const scalar *number) {
    uint64_t biased[BIASED_WORDS];
    unsigned int place;
    size_t count = 0;
    bias_number(biased, number->word, comb->bits);
    for (place = 0; place < comb->places; place++) {
        int digit = digit_at(biased, place, comb->bits);
        if (digit != 0) points[count++] = comb_point(comb, place, digit);
    }
    return count;
}

/** sum += number times the point; in a time that depends on the number. */
static void comb_add_public(jacobian_point *sum, const struct comb *comb, const scalar *number) {
    uint64_t biased[BIASED_WORDS];
    unsigned int place;
    bias_number(biased, number->word, comb->bits);
    for (place = 0; place < comb->places; place++) {
        int digit = digit_at(biased, place, comb->bits);
        affine_point point;
        if (digit == 0) continue;
        point = comb_point(comb, place, digit);
        jacobian_add_affine(sum, &point);
    }
}

/**
 * Number times the point, for a secret number: which parts of the table are read, in which order, and every operation are the
 * same for all numbers. Result is 0 : 1 : 0 for the number 0.
 */
static void comb_multiply_secret(homogeneous_point *product, const struct comb *comb, const scalar *number) {
    uint64_t biased[BIASED_WORDS];
    unsigned int place, i, half = 1U << (comb->bits - 1);
    bias_number(biased, number->word, comb->bits);
    memset(product, 0, sizeof(*product));
    product->y = FIELD_ONE;
    for (place = 0; place < comb->places; place++) {
        const affine_point *points = comb->points + (size_t)place * half;
        int digit = digit_at(biased, place, comb->bits);
        uint64_t is_negative = mask_of((uint64_t)(int64_t)digit >> 63);
        uint64_t size = ((uint64_t)(int64_t)digit ^ is_negative) - is_negative, is_zero = mask_of((size - 1) >> 63);
        affine_point point;
        element negative_y;
        homogeneous_point sum = *product;
        memset(&point, 0, sizeof(point));
        for (i = 0; i < half; i++) {
            /* All ones where i + 1 is the size of the digit. */
            uint64_t mask = mask_of((((uint64_t)i + 1) ^ size) == 0);
            words_select(point.x.word, points[i].x.word, mask);
            words_select(point.y.word, points[i].y.word, mask);
        }
        field_negate(&negative_y, &point.y);
        words_select(point.y.word, negative_y.word, is_negative);
        /* The formula does not hold for infinity as the second point, so its sum is not taken. */
        homogeneous_add_affine(&sum, &point);
        words_select(product->x.word, sum.x.word, ~is_zero);
        words_select(product->y.word, sum.y.word, ~is_zero);
        words_select(product->z.word, sum.z.word, ~is_zero);
    }
}

#endif
