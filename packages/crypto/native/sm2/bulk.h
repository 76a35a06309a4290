/*
 * Many SM2 signatures in one multiplication, after "Using Randomizers for Batch Verification of ECDSA Signatures"
 * (eprint 2012/582), as ../bulk.h does it for ECDSA. A signature (r, s) of hash e holds for the key P just when
 *
 *     R = s G + t P,    t = r + s,
 *
 * is one of the points whose x is r - e modulo n. Which of the two such points, r does not tell; a hint does, which may be
 * anybody's word. The sum of these equations, each times a random weight of 128 bits, is one sum of points. If one is false,
 * the sum is infinity for at most one of 2^128 weights; so whoever chose signatures and hints before the weights were drawn
 * cannot make errors cancel. A sum that fails is halved until the wrong ones are found, and those are checked by themselves.
 */
#ifndef MENGLIAN_SM2_BULK_H
#define MENGLIAN_SM2_BULK_H

/** Bits of a weight, and of any other factor. */
#define SHORT_FACTOR_BITS 128
#define LONG_FACTOR_BITS 256

#include "addition.h"
#include "../multiexp.h"
#include "../randomness.h"
#include "verification.h"

typedef affine_point key_point;

static int read_key(key_point *point, const unsigned char *key) {
    return affine_read(point, key);
}

#include "../signers.h"

/** Fewer signatures are checked one by one. */
#define BULK_MIN 4
/** From so many with hints on, a sum costs less than tables, where there are tables. */
#define SUM_MIN 48
/** Up to so many signers of a sum are multiplied by their tables; of more, a sum is cheaper. */
#define TABLE_SIGNERS_MAX 16
/** Signatures that are checked by tables at a time: their points, 89 each, stay in the processor's cache. */
#define TABLE_SUMS_MAX 64
/** Fewer points are found one by one. */
#define VECTOR_LIFTS_MIN 2
/** Messages that are hashed at a time. */
#define HASHED_MAX 64

/** A signature of right form, whose key is a point of the curve. */
struct candidate {
    /** Its place in the batch. */
    uint32_t check;
    uint32_t signer;
    unsigned char hash[32];
    struct claim claim;
    uint64_t weight[2];
    /** weight s and weight t */
    scalar generator_factor;
    scalar signer_factor;
};

struct bulk {
    struct candidate *candidates;
    /** -R of each candidate */
    affine_point *points;
    size_t count;
    struct signers signers;
    /** Z of each signer. */
    unsigned char (*signer_hashes)[SM3_HASH_BYTES];
    /** How many candidates each signer has that are not summed, and its table or NULL. */
    uint32_t *signer_counts;
    const struct key_table **signer_tables;
    /** Whether there are hints enough for a sum. */
    int has_sum;
    /** The factor of each signer in the sum at hand. */
    scalar *signer_factors;
    struct term *terms;
    struct multiexp_space space;
    size_t sums_left;
    unsigned char *verdicts;
    unsigned char *parities;
    const unsigned char *checks;
    void *memory;
};

static const unsigned char *check_at(const struct bulk *bulk, const struct candidate *candidate) {
    return bulk->checks + (size_t)candidate->check * SM2_CHECK_BYTES;
}

static void check_candidate_alone(struct bulk *bulk, const struct candidate *candidate) {
    jacobian_point point;
    affine_point affine;
    element product;
    claimed_point(
        &point,
        &candidate->claim,
        bulk->signer_tables[candidate->signer],
        &bulk->signers.list[candidate->signer].point);
    if (!claim_is_met(&candidate->claim, &point)) return;
    jacobian_to_affine_all(&affine, &point, &product, 1);
    bulk->verdicts[candidate->check] = 1;
    bulk->parities[candidate->check] = (unsigned char)field_is_odd(&affine.y);
}

/**
 * Checks candidates whose signers have tables, without weights or hints: each sG + tP is a sum of points from tables, and all
 * those sums are made together, affine.
 */
