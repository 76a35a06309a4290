/*
 * Finds the wrong ones of a batch whose sum is not infinity. For any curve: whoever includes this has defined struct
 * candidate and struct bulk with sums_left, is_sum_infinity, accept_candidate and check_candidate_alone.
 */
#ifndef MENGLIAN_HALVING_H
#define MENGLIAN_HALVING_H

/** Up to so many signatures that hold a wrong guess are checked one by one, without another halving. */
#define HALVING_MIN 8
/** Sums of all halvings together, in multiples of the signatures: more wrong guesses than that are not worth finding. */
#define HALVING_SUMS_MAX 4

static void check_half(struct bulk *bulk, const struct candidate *candidates, size_t count);

/** Finds the wrong guesses among candidates of which at least one is wrong. */
static void find_wrong(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    size_t half = count / 2, i;
    if (count <= HALVING_MIN || bulk->sums_left < count) {
        for (i = 0; i < count; i++) check_candidate_alone(bulk, &candidates[i]);
        return;
    }
    bulk->sums_left -= half;
    if (is_sum_infinity(bulk, candidates, half)) {
        for (i = 0; i < half; i++) accept_candidate(bulk, &candidates[i]);
        /* Both halves together failed with the same weights, so this one would. */
        find_wrong(bulk, candidates + half, count - half);
    } else {
        find_wrong(bulk, candidates, half);
        check_half(bulk, candidates + half, count - half);
    }
}

static void check_half(struct bulk *bulk, const struct candidate *candidates, size_t count) {
    size_t i;
    if (bulk->sums_left >= count) {
        bulk->sums_left -= count;
        if (is_sum_infinity(bulk, candidates, count)) {
            for (i = 0; i < count; i++) accept_candidate(bulk, &candidates[i]);
            return;
        }
    }
    find_wrong(bulk, candidates, count);
}

#endif
