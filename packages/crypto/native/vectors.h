/*
 * The two dearest steps of bulk checking, eight at a time, for x86-64 processors with AVX-512 IFMA. Elsewhere the same
 * steps run one by one with the library's field (addition.h, bulk.h); the results are the same to the bit.
 */
#ifndef MENGLIAN_VECTORS_H
#define MENGLIAN_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_VECTORS 1
#else
#define HAS_VECTORS 0
#endif

#define LANES 8
/** Words of a field element per lane while it is being computed with. */
#define LANE_WORDS 5

/** A canonical field element, least significant word first. */
typedef uint64_t field_words[4];
/** An affine point: x and y. */
typedef field_words point_words[2];

/** points[into] += points[from] */
struct addition {
    uint32_t into;
    uint32_t from;
};

#if HAS_VECTORS

/** Whether this processor has what the other two need. */
int vectors_are_supported(void);

/**
 * Independent additions of different points that are not infinity and have different x.
 * @param count a multiple of LANES
 * @param products space for count * LANE_WORDS words
 * @param invert_all replaces LANES elements, none zero, by their inverses
 */
void vectors_add(
    point_words *points,
    const struct addition *additions,
    size_t count,
    uint64_t *products,
    void (*invert_all)(field_words *elements));

/**
 * For LANES points whose x is given: finds y.
 * @param points a point and, after it, one for lambda times that point; y of the first and all of the second are written
 * @param is_odd whether y has to be odd
 * @param is_point whether there is such a point; where not, what was written is worth nothing
 */
void vectors_lift(point_words (*points)[2], const unsigned char *is_odd, unsigned char *is_point);

#endif
#endif
