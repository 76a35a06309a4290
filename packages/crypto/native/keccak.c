#include "keccak.h"

#include <string.h>

#define STATE_WORDS 25
#define ROUNDS 24
#define RATE_BYTES 136
#define RATE_WORDS (RATE_BYTES / 8)

/** The compiler must see every word of the state, or it keeps them in memory. */
#define UNROLLED _Pragma("GCC unroll 25")

static const uint64_t ROUND_CONSTANTS[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/** By x + 5 y. */
static const int ROTATIONS[STATE_WORDS] = {
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
};

/** Least significant byte first, whatever the processor. */
static inline uint64_t read_word(const unsigned char *from) {
    uint64_t word;
    memcpy(&word, from, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline void write_word(unsigned char *to, uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(to, &word, 8);
}

/** The last block of a message: what is left of it, and the padding. @return block */
static const unsigned char *padded(unsigned char block[RATE_BYTES], const unsigned char *from, size_t length) {
    memset(block, 0, RATE_BYTES);
    memcpy(block, from, length);
    block[length] = 0x01;
    block[RATE_BYTES - 1] |= 0x80;
    return block;
}

#define LANES 1
#define TARGET
#define NAME(what) single_##what
#include "keccakLanes.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LANES 4
#define TARGET __attribute__((target("avx2")))
#define NAME(what) four_##what
#include "keccakLanes.h"

#define LANES 8
#define TARGET __attribute__((target("avx512f")))
#define NAME(what) eight_##what
#include "keccakLanes.h"
#endif

typedef void hash_lanes(
    unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count);

static hash_lanes *hash_at_once = single_hash;
static size_t lanes = 1;

int keccak_use_lanes(int most) {
    hash_at_once = single_hash;
    lanes = 1;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (most >= 8 && __builtin_cpu_supports("avx512f")) {
        hash_at_once = eight_hash;
        lanes = 8;
    } else if (most >= 4 && __builtin_cpu_supports("avx2")) {
        hash_at_once = four_hash;
        lanes = 4;
    }
#else
    (void)most;
#endif
    return (int)lanes;
}

void keccak_setup(void) {
    keccak_use_lanes(8);
}

void keccak_hash(unsigned char *hash, const unsigned char *bytes, size_t length) {
    struct byte_range whole = {0, (uint32_t)length};
    single_hash(hash, bytes, &whole, 1);
}

void keccak_hash_many(
    unsigned char *hashes, const unsigned char *bytes, const struct byte_range *ranges, size_t count) {
    size_t first;
    for (first = 0; first < count; first += lanes) {
        size_t left = count - first;
        hash_at_once(hashes + KECCAK_HASH_BYTES * first, bytes, ranges + first, left < lanes ? left : lanes);
    }
}
