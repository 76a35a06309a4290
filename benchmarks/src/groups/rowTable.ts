import { textColumns } from '../measure/textTable.js';

/** Rows of cells, columns aligned. @param rows the first is the heading; all of one length */
export function rowTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => textColumns(row[column] ?? ''))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - textColumns(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
