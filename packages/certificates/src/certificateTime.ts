/** Dates of certificates: UTCTime for years up to 2049, GeneralizedTime from 2050, to the second (RFC 5280, 4.1.2.5). */
import { utf8Bytes } from '@menglian/base/bytes';
import { derElement, type DerItem } from '@menglian/crypto/der';
import { TAG } from './asn1.js';

const FIRST_GENERALIZED_YEAR = 2050;
/** `YYYYMMDDHHMMSSZ` */
const GENERALIZED_CHARACTERS = 15;

/** @returns ms since 1970, or undefined for what is no time in one of the two forms */
export function readTime(item: DerItem | undefined): number | undefined {
  if (item?.tag !== TAG.utcTime && item?.tag !== TAG.generalizedTime) return undefined;
  if (item.content.length > GENERALIZED_CHARACTERS) return undefined;
  const text = String.fromCharCode(...item.content);
  const pattern = item.tag === TAG.utcTime ? /^\d{12}Z$/ : /^\d{14}Z$/;
  if (!pattern.test(text)) return undefined;
  const century = Number(text.slice(0, 2)) >= 50 ? '19' : '20';
  const digits = item.tag === TAG.utcTime ? century + text : text;
  const [date, clock] = [digits.slice(0, 8), digits.slice(8, 14)];
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}`;
  const time = Date.parse(`${iso}.000Z`);
  // A month of 13 is no time, and a 31st of April would roll over silently.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso) ? undefined : time;
}

/** Years 1950 to 9999; parts of a second are cut off. */
export function timeElement(date: Date): Uint8Array {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? derElement(TAG.utcTime, utf8Bytes(digits.slice(2)))
    : derElement(TAG.generalizedTime, utf8Bytes(digits));
}
