import type { Language } from '../../language.js';
import type { Problem } from '../problem.js';
import type { Answer, View } from './answer.js';
import { jsonText } from './json.js';
import { outlineText } from './outline.js';
import type { Style } from './style.js';
import { tableText } from './table.js';
import { printable } from './width.js';

export interface Page {
  readonly language: Language;
  readonly style: Style;
  /** Of the terminal; Infinity for files and pipes. */
  readonly columns: number;
}

/** @returns without a line end */
export function answerText(answer: Answer, page: Page): string {
  const text = viewText(answer.view, page);
  const { note } = answer;
  return note === undefined ? text : `${text}\n${page.style.dim(printable(note[page.language]))}`;
}

function viewText(view: View, page: Page): string {
  switch (view.kind) {
    case 'text':
      return view.text[page.language].split('\n').map(printable).join('\n');
    case 'drawn':
      return view.draw(page.language, page.style);
    case 'outline':
      return outlineText(view.value, page.style);
    case 'table': {
      if (view.rows.length === 0) return page.style.dim(page.language === 'zh' ? '（空）' : '(none)');
      return tableText(
        view.columns.map((column) => column[page.language]),
        view.rows,
        page,
      );
    }
  }
}

/** What went wrong, what to do, and a line that works. */
export function problemText(problem: Problem, { language, style }: Page): string {
  const { code, message, advice, example } = problem;
  const labels =
    language === 'zh'
      ? { error: '错误', advice: '建议', example: '示例' }
      : { error: 'error', advice: 'try', example: 'example' };
  const lines = [
    `${style.bad(`${labels.error} ${printable(String(code))}`)}  ${message[language].split('\n').map(printable).join('\n')}`,
    `  ${style.dim(`${labels.advice}:`)} ${printable(advice[language])}`,
  ];
  if (example !== undefined) lines.push(`  ${style.dim(`${labels.example}:`)} ${printable(example)}`);
  return lines.join('\n');
}

/** The same for programs. */
export function problemJson({ code, message, advice, example }: Problem, language: Language): string {
  return jsonText({ error: { code, message: message[language], advice: advice[language], example } });
}