static void check_by_tables(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    struct multiexp_space *space = &bulk->space;
    uint32_t position = FIRST_BUCKET;
    size_t i;
    for (i = 0; i < count; i++) {
        const struct claim *claim = &candidates[i].claim;
        affine_point *points = &space->points[position];
        size_t added = comb_points_public(points, &bulk->signer_tables[candidates[i].signer]->comb, &claim->t);
        added += comb_points_public(points + added, &generator_comb, &claim->s);
        space->starts[i] = position;
        space->counts[i] = (uint32_t)added;
        position += (uint32_t)added;
    }
    sum_buckets(space, count);
    for (i = 0; i < count; i++) {
        const affine_point *sum = &space->points[space->starts[i]];
        jacobian_point point;
        if (affine_is_infinity(sum)) continue;
        jacobian_from_affine(&point, sum);
        if (!claim_is_met(&candidates[i].claim, &point)) continue;
        bulk->verdicts[candidates[i].check] = 1;
        bulk->parities[candidates[i].check] = (unsigned char)field_is_odd(&sum->y);
    }
}

/** Its equation holds with the hint that it came with. */
static void accept_candidate(struct bulk *bulk, const struct candidate *candidate) {
    bulk->verdicts[candidate->check] = 1;
    bulk->parities[candidate->check] = check_at(bulk, candidate)[SM2_CHECK_HINT_AT];
}

/** Finds the checks of right length by keys that are points; no other has a signer. */
static void gather_candidates(struct bulk *bulk, size_t checks) {
    size_t i;
    for (i = 0; i < checks; i++) {
        const unsigned char *check = bulk->checks + i * SM2_CHECK_BYTES;
        struct candidate *candidate = &bulk->candidates[bulk->count];
        if (check[SM2_CHECK_FORM_AT] != SM2_CHECK_COMPLETE) continue;
        candidate->signer = find_signer(&bulk->signers, check + SM2_CHECK_KEY_AT);
        if (candidate->signer == NO_SIGNER) continue;
        candidate->check = (uint32_t)i;
        bulk->count++;
    }
}

/** Z of every signer, and what each candidate's signature is of. */
static void hash_candidates(struct bulk *bulk) {
    enum { Z_BYTES = SIGNER_PREFIX_BYTES + SM2_KEY_BYTES, MESSAGE_BYTES = SM3_HASH_BYTES + SM2_DIGEST_BYTES };
    unsigned char messages[HASHED_MAX * Z_BYTES], hashes[HASHED_MAX][SM3_HASH_BYTES];
    struct byte_range ranges[HASHED_MAX];
    size_t first, count, i;
    for (first = 0; first < bulk->signers.count; first += count) {
        count = bulk->signers.count - first < HASHED_MAX ? bulk->signers.count - first : HASHED_MAX;
        for (i = 0; i < count; i++) {
            memcpy(messages + i * Z_BYTES, signer_prefix, SIGNER_PREFIX_BYTES);
            memcpy(messages + i * Z_BYTES + SIGNER_PREFIX_BYTES, bulk->signers.list[first + i].key, SM2_KEY_BYTES);
            ranges[i] = (struct byte_range){(uint32_t)(i * Z_BYTES), (uint32_t)((i + 1) * Z_BYTES)};
        }
        sm3_hash_many(bulk->signer_hashes[first], messages, ranges, count);
    }
    for (first = 0; first < bulk->count; first += count) {
        count = bulk->count - first < HASHED_MAX ? bulk->count - first : HASHED_MAX;
        for (i = 0; i < count; i++) {
            const struct candidate *candidate = &bulk->candidates[first + i];
            unsigned char *message = messages + i * MESSAGE_BYTES;
            memcpy(message, bulk->signer_hashes[candidate->signer], SM3_HASH_BYTES);
            memcpy(message + SM3_HASH_BYTES, check_at(bulk, candidate) + SM2_CHECK_DIGEST_AT, SM2_DIGEST_BYTES);
            ranges[i] = (struct byte_range){(uint32_t)(i * MESSAGE_BYTES), (uint32_t)((i + 1) * MESSAGE_BYTES)};
        }
        sm3_hash_many(hashes[0], messages, ranges, count);
        for (i = 0; i < count; i++) memcpy(bulk->candidates[first + i].hash, hashes[i], SM3_HASH_BYTES);
    }
}

