import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../replaceFile.js';
import { groupStatusOf, readGroupStatus, writeGroupStatus } from './groupStatusFile.js';

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'menglian-status-'));
  data = join(folder, 'data', 'group2');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the file .group_status', () => {
  it.each(['RUNNING', 'STOPPING', 'STOPPED', 'DELETED'] as const)('keeps %s, as one word', (status) => {
    writeGroupStatus(data, status);
    expect(readFileSync(join(data, '.group_status'), 'utf8')).toBe(status);
    expect(readGroupStatus(data)).toBe(status);
  });

  it('is not there before a group was', () => {
    expect(readGroupStatus(data)).toBeUndefined();
    mkdirSync(data, { recursive: true });
    expect(readGroupStatus(data)).toBeUndefined();
  });

  it.each(['', 'running', 'RUNNING STOPPED', 'INEXISTENT', 'UNKNOWN', '\u0000'.repeat(7), 'X'.repeat(100_000)])(
    'that holds %j is not known',
    (text) => {
      mkdirSync(data, { recursive: true });
      writeFileSync(join(data, '.group_status'), text);
      expect(readGroupStatus(data)).toBe('UNKNOWN');
    },
  );

  it('may end with a line feed, as an editor writes it', () => {
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, '.group_status'), 'STOPPED\r\n');
    expect(readGroupStatus(data)).toBe('STOPPED');
  });

  it('that is a folder is not known', () => {
    mkdirSync(join(data, '.group_status'), { recursive: true });
    expect(readGroupStatus(data)).toBe('UNKNOWN');
  });

  it('counts only beside a genesis', () => {
    const paths = { genesis: join(folder, 'group.2.genesis'), tuning: join(folder, 'group.2.ini'), data };
    writeGroupStatus(data, 'STOPPED');
    expect(groupStatusOf(paths)).toBe('INEXISTENT');
    writeFileSync(paths.genesis, '');
    expect(groupStatusOf(paths)).toBe('STOPPED');
    rmSync(data, { recursive: true });
    expect(groupStatusOf(paths)).toBe('INEXISTENT');
  });
});

describe('replaceFile', () => {
  it('leaves the new text alone, over an old one and over what a crash left', () => {
    const path = join(folder, 'file');
    writeFileSync(`${path}.new`, 'half of wha');
    for (const text of ['first', 'second, longer', '']) {
      replaceFile(path, text);
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(existsSync(`${path}.new`)).toBe(false);
    }
  });

  it('keeps the old text when the new one cannot be written', () => {
    const path = join(folder, 'file');
    replaceFile(path, 'old');
    mkdirSync(`${path}.new`);
    expect(() => replaceFile(path, 'new')).toThrow('EISDIR');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('throws where there is no folder', () => {
    expect(() => replaceFile(join(folder, 'none', 'file'), '')).toThrow('ENOENT');
  });
});
