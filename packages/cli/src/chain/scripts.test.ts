import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadNewGroupsScript, monitorScript, reloadSdkAllowListScript, reloadWhitelistScript } from './nodeScripts.js';
import {
  containerStartScript,
  containerStopScript,
  launcherScript,
  startAllScript,
  startScript,
  stopAllScript,
  stopScript,
} from './scripts.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-scripts-'));
const hasShell = ['bash', 'ps'].every((program) => spawnSync(program, ['--version']).error === undefined);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string): string {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  chmodSync(target, 0o755);
  return target;
}

/** Runs a script and gives its exit code and what it printed. */
function run(script: string, command: string, args: readonly string[] = []): { code: number | null; output: string } {
  // npm puts a menglian into PATH, which must not answer for one that is missing.
  const env = {
    ...process.env,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    MENGLIAN_COMMAND: command,
    NODE: process.execPath,
  };
  const result = spawnSync('bash', [script, ...args], { env, encoding: 'utf8' });
  return { code: result.status, output: result.stdout + result.stderr };
}

/** Stands in for the node: says what a node says and ends on SIGTERM. */
const NODE = `
const fs = require('node:fs');
fs.writeFileSync('arguments', process.argv.slice(2).join(' '));
console.log('[now] The FISCO-BCOS is running...');
process.on('SIGTERM', () => { console.log('FISCO-BCOS program exit normally.'); process.exit(0); });
setInterval(() => {}, 1000);
`;

describe('scripts', () => {
  it('are all bash', () => {
    if (!hasShell) return;
    const scripts = [
      launcherScript("/it's here/menglian.js", '/usr/bin/node'),
      startScript('../fisco-bcos'),
      stopScript('fisco-bcos'),
      containerStartScript(),
      containerStopScript(),
      startAllScript(),
      stopAllScript(),
      monitorScript(),
      loadNewGroupsScript(),
      reloadWhitelistScript(),
      reloadSdkAllowListScript(),
    ];
    for (const script of scripts) {
      expect(script.startsWith('#!/bin/bash\n')).toBe(true);
      execFileSync('bash', ['-n'], { input: script });
    }
  });

  it('start, find, watch and stop a node by its path', () => {
    if (!hasShell) return;
    const command = put('fake/menglian.cjs', NODE);
    put('host/fisco-bcos', launcherScript('/nowhere', '/nowhere'));
    const start = put('host/node0/start.sh', startScript('../fisco-bcos'));
    const stop = put('host/node0/stop.sh', stopScript('../fisco-bcos'));
    const monitor = put('host/node0/scripts/monitor.sh', monitorScript());
    put('host/node0/config.ini', '');
    // The words of an earlier run are no sign of life.
    put('host/node0/nohup.out', 'The FISCO-BCOS is running...\n');

    expect(run(stop, command)).toEqual({ code: 0, output: " node0 isn't running.\n" });
    try {
      expect(run(start, command)).toEqual({ code: 0, output: ' node0 start successfully\n' });
      expect(run(start, command)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^ node0 is running, pid is \d+\.\n$/),
      });
      expect(readFileSync(join(folder, 'host/node0/arguments'), 'utf8')).toBe('node --config config.ini');
      expect(run(monitor, command, ['-d', join(folder, 'host')])).toEqual({ code: 0, output: '' });
    } finally {
      expect(run(stop, command)).toEqual({ code: 0, output: ' stop node0 success.\n' });
    }
    const restarted = run(monitor, command, ['-d', join(folder, 'host')]);
    expect(restarted.output).toContain('[ALARM] node0 was not running:  node0 start successfully');
    expect(run(stop, command).output).toBe(' stop node0 success.\n');
  });

  it('tell at once when a node ends instead of starting', () => {
    if (!hasShell) return;
    const command = put('fake/broken.cjs', `console.error('port 8545 is taken'); process.exit(1);`);
    put('broken/fisco-bcos', launcherScript('/nowhere', '/nowhere'));
    const start = put('broken/node0/start.sh', startScript('../fisco-bcos'));
    put('broken/node0/nohup.out', 'The FISCO-BCOS is running...\n');
    const { code, output } = run(start, command);
    expect(code).toBe(1);
    expect(output).toContain('did not start');
    expect(output).toContain('port 8545 is taken');
  });

  it('start and stop all nodes of a host', () => {
    if (!hasShell) return;
    for (const node of ['node0', 'node1']) {
      put(`all/${node}/config.ini`, '');
      put(`all/${node}/start.sh`, `echo " ${node} start successfully"`);
      put(`all/${node}/stop.sh`, `echo " stop ${node} success."`);
    }
    put('all/sdk/start.sh', 'echo never');
    const started = run(put('all/start_all.sh', startAllScript()), '');
    expect(started.output.split('\n').toSorted().join('|')).toBe(
      '| node0 start successfully| node1 start successfully|try to start node0|try to start node1',
    );
    const stopped = run(put('all/stop_all.sh', stopAllScript()), '');
    expect(stopped.output).toContain(' stop node1 success.');
    expect(stopped.output).not.toContain('never');
  });

  it('say where the command is missing', () => {
    if (!hasShell) return;
    const { code, output } = run(put('lost/fisco-bcos', launcherScript('/nowhere', '/nowhere')), '/not/there');
    expect(code).toBe(1);
    expect(output).toContain('set MENGLIAN_COMMAND');
  });

  it('check the list of allowed nodes before they tell the node', () => {
    if (!hasShell) return;
    const script = put('list/node0/scripts/reload_whitelist.sh', reloadWhitelistScript());
    const id = 'ab'.repeat(64);
    put('list/node0/config.ini', `[certificate_whitelist]\n    cal.0=${id}\n    cal.1=${id.slice(1)}\n`);
    expect(run(script, '').output).toContain('is no node id');
    put('list/node0/config.ini', `[certificate_whitelist]\n    cal.0=${id}\n cal.0 = ${id}\n`);
    expect(run(script, '').output).toContain('stands twice');
    put('list/node0/config.ini', `[certificate_whitelist]\n    cal.0=${id}\n`);
    const unread = run(script, '');
    expect(unread).toMatchObject({ code: 1, output: expect.stringContaining('did not read the list') });
  });
});
