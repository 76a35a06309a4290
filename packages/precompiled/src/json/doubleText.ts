const SIGNIFICANT_DIGITS = 17;

/**
 * A number as text with 17 significant digits, the `%.17g` of C, and with `.0` when nothing else shows that it is no
 * integer: `0.10000000000000001`, `1e+20`, `5.0`. The digits are exact by the definition of toPrecision, so every engine
 * gives the same.
 */
export function doubleText(value: number): string {
  const [digits, exponentText] = value.toExponential(SIGNIFICANT_DIGITS - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= SIGNIFICANT_DIGITS) {
    const sign = exponent < 0 ? '-' : '+';
    return `${withoutTrailingZeros(digits)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const negativeZero = Object.is(value, -0) ? '-' : '';
  const text = withoutTrailingZeros(value.toFixed(Math.max(0, SIGNIFICANT_DIGITS - 1 - exponent)));
  return negativeZero + (text.includes('.') ? text : `${text}.0`);
}

function withoutTrailingZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
