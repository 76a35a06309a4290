/* As ../vectors.h, for the field of SM2: elements are given and taken in the Montgomery form of field.h. */
#ifndef MENGLIAN_SM2_VECTORS_H
#define MENGLIAN_SM2_VECTORS_H

#include "../vectors.h"

#if HAS_VECTORS

/**
 * Independent additions of different points that are not infinity and have different x.
 * @param count a multiple of LANES
 * @param products space for count * LANE_WORDS words
 * @param invert_all replaces LANES elements, none zero, by their inverses
 */
void sm2_vectors_add(
    point_words *points,
    const struct addition *additions,
    size_t count,
    uint64_t *products,
    void (*invert_all)(field_words *elements));

/**
 * For LANES points whose x is given, as a plain number below p: writes x in Montgomery form and finds y.
 * @param is_odd whether y has to be odd
 * @param is_point whether there is such a point; where not, what was written is worth nothing
 */
void sm2_vectors_lift(point_words *points, const unsigned char *is_odd, unsigned char *is_point);

#endif
#endif
