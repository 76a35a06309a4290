import type { Style } from './style.js';
import { padded, printable, textWidth } from './width.js';

const GAP = '  ';

/**
 * Rows under a line of names. Where the terminal is too narrow each row becomes a paragraph: nothing is cut off, so
 * that ids and hashes can be copied.
 * @param columns width of the terminal
 */
export function tableText(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  { style, columns }: { readonly style: Style; readonly columns: number },
): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = names.map((name, index) => Math.max(textWidth(name), ...cells.map((row) => textWidth(row[index]!))));
  const total = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  if (total > columns) return paragraphs(names, cells, style);
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => padded(cell, widths[index]!))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join(GAP);
  return [style.strong(line(names)), style.dim(rule), ...cells.map(line)].join('\n');
}

function paragraphs(names: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const width = Math.max(...names.map(textWidth));
  return rows
    .map((row) => row.map((cell, index) => `${style.name(padded(names[index]!, width))}${GAP}${cell}`).join('\n'))
    .join('\n\n');
}
