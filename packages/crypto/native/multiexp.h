/*
 * Sums of many points times scalars by Pippenger's bucket method, with affine points throughout: for every window of
 * bits each point goes to the bucket of its digit, buckets are summed, and bucket d counts d times.
 *
 * For any curve. Whoever includes this has defined SHORT_FACTOR_BITS and LONG_FACTOR_BITS, the two lengths of factors, and
 * included its curve's addition.h, which has affine_point, add_all for many of them, and running_point for sums of few.
 */
#ifndef MENGLIAN_MULTIEXP_H
#define MENGLIAN_MULTIEXP_H

/** One bit more than the longest factor, and what the bias of its digits needs. */
#define FACTOR_WORDS (LONG_FACTOR_BITS / 64 + 1)

/** A point times a positive integer, least significant word first. The sign of a factor is in its point. */
struct term {
    affine_point point;
    uint64_t factor[FACTOR_WORDS];
};

#define WINDOW_BITS_MIN 2
#define WINDOW_BITS_MAX 11
/** Points that are sorted into buckets at a time, so that they stay in the processor's cache. */
#define SORTED_POINTS_MAX 8192

/** Bits of the highest power of two that a part of a sum counts with: those of a factor, and half a window. */
#define PART_BITS (LONG_FACTOR_BITS + 8)
/** Two for each of two groups of terms. */
#define PART_LISTS_MAX 4
/** What an addition that others have to wait for costs, in additions. */
#define ROUND_COST 40

/** The points at which the buckets begin; those before are add_all's. */
#define FIRST_BUCKET PADDING_POINTS

/** Memory of sums; all but the parts is one allocation. */
struct multiexp_space {
    /** The buckets of all windows, then the points being sorted. */
    affine_point *points;
    struct addition *additions;
    field_element *products;
    /** Where the points of each bucket begin, and how many there are. */
    uint32_t *starts;
    uint32_t *counts;
    /** The sum so far: list by list, the point that counts 2^bit times. */
    affine_point parts[PART_LISTS_MAX][PART_BITS];
    size_t part_lists;
    void *memory;
};

static size_t window_count(unsigned int factor_bits, unsigned int window_bits) {
    /* Digits are signed, so a factor may need one bit more. */
    return factor_bits / window_bits + 1;
}

static size_t bucket_count(unsigned int window_bits) {
    return (size_t)1 << (window_bits - 1);
}

/** Each window's buckets are weighed in blocks of 2 to the power of this. */
static unsigned int block_bits_of(unsigned int window_bits) {
    return window_bits <= 4 ? window_bits - 1 : window_bits / 2;
}

/** The width of window that costs least for so many terms. */
static unsigned int best_window_bits(size_t terms, unsigned int factor_bits) {
    unsigned int bits, best = WINDOW_BITS_MIN;
    size_t least = SIZE_MAX;
    for (bits = WINDOW_BITS_MIN; bits <= WINDOW_BITS_MAX; bits++) {
        size_t length = (size_t)1 << block_bits_of(bits), rounds = length + bucket_count(bits) / length;
        size_t cost = window_count(factor_bits, bits) * (terms + 2 * bucket_count(bits)) + rounds * ROUND_COST;
        if (cost < least) {
            least = cost;
            best = bits;
        }
    }
    return best;
}

/** The buckets of all windows. */
static size_t all_buckets(size_t terms, unsigned int factor_bits) {
    unsigned int bits = best_window_bits(terms, factor_bits);
    return window_count(factor_bits, bits) * bucket_count(bits);
}

/** Bits from `offset` of a factor; 0 beyond its end. */
static unsigned int factor_bits_at(const uint64_t factor[FACTOR_WORDS], unsigned int offset, unsigned int count) {
    unsigned int word = offset / 64, shift = offset % 64;
    uint64_t value;
    if (word >= FACTOR_WORDS) return 0;
    value = factor[word] >> shift;
    if (shift + count > 64 && word + 1 < FACTOR_WORDS) value |= factor[word + 1] << (64 - shift);
    return (unsigned int)(value & (((uint64_t)1 << count) - 1));
}

/**
 * Adds 2^(bits-1) - 1 to every digit. The digits of the sum less that number are the signed digits of the factor, from
 * -2^(bits-1) + 1 to 2^(bits-1), and each can be read without those before it.
 */
