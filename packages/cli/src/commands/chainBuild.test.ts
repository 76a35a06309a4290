import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Language } from '../language.js';
import { chainBuildCommand } from './chainBuild.js';

describe('menglian chain build', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-command-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  async function run(language: Language, ...args: readonly string[]) {
    const printed = { out: '', error: '' };
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.error += String(text)), true));
    const command = chainBuildCommand(language).exitOverride();
    const error = await command.parseAsync([...args], { from: 'user' }).then(
      () => undefined,
      (reason: unknown) => (reason as { code: string }).code,
    );
    return { ...printed, exitCode: process.exitCode, error, stderr: printed.error };
  }

  it('builds with the letters of build_chain.sh', async () => {
    const output = join(folder, 'nodes');
    const { out, exitCode } = await run(
      'en',
      '-l',
      '127.0.0.1:1',
      '-p',
      '41300,41400,41500',
      '-o',
      output,
      '-R',
      '-6',
      '-T',
    );
    expect(exitCode).toBeUndefined();
    expect(out).toBe(`[INFO] All completed. Files in ${output}\n`);
    expect(existsSync(join(output, '127.0.0.1', 'node0', 'config.ini'))).toBe(true);
    const again = await run('en', '-l', '127.0.0.1:1', '-o', output, '-R');
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('[ERROR]');
    expect(again.stderr).toContain('menglian chain build -l');
  });

  it('builds SM chains, and more nodes of one below its authority', async () => {
    const first = join(folder, 'sm');
    const later = join(folder, 'later');
    expect((await run('en', '-l', '127.0.0.1:1', '-g', '-G', '-R', '-o', first)).stderr).toBe('');
    const authorities = ['-k', join(first, 'cert'), '-K', join(first, 'gmcert')];
    expect((await run('en', '-l', '127.0.0.1:1', '-g', ...authorities, '-R', '-o', later)).stderr).toBe('');
    const conf = (output: string) => join(output, '127.0.0.1/node0/conf/gmca.crt');
    expect(readFileSync(conf(later), 'utf8')).toBe(readFileSync(conf(first), 'utf8'));
    expect(readFileSync(join(first, '127.0.0.1/node0/config.ini'), 'utf8')).toContain('sm_crypto_channel=true');
  });

  it('warns when JSON-RPC is open to all', async () => {
    const { stderr } = await run('en', '-l', '127.0.0.1', '-o', join(folder, 'open'), '-R', '-i');
    expect(stderr).toContain('[WARN] JSON-RPC listens on all addresses');
  });

  it('speaks both languages', async () => {
    const english = await run('en', '--help');
    const chinese = await run('zh', '--help');
    expect(english.error).toBe('commander.helpDisplayed');
    for (const { out } of [english, chinese]) {
      for (const letter of 'lfopvescCgGRXkKtNdDzZTSFEqi6') expect(out).toContain(`-${letter}, --`);
      expect(out).toContain('menglian chain build -l 127.0.0.1:4');
    }
    expect(english.out).not.toMatch(/\p{Script=Han}/u);
    expect(chinese.out).toContain('生成一条链');
    expect((await run('zh', '-l', '127.0.0.1', '-G')).stderr).toContain('国密链');
    expect((await run('en', '-l', '127.0.0.1', '-K', 'gmcert')).stderr).toContain('SM algorithms');
  });

  it('lists data formats and refuses options it does not know', async () => {
    expect((await run('en', '-q')).out).toBe('2.11.0\n');
    expect((await run('en', '--nonsense')).error).toBe('commander.unknownOption');
  });
});
