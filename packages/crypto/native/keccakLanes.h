/*
 * keccak-256 of up to LANES messages, each in its own lane of every word. Included once for each width, with LANES, TARGET
 * (the instructions that the compiler may use) and NAME (makes names for this width) defined.
 */

#if LANES == 1
typedef uint64_t NAME(word);
#else
typedef uint64_t NAME(word) __attribute__((vector_size(8 * LANES)));
#endif

#define ROTATED(word, count) ((count) == 0 ? (word) : ((word) << (count)) | ((word) >> ((64 - (count)) & 63)))

/** keccak-f[1600]: theta, rho and pi, chi, iota. */
TARGET __attribute__((always_inline)) static inline void NAME(permute)(NAME(word) state[STATE_WORDS]) {
    NAME(word) moved[STATE_WORDS], column[5], change;
    int round, x, y;
    for (round = 0; round < ROUNDS; round++) {
        UNROLLED for (x = 0; x < 5; x++) {
            column[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }
        UNROLLED for (x = 0; x < 5; x++) {
            change = column[(x + 4) % 5] ^ ROTATED(column[(x + 1) % 5], 1);
            UNROLLED for (y = 0; y < 5; y++) {
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = ROTATED(state[x + 5 * y] ^ change, ROTATIONS[x + 5 * y]);
            }
        }
        UNROLLED for (y = 0; y < 25; y += 5) {
            UNROLLED for (x = 0; x < 5; x++) {
                state[x + y] = moved[x + y] ^ (~moved[(x + 1) % 5 + y] & moved[(x + 2) % 5 + y]);
            }
        }
        state[0] ^= ROUND_CONSTANTS[round];
    }
}

/** Messages may have different lengths: a lane whose message has ended goes on with nothing, and nobody looks at it. */
TARGET static void NAME(hash)(
    unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count) {
    NAME(word) state[STATE_WORDS];
    uint64_t absorbed[RATE_WORDS][LANES], words[LANES];
    size_t blocks = 0, block, lane;
    int word;
    memset(state, 0, sizeof state);
    memset(absorbed, 0, sizeof absorbed);
    for (lane = 0; lane < count; lane++) {
        size_t wanted = (ranges[lane].end - ranges[lane].start) / RATE_BYTES + 1;
        if (wanted > blocks) blocks = wanted;
    }
    for (block = 0; block < blocks; block++) {
        for (lane = 0; lane < count; lane++) {
            unsigned char last[RATE_BYTES];
            const unsigned char *from = bytes + ranges[lane].start + block * RATE_BYTES;
            size_t length = ranges[lane].end - ranges[lane].start;
            if (length / RATE_BYTES < block) continue;
            if (length / RATE_BYTES == block) {
                from = padded(last, from, length % RATE_BYTES);
            }
            for (word = 0; word < RATE_WORDS; word++) absorbed[word][lane] = read_word(from + 8 * word);
        }
        for (word = 0; word < RATE_WORDS; word++) {
            NAME(word) next;
            memcpy(&next, absorbed[word], sizeof next);
            state[word] ^= next;
        }
        NAME(permute)(state);
        for (word = 0; word < KECCAK_HASH_BYTES / 8; word++) {
            memcpy(words, &state[word], sizeof words);
            for (lane = 0; lane < count; lane++) {
                if ((ranges[lane].end - ranges[lane].start) / RATE_BYTES != block) continue;
                write_word(hashes + KECCAK_HASH_BYTES * lane + 8 * word, words[lane]);
            }
        }
    }
}

#undef ROTATED
#undef LANES
#undef TARGET
#undef NAME
