import { toHex } from '@menglian/base/bytes';
import { LruMap } from '@menglian/base/lruMap';
import { decodeSm2Point, type Sm2Point } from '../sm2Curve.js';

/** Keys whose points are remembered, with 150 KB of multiples for those that sign often. */
const KEY_POINTS_MAX = 32;
/** Multiples cost as much as four signatures without them. They are computed for a key that has been seen so often. */
const SIGHTINGS_MIN = 8;
const PRECOMPUTED_BITS = 4;

interface KeyPoint {
  readonly point: Sm2Point;
  sightings: number;
}

/** Decoded keys and, of those that come often, multiples: with them, sG + tP takes a third of the time. */
export class KeyPoints {
  readonly #points = new LruMap<string, KeyPoint>(KEY_POINTS_MAX);

  /** @param key any bytes. @returns undefined unless they are X ‖ Y of a point of the curve */
  find(key: Uint8Array): { readonly point: Sm2Point; readonly hasMultiples: boolean } | undefined {
    const name = toHex(key);
    let known = this.#points.get(name);
    if (known === undefined) {
      const point = decodeSm2Point(key);
      if (point === undefined) return undefined;
      known = { point, sightings: 0 };
      this.#points.set(name, known);
    }
    if (++known.sightings === SIGHTINGS_MIN) known.point.precompute(PRECOMPUTED_BITS, false);
    return { point: known.point, hasMultiples: known.sightings >= SIGHTINGS_MIN };
  }
}
