/** Characters that take two columns of a terminal: Chinese, full-width punctuation. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/gu;

/** Columns that a text takes on a terminal. */
export function textColumns(text: string): number {
  return [...text].length + (text.match(WIDE)?.length ?? 0);
}

/** Names and what belongs to them, a line each, the second column aligned. */
export function textTable(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => textColumns(name)));
  return rows.map(([name, value]) => `${name}${' '.repeat(width - textColumns(name))}  ${value}`).join('\n');
}
