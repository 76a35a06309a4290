import type { Language } from '../language.js';
import { usageText } from './arguments/parameters.js';
import type { ConsoleCommand, Room } from './command.js';
import type { Style } from './output/style.js';
import { padded, textWidth } from './output/width.js';

/** All commands by subject, a line each. */
export function allHelp(rooms: readonly Room[], language: Language, style: Style): string {
  const width = Math.max(...rooms.flatMap(({ commands }) => commands.map(({ name }) => textWidth(name))));
  const paragraphs = rooms.map(({ title, commands }) => {
    const lines = commands.map(({ name, summary }) => `  ${style.name(padded(name, width))}  ${summary[language]}`);
    return [style.strong(title[language]), ...lines].join('\n');
  });
  const tail =
    language === 'zh'
      ? 'help <命令> 查看参数与示例；Tab 补全；含空格的文本加引号。'
      : 'help <command> shows arguments and examples; Tab completes; text with spaces stands in quotes.';
  return [...paragraphs, tail].join('\n\n');
}

/** One command: how it is written, what each argument may be, examples. */
export function commandHelp(command: ConsoleCommand, language: Language, style: Style): string {
  const { name, aliases, summary, details, parameters, examples } = command;
  const isChinese = language === 'zh';
  const parts = [`${summary[language]}${isChinese ? '。' : '.'}`];
  if (details !== undefined) parts.push(details[language]);
  parts.push(`${isChinese ? '用法' : 'usage'}:\n  ${style.name(usageText(name, parameters))}`);
  if (parameters.length > 0) {
    const width = Math.max(...parameters.map((parameter) => textWidth(parameter.name)));
    const lines = parameters.map(({ name, text, kind, presence }) => {
      const expected = presence === 'rest' ? '' : `${isChinese ? '；' : '; '}${kind.expected[language]}`;
      return `  ${style.name(padded(name, width))}  ${text[language]}${expected}`;
    });
    parts.push(`${isChinese ? '参数' : 'arguments'}:\n${lines.join('\n')}`);
  }
  parts.push(`${isChinese ? '示例' : 'examples'}:\n${examples.map((example) => `  ${example}`).join('\n')}`);
  if (aliases.length > 0) parts.push(`${isChinese ? '别名' : 'also'}: ${aliases.join(', ')}`);
  return parts.join('\n\n');
}