static void bias_factors(struct term *terms, size_t count, unsigned int factor_bits, unsigned int bits) {
    uint64_t bias[FACTOR_WORDS] = {0};
    size_t window, i;
    for (window = 0; window < window_count(factor_bits, bits); window++) {
        size_t bit;
        for (bit = window * bits; bit < window * bits + bits - 1; bit++) bias[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
    for (i = 0; i < count; i++) {
        uint64_t carry = 0;
        int word;
        for (word = 0; word < FACTOR_WORDS; word++) {
            uint64_t sum = terms[i].factor[word] + bias[word];
            uint64_t overflow = sum < bias[word];
            terms[i].factor[word] = sum + carry;
            carry = overflow | (terms[i].factor[word] < carry);
        }
    }
}

/** Sums the points of every bucket into its first one, halving them round by round. */
static void sum_buckets(struct multiexp_space *space, size_t buckets) {
    for (;;) {
        size_t i, count = 0;
        for (i = 0; i < buckets; i++) {
            uint32_t j, half = space->counts[i] / 2, kept = space->counts[i] - half;
            for (j = 0; j < half; j++) {
                space->additions[count].into = space->starts[i] + j;
                space->additions[count].from = space->starts[i] + kept + j;
                count++;
            }
            space->counts[i] = kept;
        }
        if (count == 0) return;
        add_all(space->points, space->additions, count, space->products);
    }
}

/** Sorts the terms into the buckets of some windows: counts, starts and the points themselves, from `first_point` on. */
static void fill_buckets(
    struct multiexp_space *space,
    const struct term *terms,
    size_t count,
    size_t first_window,
    size_t windows,
    unsigned int bits,
    size_t first_point) {
    size_t buckets = windows * bucket_count(bits), i, window;
    int middle = (int)bucket_count(bits) - 1;
    uint32_t position = (uint32_t)first_point;
    memset(space->counts, 0, buckets * sizeof(*space->counts));
    for (i = 0; i < count; i++) {
        for (window = 0; window < windows; window++) {
            unsigned int offset = (unsigned int)(first_window + window) * bits;
            int digit = (int)factor_bits_at(terms[i].factor, offset, bits) - middle;
            if (digit != 0) space->counts[window * bucket_count(bits) + (size_t)(digit < 0 ? -digit : digit) - 1]++;
        }
    }
    for (i = 0; i < buckets; i++) {
        space->starts[i] = position;
        position += space->counts[i];
        space->counts[i] = 0;
    }
    for (i = 0; i < count; i++) {
        for (window = 0; window < windows; window++) {
            unsigned int offset = (unsigned int)(first_window + window) * bits;
            int digit = (int)factor_bits_at(terms[i].factor, offset, bits) - middle;
            size_t bucket = window * bucket_count(bits) + (size_t)(digit < 0 ? -digit : digit) - 1;
            affine_point *point;
            if (digit == 0) continue;
            point = &space->points[space->starts[bucket] + space->counts[bucket]++];
            *point = terms[i].point;
            if (digit < 0) affine_negate(point);
        }
    }
}

/** Turns each point of some chains, which lie one after the other, into the sum of itself and all after it. */
static void add_suffixes(struct multiexp_space *space, size_t first, size_t chains, size_t length) {
    size_t place, chain;
    for (place = length - 1; place-- > 0;) {
        for (chain = 0; chain < chains; chain++) {
            space->additions[chain].into = (uint32_t)(first + chain * length + place);
            space->additions[chain].from = (uint32_t)(first + chain * length + place + 1);
        }
        add_all(space->points, space->additions, chains, space->products);
    }
}

/** Sums each of some ranges, which lie one after the other, into its first point. */
static void sum_ranges(struct multiexp_space *space, size_t first, size_t ranges, size_t length) {
    size_t range;
    for (range = 0; range < ranges; range++) {
        space->starts[range] = (uint32_t)(first + range * length);
        space->counts[range] = (uint32_t)length;
    }
    sum_buckets(space, ranges);
}

/**
 * Writes parts whose sum, each times its power of two, is the sum of d times bucket d of every window. The sum of all
 * sums of buckets from d upwards holds bucket d just d times; but such a chain of additions is slow for being a chain.
 * So a window is cut into blocks, each a chain of its own, and block k counts another k times its length.
 */
static void weigh_buckets(struct multiexp_space *space, size_t windows, unsigned int bits) {
    unsigned int block_bits = block_bits_of(bits);
    size_t buckets = bucket_count(bits), length = (size_t)1 << block_bits, blocks = buckets / length, window, block;
    size_t upper = FIRST_BUCKET + windows * buckets;
    affine_point *parts = space->parts[space->part_lists++];
    add_suffixes(space, FIRST_BUCKET, windows * blocks, length);
    /* The first sum of a block is that of all its buckets. Block 0 counts no more times. */
    for (window = 0; window < windows; window++) {
        for (block = 1; block < blocks; block++) {
            space->points[upper + window * (blocks - 1) + block - 1] =
                space->points[FIRST_BUCKET + window * buckets + block * length];
        }
    }
    sum_ranges(space, FIRST_BUCKET, windows, buckets);
    for (window = 0; window < windows; window++) parts[window * bits] = space->points[FIRST_BUCKET + window * buckets];
    if (blocks == 1) return;
    parts = space->parts[space->part_lists++];
    add_suffixes(space, upper, windows, blocks - 1);
    sum_ranges(space, upper, windows, blocks - 1);
    for (window = 0; window < windows; window++) {
        parts[window * bits + block_bits] = space->points[upper + window * (blocks - 1)];
    }
}

/** Begins a sum of terms. */
static void multiexp_clear(struct multiexp_space *space) {
    memset(space->parts, 0, sizeof(space->parts));
    space->part_lists = 0;
}

/**
 * Adds terms to the sum, at most twice.
 * @param terms their factors are overwritten
 * @param factor_bits SHORT_FACTOR_BITS or LONG_FACTOR_BITS: no factor has more bits
 */
static void multiexp_add(struct multiexp_space *space, struct term *terms, size_t count, unsigned int factor_bits) {
    unsigned int bits = best_window_bits(count, factor_bits);
    size_t windows = window_count(factor_bits, bits), buckets = bucket_count(bits);
    size_t at_once = SORTED_POINTS_MAX / (count + 1) + 1;
    size_t window, i;
    bias_factors(terms, count, factor_bits, bits);
    if (at_once > windows) at_once = windows;
    for (window = 0; window < windows; window += at_once) {
        size_t some = windows - window < at_once ? windows - window : at_once;
        fill_buckets(space, terms, count, window, some, bits, FIRST_BUCKET + windows * buckets);
        sum_buckets(space, some * buckets);
        for (i = 0; i < some * buckets; i++) {
            affine_point *bucket = &space->points[FIRST_BUCKET + window * buckets + i];
            if (space->counts[i] == 0) memset(bucket, 0, sizeof(*bucket));
            else *bucket = space->points[space->starts[i]];
        }
    }
    weigh_buckets(space, windows, bits);
}

/** The sum of all that was added. */
static void multiexp_sum(const struct multiexp_space *space, running_point *sum) {
    size_t bit, list;
    running_set_infinity(sum);
    for (bit = PART_BITS; bit-- > 0;) {
        running_double(sum);
        for (list = 0; list < space->part_lists; list++) running_add(sum, &space->parts[list][bit]);
    }
}

/** Space for sums of at most `count` terms. @return 0 without memory */
static int multiexp_begin(struct multiexp_space *space, size_t count) {
    /* Fewer terms have fewer buckets, but shorter factors may have more. */
    size_t long_buckets = all_buckets(count, LONG_FACTOR_BITS), short_buckets = all_buckets(count, SHORT_FACTOR_BITS);
    size_t buckets = long_buckets > short_buckets ? long_buckets : short_buckets;
    size_t points = FIRST_BUCKET + buckets + SORTED_POINTS_MAX + count;
    size_t additions = points / 2 + LANES;
    unsigned char *memory = malloc(
        points * sizeof(*space->points) + additions * (sizeof(*space->products) + sizeof(*space->additions)) +
        2 * buckets * sizeof(*space->starts));
    if (memory == NULL) return 0;
    space->memory = memory;
    space->points = (affine_point *)memory;
    memset(space->points, 0, PADDING_POINTS * sizeof(*space->points));
    memory += points * sizeof(*space->points);
    space->products = (field_element *)memory;
    memory += additions * sizeof(*space->products);
    space->additions = (struct addition *)memory;
    memory += additions * sizeof(*space->additions);
    space->starts = (uint32_t *)memory;
    space->counts = space->starts + buckets;
    return 1;
}

static void multiexp_end(struct multiexp_space *space) {
    free(space->memory);
}

#endif