/** Reads what the candidates claim; those that claim what cannot be are refused, and go. */
static void read_claims(struct bulk *bulk) {
    size_t i, kept = 0;
    for (i = 0; i < bulk->count; i++) {
        struct candidate *candidate = &bulk->candidates[i];
        if (!claim_read(&candidate->claim, check_at(bulk, candidate) + SM2_CHECK_PAIR_AT, candidate->hash)) continue;
        if (kept != i) bulk->candidates[kept] = *candidate;
        kept++;
    }
    bulk->count = kept;
}

/** @param point its x is given, as a plain number; becomes one in Montgomery form. @return 0 when no point has that x */
static int lift_point(affine_point *point, int is_odd) {
    element right, x = point->x;
    field_from_words(&point->x, x.word);
    curve_right_side(&right, &point->x);
    if (!field_root(&point->y, &right)) return 0;
    if (field_is_odd(&point->y) != is_odd) affine_negate(point);
    return 1;
}

/** Finds -R of up to LANES candidates. @param is_point whether there is such a point */
static void lift_some(const struct bulk *bulk, size_t first, size_t count, unsigned char is_point[LANES]) {
    unsigned char is_odd[LANES] = {0};
    size_t i;
    for (i = 0; i < count; i++) {
        const struct candidate *candidate = &bulk->candidates[first + i];
        memcpy(bulk->points[first + i].x.word, candidate->claim.x.word, sizeof(element));
        is_odd[i] = 1 - check_at(bulk, candidate)[SM2_CHECK_HINT_AT];
    }
#if HAS_VECTORS
    if (use_vectors && count >= VECTOR_LIFTS_MIN) {
        /* The array has room for a whole round of lanes at its end. */
        for (i = count; i < LANES; i++) bulk->points[first + i] = bulk->points[first];
        sm2_vectors_lift((point_words *)&bulk->points[first], is_odd, is_point);
        return;
    }
#endif
    for (i = 0; i < count; i++) is_point[i] = (unsigned char)lift_point(&bulk->points[first + i], is_odd[i]);
}

/** Whether there is a hint and it names one point: of two x, which one claim in 2^128 allows, it does not tell which. */
static int has_hint(const struct bulk *bulk, const struct candidate *candidate) {
    return check_at(bulk, candidate)[SM2_CHECK_HINT_AT] <= 1 && !claim_has_two_x(&candidate->claim);
}

/** Finds or makes the tables that this batch has a use for. */
static void take_tables(struct bulk *bulk) {
    size_t i, hints = 0;
    for (i = 0; i < bulk->count; i++) hints += (size_t)has_hint(bulk, &bulk->candidates[i]);
    bulk->has_sum = hints >= SUM_MIN;
    for (i = 0; i < bulk->count; i++) {
        const struct candidate *candidate = &bulk->candidates[i];
        if (!bulk->has_sum || !has_hint(bulk, candidate)) bulk->signer_counts[candidate->signer]++;
    }
    for (i = 0; i < bulk->signers.count; i++) {
        const struct signer *signer = &bulk->signers.list[i];
        bulk->signer_tables[i] = signer->is_point ? key_table_take(signer->key, bulk->signer_counts[i]) : NULL;
    }
}

static void return_tables(struct bulk *bulk) {
    size_t i;
    for (i = 0; i < bulk->signers.count; i++) key_table_return(bulk->signer_tables[i]);
}

/** Decides those whose signers have tables, and keeps the others and those that are better summed. */
static void decide_by_tables(struct bulk *bulk) {
    struct candidate some[TABLE_SUMS_MAX];
    size_t i, count = 0, kept = 0;
    for (i = 0; i < bulk->count; i++) {
        struct candidate *candidate = &bulk->candidates[i];
        if (bulk->signer_tables[candidate->signer] == NULL || (bulk->has_sum && has_hint(bulk, candidate))) {
            if (kept != i) bulk->candidates[kept] = *candidate;
            kept++;
            continue;
        }
        some[count++] = *candidate;
        if (count < TABLE_SUMS_MAX) continue;
        check_by_tables(bulk, some, count);
        count = 0;
    }
    check_by_tables(bulk, some, count);
    bulk->count = kept;
}

