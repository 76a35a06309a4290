/*
 * Points of SM2's curve y^2 = x^3 - 3x + b, whose order is prime: every point but infinity has order n, and none has y = 0.
 *
 * Two kinds of coordinates. Jacobian ones (X/Z^2, Y/Z^3) are for public values: fastest, with branches for the cases that
 * their formulas do not cover. Homogeneous ones (X/Z, Y/Z) are for secrets: the formulas of Renes, Costello and Batina
 * (eprint 2015/1060) hold for all points of a curve of odd order, so there is nothing to branch on.
 */
#ifndef MENGLIAN_SM2_POINT_H
#define MENGLIAN_SM2_POINT_H

#include "field.h"

/** In one cache line. All words 0, which is on no curve with b other than 0, stands for infinity. */
typedef struct {
    element x;
    element y;
} affine_point;

/** Z = 0 is infinity. */
typedef struct {
    element x;
    element y;
    element z;
} jacobian_point;

typedef struct {
    element x;
    element y;
    element z;
} homogeneous_point;

static const element CURVE_B = {{0x90D230632BC0DD42, 0x71CF379AE9B537AB, 0x527981505EA51C3C, 0x240FE188BA20E2C8}};
static const affine_point GENERATOR = {
    {{0x61328990F418029E, 0x3E7981EDDCA6C050, 0xD6A1ED99AC24C3C3, 0x91167A5EE1C13B05}},
    {{0xC1354E593C2D0DDD, 0xC1F5E5788D3295FA, 0x8D4CFB066E2A48F8, 0x63CD65D481D735BD}},
};

static int affine_is_infinity(const affine_point *point) {
    return words_are_zero(point->x.word) && words_are_zero(point->y.word);
}

static void affine_negate(affine_point *point) {
    field_negate(&point->y, &point->y);
}

/** x^3 - 3x + b */
static void curve_right_side(element *right, const element *x) {
    element triple;
    field_square(right, x);
    field_multiply(right, right, x);
    field_double(&triple, x);
    field_add(&triple, &triple, x);
    field_subtract(right, right, &triple);
    field_add(right, right, &CURVE_B);
}

/** X || Y, 64 bytes. @return whether both are below p and the point is on the curve, which leaves infinity out */
static int affine_read(affine_point *point, const unsigned char *bytes) {
    uint64_t x[WORDS], y[WORDS];
    element left, right;
    words_read(x, bytes);
    words_read(y, bytes + 32);
    if (!words_are_below(x, FIELD_PRIME) || !words_are_below(y, FIELD_PRIME)) return 0;
    field_from_words(&point->x, x);
    field_from_words(&point->y, y);
    field_square(&left, &point->y);
    curve_right_side(&right, &point->x);
    return field_is_equal(&left, &right);
}

static void affine_write(unsigned char *bytes, const affine_point *point) {
    uint64_t words[WORDS];
    field_to_words(words, &point->x);
    words_write(bytes, words);
    field_to_words(words, &point->y);
    words_write(bytes + 32, words);
}

static void jacobian_set_infinity(jacobian_point *point) {
    memset(point, 0, sizeof(*point));
}

static int jacobian_is_infinity(const jacobian_point *point) {
    return field_is_zero(&point->z);
}

/** @param point not infinity */
static void jacobian_from_affine(jacobian_point *to, const affine_point *point) {
    to->x = point->x;
    to->y = point->y;
    to->z = FIELD_ONE;
}

/**
 * to = 2 a; infinity stays infinity, as Z = 0 does. With D = Z^2, G = Y^2, B = X G, A = 3 (X - D)(X + D):
 * X' = A^2 - 8B, Z' = 2YZ, Y' = A (4B - X') - 8G^2.
 */
static void jacobian_double(jacobian_point *to, const jacobian_point *a) {
    element delta, gamma, beta, alpha, part;
    field_square(&delta, &a->z);
    field_square(&gamma, &a->y);
    field_multiply(&beta, &a->x, &gamma);
    field_subtract(&alpha, &a->x, &delta);
    field_add(&part, &a->x, &delta);
    field_multiply(&alpha, &alpha, &part);
    field_double(&part, &alpha);
    field_add(&alpha, &alpha, &part);
    field_multiply(&to->z, &a->y, &a->z);
    field_double(&to->z, &to->z);
    field_double(&beta, &beta);
    field_double(&beta, &beta);
    field_square(&to->x, &alpha);
    field_double(&part, &beta);
    field_subtract(&to->x, &to->x, &part);
    field_subtract(&part, &beta, &to->x);
    field_multiply(&part, &alpha, &part);
    field_square(&gamma, &gamma);
    field_double(&gamma, &gamma);
    field_double(&gamma, &gamma);
    field_double(&gamma, &gamma);
    field_subtract(&to->y, &part, &gamma);
}

/**
 * The sum of (X1, Y1, Z1) and a point that has, over the same denominators, U2 in place of X and S2 in place of Y. With
 * H = U2 - X1, R = S2 - Y1: X' = R^2 - H^3 - 2 X1 H^2, Y' = R (X1 H^2 - X') - Y1 H^3; Z' = H times both old Z.
 * @param z product of both Z
 * @return 0 where both have the same x, and then nothing is written: `is_same` tells whether they are the same point
 */
