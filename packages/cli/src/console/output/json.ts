/** One line of JSON. Integers that JavaScript cannot hold become decimal text, as do smaller ones of the same kind. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value ?? null, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one), indent);
}