/** Decides those without a hint, and keeps the others. */
static void decide_without_hint(struct bulk *bulk) {
    size_t i, kept = 0;
    for (i = 0; i < bulk->count; i++) {
        struct candidate *candidate = &bulk->candidates[i];
        if (!has_hint(bulk, candidate)) {
            check_candidate_alone(bulk, candidate);
            continue;
        }
        if (kept != i) bulk->candidates[kept] = *candidate;
        kept++;
    }
    bulk->count = kept;
}

/** Finds -R of every candidate; where there is none, no key made the signature, and the candidate goes. */
static void lift_points(struct bulk *bulk) {
    size_t first, i, kept = 0;
    for (first = 0; first < bulk->count; first += LANES) {
        size_t count = bulk->count - first < LANES ? bulk->count - first : LANES;
        unsigned char is_point[LANES];
        lift_some(bulk, first, count, is_point);
        for (i = first; i < first + count; i++) {
            if (!is_point[i - first]) continue;
            if (kept != i) {
                bulk->candidates[kept] = bulk->candidates[i];
                bulk->points[kept] = bulk->points[i];
            }
            kept++;
        }
    }
    bulk->count = kept;
}

/** Draws the weights and computes both factors of every candidate. @return 0 without randomness */
static int weigh_candidates(struct bulk *bulk) {
    /* Space that the sums do not need yet. */
    unsigned char *random = (unsigned char *)bulk->terms;
    size_t i, length = sizeof(bulk->candidates->weight);
    if (!random_bytes(random, bulk->count * length)) return 0;
    for (i = 0; i < bulk->count; i++) {
        struct candidate *candidate = &bulk->candidates[i];
        scalar weight = {{0, 0, 0, 0}};
        memcpy(candidate->weight, random + i * length, length);
        /* A weight of zero would check nothing. */
        if ((candidate->weight[0] | candidate->weight[1]) == 0) candidate->weight[0] = 1;
        memcpy(weight.word, candidate->weight, length);
        scalar_multiply(&candidate->generator_factor, &weight, &candidate->claim.s);
        scalar_multiply(&candidate->signer_factor, &weight, &candidate->claim.t);
    }
    return 1;
}

/** Adds the multiples of the signers: to `rest` by their tables, where there are few signers, and the others to the sum. */
static void add_signers(struct bulk *bulk, const struct candidate *candidates, size_t count, jacobian_point *rest) {
    size_t i, signers = 0, terms = 0;
    for (i = 0; i < bulk->signers.count; i++) memset(&bulk->signer_factors[i], 0, sizeof(scalar));
    for (i = 0; i < count; i++) {
        scalar *factor = &bulk->signer_factors[candidates[i].signer];
        scalar_add(factor, factor, &candidates[i].signer_factor);
    }
    /* Signers of whom none of these candidates is have no factor. */
    for (i = 0; i < bulk->signers.count; i++) signers += !words_are_zero(bulk->signer_factors[i].word);
    for (i = 0; i < bulk->signers.count; i++) {
        const struct key_table *table = bulk->signer_tables[i];
        const scalar *factor = &bulk->signer_factors[i];
        if (words_are_zero(factor->word)) continue;
        if (table != NULL && signers <= TABLE_SIGNERS_MAX) {
            comb_add_public(rest, &table->comb, factor);
            continue;
        }
        bulk->terms[terms].point = bulk->signers.list[i].point;
        memset(bulk->terms[terms].factor, 0, sizeof(bulk->terms->factor));
        memcpy(bulk->terms[terms++].factor, factor->word, sizeof(factor->word));
    }
    if (terms > 0) multiexp_add(&bulk->space, bulk->terms, terms, LONG_FACTOR_BITS);
}

