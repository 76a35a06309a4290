import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Localized } from '@menglian/cli/language';
import { shownText } from './optionValues.js';

/**
 * Why a file could not be written, found before hours are spent on what it is to hold.
 * @param path undefined if nobody asked for a file
 */
export function outputProblem(path: string | undefined): Localized | undefined {
  if (path === undefined) return undefined;
  const folder = dirname(resolve(path));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return {
      en: `${shownText(path)} cannot be written: the folder ${shownText(folder)} is not there, or may not be written to`,
      zh: `无法写入 ${shownText(path)}：目录 ${shownText(folder)} 不存在或不可写`,
    };
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  return { en: `${shownText(path)} is a folder, not a file`, zh: `${shownText(path)} 是目录而不是文件` };
}

/** @param path undefined if nobody asked for a file */
export function writeFigures(path: string | undefined, figures: object): void {
  if (path !== undefined) writeFileSync(path, `${JSON.stringify(figures, undefined, 2)}\n`);
}