static int jacobian_add_parts(
    jacobian_point *to,
    const element *x1,
    const element *y1,
    const element *u2,
    const element *s2,
    const element *z,
    int *is_same) {
    element h, r, hh, hhh, v, part;
    field_subtract(&h, u2, x1);
    field_subtract(&r, s2, y1);
    if (field_is_zero(&h)) {
        *is_same = field_is_zero(&r);
        return 0;
    }
    field_square(&hh, &h);
    field_multiply(&hhh, &hh, &h);
    field_multiply(&v, x1, &hh);
    field_multiply(&part, y1, &hhh);
    field_multiply(&to->z, z, &h);
    field_square(&to->x, &r);
    field_subtract(&to->x, &to->x, &hhh);
    field_subtract(&to->x, &to->x, &v);
    field_subtract(&to->x, &to->x, &v);
    field_subtract(&v, &v, &to->x);
    field_multiply(&v, &v, &r);
    field_subtract(&to->y, &v, &part);
    return 1;
}

/** sum += point, whatever the two are. */
static void jacobian_add_affine(jacobian_point *sum, const affine_point *point) {
    element zz, u2, s2, x1 = sum->x, y1 = sum->y, z1 = sum->z;
    int is_same;
    if (affine_is_infinity(point)) return;
    if (jacobian_is_infinity(sum)) {
        jacobian_from_affine(sum, point);
        return;
    }
    field_square(&zz, &z1);
    field_multiply(&u2, &point->x, &zz);
    field_multiply(&s2, &point->y, &zz);
    field_multiply(&s2, &s2, &z1);
    if (jacobian_add_parts(sum, &x1, &y1, &u2, &s2, &z1, &is_same)) return;
    if (is_same) jacobian_double(sum, sum);
    else jacobian_set_infinity(sum);
}

/** to = a + b, whatever the two are; `to` may be one of them. */
static void jacobian_add(jacobian_point *to, const jacobian_point *a, const jacobian_point *b) {
    element aa, bb, u1, u2, s1, s2, z;
    int is_same;
    if (jacobian_is_infinity(a)) {
        *to = *b;
        return;
    }
    if (jacobian_is_infinity(b)) {
        *to = *a;
        return;
    }
    field_square(&aa, &a->z);
    field_square(&bb, &b->z);
    field_multiply(&u1, &a->x, &bb);
    field_multiply(&u2, &b->x, &aa);
    field_multiply(&s1, &a->y, &bb);
    field_multiply(&s1, &s1, &b->z);
    field_multiply(&s2, &b->y, &aa);
    field_multiply(&s2, &s2, &a->z);
    field_multiply(&z, &a->z, &b->z);
    if (jacobian_add_parts(to, &u1, &s1, &u2, &s2, &z, &is_same)) return;
    if (is_same) jacobian_double(to, a);
    else jacobian_set_infinity(to);
}

/**
 * Affine forms of many points, none infinity, by one inversion.
 * @param products space for as many
 */
static void jacobian_to_affine_all(affine_point *to, const jacobian_point *points, element *products, size_t count) {
    element inverse, square;
    size_t i;
    if (count == 0) return;
    inverse = FIELD_ONE;
    for (i = 0; i < count; i++) {
        products[i] = inverse;
        field_multiply(&inverse, &inverse, &points[i].z);
    }
    field_invert_public(&inverse, &inverse);
    for (i = count; i-- > 0;) {
        element z_inverse;
        field_multiply(&z_inverse, &products[i], &inverse);
        field_multiply(&inverse, &inverse, &points[i].z);
        field_square(&square, &z_inverse);
        field_multiply(&to[i].x, &points[i].x, &square);
        field_multiply(&square, &square, &z_inverse);
        field_multiply(&to[i].y, &points[i].y, &square);
    }
}

/** sum + point in constant time, for every sum and every point but infinity: algorithm 5 of eprint 2015/1060. */
static void homogeneous_add_affine(homogeneous_point *sum, const affine_point *point) {
    element t0, t1, t2, t3, t4, x3, y3, z3;
    field_multiply(&t0, &sum->x, &point->x);
    field_multiply(&t1, &sum->y, &point->y);
    field_add(&t3, &point->x, &point->y);
    field_add(&t4, &sum->x, &sum->y);
    field_multiply(&t3, &t3, &t4);
    field_add(&t4, &t0, &t1);
    field_subtract(&t3, &t3, &t4);
    field_multiply(&t4, &point->y, &sum->z);
    field_add(&t4, &t4, &sum->y);
    field_multiply(&y3, &point->x, &sum->z);
    field_add(&y3, &y3, &sum->x);
    field_multiply(&z3, &CURVE_B, &sum->z);
    field_subtract(&x3, &y3, &z3);
    field_double(&z3, &x3);
    field_add(&x3, &x3, &z3);
    field_subtract(&z3, &t1, &x3);
    field_add(&x3, &t1, &x3);
    field_multiply(&y3, &CURVE_B, &y3);
    field_double(&t1, &sum->z);
    field_add(&t2, &t1, &sum->z);
    field_subtract(&y3, &y3, &t2);
    field_subtract(&y3, &y3, &t0);
    field_double(&t1, &y3);
    field_add(&y3, &t1, &y3);
    field_double(&t1, &t0);
    field_add(&t0, &t1, &t0);
    field_subtract(&t0, &t0, &t2);
    field_multiply(&t1, &t4, &y3);
    field_multiply(&t2, &t0, &y3);
    field_multiply(&y3, &x3, &z3);
    field_add(&sum->y, &y3, &t2);
    field_multiply(&x3, &t3, &x3);
    field_subtract(&sum->x, &x3, &t1);
    field_multiply(&z3, &t4, &z3);
    field_multiply(&t1, &t3, &t0);
    field_add(&sum->z, &z3, &t1);
}

#endif