/** Whether the weighted sum of the equations of these candidates is infinity, that is whether all of them hold. */
static int is_sum_infinity(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    const affine_point *points = bulk->points + (candidates - bulk->candidates);
    scalar generator_factor = {{0, 0, 0, 0}};
    jacobian_point sum, rest;
    size_t i;
    for (i = 0; i < count; i++) scalar_add(&generator_factor, &generator_factor, &candidates[i].generator_factor);
    jacobian_set_infinity(&rest);
    comb_add_public(&rest, &generator_comb, &generator_factor);
    multiexp_clear(&bulk->space);
    add_signers(bulk, candidates, count, &rest);
    for (i = 0; i < count; i++) {
        struct term *term = &bulk->terms[i];
        term->point = points[i];
        memset(term->factor, 0, sizeof(term->factor));
        memcpy(term->factor, candidates[i].weight, sizeof(candidates[i].weight));
    }
    multiexp_add(&bulk->space, bulk->terms, count, SHORT_FACTOR_BITS);
    multiexp_sum(&bulk->space, &sum);
    jacobian_add(&sum, &sum, &rest);
    return jacobian_is_infinity(&sum);
}

#include "../halving.h"

/**
 * @param verdicts all 0, and parities all unknown: written where a signature is valid
 * @return 0 without memory or randomness
 */
static int bulk_begin(
    struct bulk *bulk, unsigned char *verdicts, unsigned char *parities, const unsigned char *packed, size_t checks) {
    size_t places = 16, i;
    unsigned char *memory;
    while (places < 2 * checks) places *= 2;
    memory = malloc(
        LANES * sizeof(*bulk->points) +
        checks * (sizeof(*bulk->points) + sizeof(*bulk->candidates) + sizeof(*bulk->terms) +
                  sizeof(*bulk->signers.list) + sizeof(*bulk->signer_factors) + sizeof(*bulk->signer_hashes) +
                  sizeof(*bulk->signer_tables) + sizeof(*bulk->signer_counts)) +
        places * sizeof(*bulk->signers.places));
    if (memory == NULL) return 0;
    if (!random_bytes(bulk->signers.hash_key, sizeof(bulk->signers.hash_key)) ||
        !multiexp_begin(&bulk->space, checks)) {
        free(memory);
        return 0;
    }
    bulk->memory = memory;
    bulk->points = (affine_point *)memory;
    memory += (checks + LANES) * sizeof(*bulk->points);
    bulk->candidates = (struct candidate *)memory;
    memory += checks * sizeof(*bulk->candidates);
    bulk->terms = (struct term *)memory;
    memory += checks * sizeof(*bulk->terms);
    bulk->signers.list = (struct signer *)memory;
    memory += checks * sizeof(*bulk->signers.list);
    bulk->signer_factors = (scalar *)memory;
    memory += checks * sizeof(*bulk->signer_factors);
    bulk->signer_hashes = (unsigned char(*)[SM3_HASH_BYTES])memory;
    memory += checks * sizeof(*bulk->signer_hashes);
    bulk->signer_tables = (const struct key_table **)memory;
    memory += checks * sizeof(*bulk->signer_tables);
    bulk->signer_counts = (uint32_t *)memory;
    memset(bulk->signer_counts, 0, checks * sizeof(*bulk->signer_counts));
    memory += checks * sizeof(*bulk->signer_counts);
    bulk->signers.places = (uint32_t *)memory;
    for (i = 0; i < places; i++) bulk->signers.places[i] = NO_SIGNER;
    bulk->signers.place_mask = places - 1;
    bulk->signers.count = 0;
    bulk->count = 0;
    bulk->sums_left = HALVING_SUMS_MAX * checks;
    bulk->verdicts = verdicts;
    bulk->parities = parities;
    bulk->checks = packed;
    return 1;
}

static void bulk_end(struct bulk *bulk) {
    multiexp_end(&bulk->space);
    free(bulk->memory);
}

/** Decides candidates whose hashes are known. */
static void decide_candidates(struct bulk *bulk) {
    size_t i;
    read_claims(bulk);
    take_tables(bulk);
    decide_by_tables(bulk);
    decide_without_hint(bulk);
    if (bulk->count >= BULK_MIN) lift_points(bulk);
    if (bulk->count < BULK_MIN || !weigh_candidates(bulk)) {
        for (i = 0; i < bulk->count; i++) check_candidate_alone(bulk, &bulk->candidates[i]);
    } else {
        check_half(bulk, bulk->candidates, bulk->count);
    }
    return_tables(bulk);
}

#endif
