import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planChain, type ChainPlan } from './chainPlan.js';
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
import { nodeFlags } from '../start/nodeFlags.js';
import { transTestScript } from './transTestScript.js';

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
function run(
  script: string,
  command: string,
  args: readonly string[] = [],
  path = '/usr/local/bin:/usr/bin:/bin',
): { code: number | null; output: string } {
  // npm puts a menglian into PATH, which must not answer for one that is missing.
  const env = {
    ...process.env,
    PATH: path,
    MENGLIAN_COMMAND: command,
    NODE: process.execPath,
  };
  const result = spawnSync('bash', [script, ...args], { env, encoding: 'utf8' });
  return { code: result.status, output: result.stdout + result.stderr };
}

function onePlan(): ChainPlan {
  const planned = planChain({ hosts: '127.0.0.1:1' }, undefined);
  if (!planned.ok) throw new Error(planned.reason.message.en);
  return planned.value;
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
    const plan = onePlan();
    const scripts = [
      launcherScript("/it's here/menglian.js", '/usr/bin/node'),
      startScript('../fisco-bcos'),
      stopScript('fisco-bcos'),
      containerStartScript(),
      containerStopScript(),
      startAllScript(),
      stopAllScript(),
      transTestScript(plan, plan.nodes[0]!),
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

  it('leave alone a node of another chain whose path ends with theirs', () => {
    if (!hasShell) return;
    const command = put('fake/other.cjs', NODE);
    const inner = join(folder, 'grep', 'node0');
    for (const place of [`copy${inner}`, 'grep/node0']) {
      put(`${place}/../fisco-bcos`, launcherScript('/nowhere', '/nowhere'));
      put(`${place}/start.sh`, startScript('../fisco-bcos'));
      put(`${place}/stop.sh`, stopScript('../fisco-bcos'));
    }
    const other = join(folder, 'copy', inner);
    expect(run(join(other, 'start.sh'), command).output).toBe(' node0 start successfully\n');
    try {
      expect(run(join(inner, 'stop.sh'), command).output).toBe(" node0 isn't running.\n");
    } finally {
      expect(run(join(other, 'stop.sh'), command).output).toBe(' stop node0 success.\n');
    }
  });

  it('give the launcher the options of the executable of 2.x', () => {
    if (!hasShell) return;
    const command = put('fake/says.cjs', `console.log(process.argv.slice(2).join(' '))`);
    const launcher = put('options/fisco-bcos', launcherScript('/nowhere', '/nowhere'));
    expect(run(launcher, command, ['-v']).output).toBe('FISCO-BCOS Version : 2.11.0\nMenglian Version : --version\n');
    expect(run(launcher, command, ['-h'])).toEqual({ code: 0, output: 'node --help\n' });
    expect(run(launcher, command, ['-c', 'a b.ini'])).toEqual({ code: 0, output: 'node --config a b.ini\n' });
    expect(run(launcher, command, ['-x'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('illegal option'),
    });
  });

  it('give Node.js the options for this machine, the same as every other way to start a node', () => {
    if (!hasShell) return;
    const command = put('fake/flags.cjs', `console.log(process.execArgv.join(' '))`);
    const launcher = put('flags/fisco-bcos', launcherScript('/nowhere', '/nowhere'));
    expect(run(launcher, command, ['-c', 'config.ini']).output).toBe(`${nodeFlags().join(' ')}\n`);
    expect(nodeFlags(2)).toEqual(['--single-threaded-gc', '--interrupt-budget=270000']);
    expect(nodeFlags(16)).toEqual([]);
  });

  it('run containers with the folder of the node, as the user who owns it', () => {
    if (!hasShell) return;
    // Stands in for the engine: one container, its name in a file, its words in another.
    put(
      'engine/docker',
      `#!/bin/bash
cd ${folder}/engine
echo "$*" >>calls
case "$1" in
    ps) cat running 2>/dev/null ;;
    run) echo id >running && echo 'The FISCO-BCOS is running...' >words ;;
    logs) cat words ;;
    stop) rm running ;;
esac
exit 0
`,
    );
    const path = `${join(folder, 'engine')}:/usr/bin:/bin`;
    const start = put('box/127.0.0.1/node0/start.sh', containerStartScript());
    const stop = put('box/127.0.0.1/node0/stop.sh', containerStopScript());
    expect(run(stop, '', [], path)).toEqual({ code: 0, output: " node0 isn't running.\n" });
    expect(run(start, '', [], path)).toEqual({ code: 0, output: ' node0 start successfully\n' });
    expect(run(start, '', [], path).output).toMatch(/^ node0 is running, container is menglian\w+127_0_0_1_node0\.\n$/);
    const calls = readFileSync(join(folder, 'engine/calls'), 'utf8');
    expect(calls).toContain(
      `-v ${folder}/box/127.0.0.1/node0:/data -w /data menglian:latest node --config /data/config.ini`,
    );
    expect(calls).toMatch(/run -d --name menglian\w+ --network host --user \d+:\d+ /);
    expect(run(stop, '', [], path)).toEqual({ code: 0, output: ' stop node0 success.\n' });
    expect(readFileSync(join(folder, 'engine/calls'), 'utf8')).toMatch(/stop -t 20 menglian\w+\nrm menglian\w+\n$/);
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
