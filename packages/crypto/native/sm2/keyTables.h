/*
 * Tables of keys that sign often: with one, a signature costs a third. Shared by all threads, and bounded; whoever makes up
 * keys to fill it costs at most half as much again as keys that are all different.
 */
#ifndef MENGLIAN_SM2_KEY_TABLES_H
#define MENGLIAN_SM2_KEY_TABLES_H

#include <pthread.h>

#include "comb.h"
#include "sm2.h"

/** Keys with tables: 53 KB each, so 14 MB if there are as many that sign often. */
#define KEY_TABLES_MAX 256
/** The places that a key may have: so few have to be looked at. */
#define KEY_TABLE_PLACES 8
#define KEY_TABLE_SETS_BITS 5
#define KEY_TABLE_BITS 5
/** A table costs as much as one to four signatures without one. It is made for a key that has been seen so often. */
#define KEY_SIGHTINGS_MIN 4
/** A table stays while one in so many signatures is its key's: keys that take turns must not drive each other out. */
#define KEY_TABLE_KEPT 4096
/** Keys whose sightings are counted, each at a place of its own: a key is forgotten when another one comes to its place. */
#define SIGHTINGS_BITS 10

struct key_table {
    unsigned char key[SM2_KEY_BYTES];
    struct comb comb;
    /** Who is reading it: it stays as long. */
    unsigned int users;
    uint64_t used_at;
};

struct key_sightings {
    unsigned char key[SM2_KEY_BYTES];
    size_t count;
};

static pthread_mutex_t key_tables_lock = PTHREAD_MUTEX_INITIALIZER;
static struct key_table key_tables[KEY_TABLES_MAX];
static struct key_sightings key_sightings[1 << SIGHTINGS_BITS];
/** Signatures so far. */
static uint64_t key_tables_clock;

/** Spreads keys over 2^bits places. Who has keys fall into the same place only makes tables of them give way sooner. */
static size_t key_place(const unsigned char *key, unsigned int bits) {
    uint64_t word;
    memcpy(&word, key, sizeof(word));
    return (size_t)(word * 0x9E3779B97F4A7C15ULL >> (64 - bits));
}

/** The first of a key's places. */
static struct key_table *key_table_places(const unsigned char *key) {
    _Static_assert(KEY_TABLES_MAX == KEY_TABLE_PLACES << KEY_TABLE_SETS_BITS, "each key has its places");
    return &key_tables[key_place(key, KEY_TABLE_SETS_BITS) * KEY_TABLE_PLACES];
}

/** With the lock held. */
static struct key_table *key_table_find(const unsigned char *key) {
    struct key_table *places = key_table_places(key);
    size_t i;
    for (i = 0; i < KEY_TABLE_PLACES; i++) {
        struct key_table *table = &places[i];
        if (table->comb.points != NULL && memcmp(table->key, key, SM2_KEY_BYTES) == 0) return table;
    }
    return NULL;
}

/** With the lock held. @return whether the key has been seen often enough for a table */
static int key_is_frequent(const unsigned char *key, size_t times) {
    struct key_sightings *sightings = &key_sightings[key_place(key, SIGHTINGS_BITS)];
    if (memcmp(sightings->key, key, SM2_KEY_BYTES) != 0) {
        memcpy(sightings->key, key, SM2_KEY_BYTES);
        sightings->count = 0;
    }
    sightings->count += times;
    if (sightings->count < KEY_SIGHTINGS_MIN) return 0;
    sightings->count = 0;
    return 1;
}

/** With the lock held. @return a place for the key's table: an empty one or the one that was used longest ago, or NULL */
static struct key_table *key_table_place(const unsigned char *key) {
    struct key_table *oldest = NULL, *places = key_table_places(key);
    size_t i;
    for (i = 0; i < KEY_TABLE_PLACES; i++) {
        struct key_table *table = &places[i];
        if (table->users == 0 && (oldest == NULL || table->used_at < oldest->used_at)) oldest = table;
    }
    if (oldest == NULL || oldest->comb.points == NULL) return oldest;
    return key_tables_clock - oldest->used_at >= KEY_TABLE_KEPT ? oldest : NULL;
}

/** With the lock held. @param table or NULL. @return it, in use */
static struct key_table *key_table_use(struct key_table *table) {
    if (table == NULL) return NULL;
    table->users++;
    table->used_at = key_tables_clock;
    return table;
}

/** Keeps a table that was made. @return its place, in use, or NULL where there is none for it */
static struct key_table *key_table_put(const unsigned char *key, const struct comb *comb) {
    struct key_table *table;
    pthread_mutex_lock(&key_tables_lock);
    /* Another thread may have been quicker. */
    table = key_table_find(key);
    if (table != NULL) {
        free(comb->points);
    } else if ((table = key_table_place(key)) != NULL) {
        free(table->comb.points);
        memcpy(table->key, key, SM2_KEY_BYTES);
        table->comb = *comb;
    } else {
        free(comb->points);
    }
    key_table_use(table);
    pthread_mutex_unlock(&key_tables_lock);
    return table;
}

/**
 * The table of a key, which is a point of the curve then; give it back with key_table_return.
 * @param times how many signatures of the key a table would be used for; 0 makes none
 * @return NULL when there is none
 */
static const struct key_table *key_table_take(const unsigned char *key, size_t times) {
    struct key_table *table;
    struct comb comb;
    affine_point point;
    int is_wanted = 0;
    pthread_mutex_lock(&key_tables_lock);
    key_tables_clock += times > 0 ? times : 1;
    table = key_table_use(key_table_find(key));
    if (table == NULL && times > 0) is_wanted = key_is_frequent(key, times) && key_table_place(key) != NULL;
    pthread_mutex_unlock(&key_tables_lock);
    if (!is_wanted || !affine_read(&point, key)) return table;
    comb.points = malloc(comb_size(KEY_TABLE_BITS) * sizeof(*comb.points));
    if (comb.points == NULL) return NULL;
    if (!comb_fill(&comb, &point, KEY_TABLE_BITS)) {
        free(comb.points);
        return NULL;
    }
    return key_table_put(key, &comb);
}

/** @param table or NULL */
static void key_table_return(const struct key_table *table) {
    if (table == NULL) return;
    pthread_mutex_lock(&key_tables_lock);
    ((struct key_table *)table)->users--;
    pthread_mutex_unlock(&key_tables_lock);
}

#endif
