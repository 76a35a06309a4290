import { describe, expect, it } from 'vitest';
import { chooseLanguage } from './language.js';

describe('chooseLanguage', () => {
  it('lets --lang decide before the environment', () => {
    expect(chooseLanguage(['chain', '--lang', 'zh'], { LANG: 'en_US.UTF-8' })).toBe('zh');
    expect(chooseLanguage(['--lang=zh-CN', 'chain'], {})).toBe('zh');
    expect(chooseLanguage(['--lang', 'en'], { LANG: 'zh_CN.UTF-8' })).toBe('en');
    expect(chooseLanguage(['--lang'], {})).toBe('en');
  });

  it('reads the locale in the order of POSIX, skipping empty values', () => {
    expect(chooseLanguage([], { LANG: 'zh_CN.UTF-8' })).toBe('zh');
    expect(chooseLanguage([], { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).toBe('en');
    expect(chooseLanguage([], { LC_ALL: '', LC_MESSAGES: 'zh_TW', LANG: 'en_US' })).toBe('zh');
    expect(chooseLanguage([], {})).toBe('en');
  });
});
