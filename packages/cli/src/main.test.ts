import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

/** The command as people run it: in a process, from what `npm run build` made. */
const COMMAND = fileURLToPath(new URL('../bin/menglian.js', import.meta.url));
const START = fileURLToPath(new URL('../dist/start.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'menglian-main-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], locale: Readonly<Record<string, string>> = {}, script = COMMAND) {
  const { LANG: _lang, LC_ALL: _all, LC_MESSAGES: _messages, ...environment } = process.env;
  const env = { ...environment, ...locale };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('menglian', () => {
  it.each([
    [['--help'], 'menglian chain build -l 127.0.0.1:4'],
    [['chain', 'build', '--help'], 'menglian chain build -l 127.0.0.1:4 -p 30300,20200,8545 -o nodes'],
    [['node', '--help'], 'menglian node --config nodes/127.0.0.1/node0/config.ini'],
  ])('shows how to use it: %j', (args, example) => {
    const { code, stdout, stderr } = run(args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(example);
    expect(stdout).toContain('show this help');
  });

  it('tells its version, which is that of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(run(['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  it.each([
    [['--nonsense'], "unknown option '--nonsense'"],
    [['chian'], "unknown command 'chian'"],
    [['chain', 'build', '-l', '127.0.0.1:1', '--outptu', 'x'], '(Did you mean --output?)'],
    [['chain', 'build', '-l'], 'argument missing'],
    [['chain', 'build', '-l', '127.0.0.1:1', 'extra'], 'too many arguments'],
    [['node', '--conf', 'x'], "unknown option '--conf'"],
    [['--lang', 'fr', 'node'], 'en, zh'],
  ])('refuses %j with a hint', (args, sentence) => {
    const { code, stdout, stderr } = run(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('(add --help to see what is possible)');
  });

  it.each([
    [['--lang', 'zh', 'chain', 'build', '--help'], {}],
    [['chain', 'build', '--help', '--lang=zh'], { LANG: 'en_US.UTF-8' }],
    [['chain', 'build', '--help'], { LANG: 'zh_CN.UTF-8' }],
  ])('speaks Chinese when asked: %j %j', (args, locale) => {
    const { code, stdout } = run(args, locale);
    expect(code).toBe(0);
    expect(stdout).toContain('生成一条链的密钥、证书、配置和启动脚本');
    expect(stdout).toContain('显示帮助');
  });

  it('refuses in the language asked for, with an example that works in both', () => {
    const args = ['chain', 'build', '-l', '127.0.0.1:1', '-c', 'pow'];
    const english = run(args);
    const chinese = run(['--lang', 'zh', ...args]);
    expect([english.code, chinese.code]).toEqual([1, 1]);
    expect(english.stderr).toContain('[ERROR] -c takes pbft, raft or rpbft; found "pow"\n        menglian chain build');
    expect(chinese.stderr).toContain('[ERROR] -c 须为 pbft、raft 或 rpbft');
    expect(existsSync(join(folder, 'nodes'))).toBe(false);
  });

  it('builds into nodes/ here when not told where', () => {
    const built = run(['chain', 'build', '-l', '127.0.0.1:1', '-R']);
    expect(built).toMatchObject({ code: 0, stderr: '' });
    expect(built.stdout).toMatch(/^\[INFO\] All completed\. Files in .*\/nodes\n$/);
    expect(existsSync(join(folder, 'nodes/127.0.0.1/node0/config.ini'))).toBe(true);
    expect(run(['chain', 'build', '-l', '127.0.0.1:1', '-R'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('says why a node cannot start', () => {
    const { code, stderr } = run(['node', '--config', 'nowhere/config.ini']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'nowhere/config.ini, the configuration of the node, cannot be read: there is no such file',
    );
  });
});

describe('npm start', () => {
  it('refuses what it does not know, and ports that cannot be, without a stack', () => {
    const unknown = run(['--port', '1'], {}, START);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain(
      'usage: npm start -- [--folder DIR] [--ports P2P,CHANNEL,RPC] [--sm] [--groups N] [--lang en|zh]',
    );
    const ports = run(['--folder', 'other', '--ports', '1,2,3'], { LANG: 'zh_CN.UTF-8' }, START);
    expect(ports).toMatchObject({ code: 1, stderr: '' });
    expect(ports.stdout).toContain('无法继续：端口须为');
    expect(ports.stdout).not.toContain(' at ');
    expect(existsSync(join(folder, 'other/nodes'))).toBe(false);
  });
});
