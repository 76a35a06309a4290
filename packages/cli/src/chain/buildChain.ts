import { lstatSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, success, type Result } from '@menglian/base/result';
import { validityOfDays } from '@menglian/certificates/issue';
import { chainAuthority } from './chainAuthority.js';
import type { ChainOptions } from './chainOptions.js';
import { planChain } from './chainPlan.js';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import { shown } from './hostList.js';
import { issueChain } from './issueChain.js';
import { chainLayout, fileMode, type FileTree } from './layout.js';

/** What was built and where. */
export interface BuiltChain {
  /** absolute path */
  readonly folder: string;
  /** absolute path of each node's config.ini, in the order of the plan */
  readonly configPaths: readonly string[];
}

/** The command that the launcher of each host runs. */
const COMMAND_PATH = fileURLToPath(new URL('../../bin/menglian.js', import.meta.url));
const FOLDER_MODE = 0o755;

/**
 * Makes keys, certificates, configuration and scripts of a chain in the layout of 2.x's build_chain.sh
 * (docs/operations.md). Everything is made in a folder beside the output and moved there at the end, so that a failure
 * leaves nothing half made.
 */
export async function buildChain(options: ChainOptions): Promise<Result<BuiltChain, ChainProblem>> {
  const fileText = options.hosts === undefined ? readHostFile(options.file) : success(undefined);
  if (!fileText.ok) return fileText;
  const planned = planChain(options, fileText.value);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const output = resolve(plan.output);
  if (exists(output)) return failure(outputExists(plan.output));
  const nowMs = Date.now();
  const validity = validityOfDays(plan.days, nowMs);
  const authority = await chainAuthority('standard', plan.authorityFolder, validity);
  if (!authority.ok) return authority;
  const smAuthority =
    plan.options.sm === true ? await chainAuthority('sm', plan.smAuthorityFolder, validity) : success(undefined);
  if (!smAuthority.ok) return smAuthority;
  const files = chainLayout({
    plan,
    issued: await issueChain(plan, { standard: authority.value, sm: smAuthority.value }, validity),
    // To the second, as 2.x has it: part of block 0.
    timestampMs: Math.floor(nowMs / 1000) * 1000,
    commandPath: COMMAND_PATH,
    nodePath: process.execPath,
  });
  const written = await writeTree(output, files);
  if (!written.ok) return written;
  return success({ folder: output, configPaths: plan.nodes.map((node) => join(output, node.folder, 'config.ini')) });
}

function readHostFile(path: string | undefined): Result<string | undefined, ChainProblem> {
  if (path === undefined) return success(undefined);
  try {
    return success(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const name = shown(path);
    return failure(
      chainProblem(
        `the file ${name} of -f cannot be read (${code})`,
        `无法读取 -f 指定的文件 ${name}（${code}）`,
        '-f hosts.txt',
      ),
    );
  }
}

/** A link counts too, wherever it leads: to write through it is not what was asked for. */
function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    // Whatever stands in the way, writing will say it.
    return false;
  }
}

function outputExists(output: string): ChainProblem {
  return chainProblem(
    `${shown(output)} exists already; choose another folder with -o, or remove it if the chain in it is not needed`,
    `${shown(output)} 已存在；请用 -o 指定其他目录，或在不再需要时删除它`,
    '-l 127.0.0.1:4 -o nodes2',
  );
}

async function writeTree(output: string, files: FileTree): Promise<Result<undefined, ChainProblem>> {
  let made: string | undefined;
  let temporary: string | undefined;
  try {
    made = await mkdir(dirname(output), { recursive: true });
    temporary = await mkdtemp(join(dirname(output), `.${basename(output)}-`));
    for (const [path, content] of files) {
      const target = join(temporary, path);
      await mkdir(dirname(target), { recursive: true, mode: FOLDER_MODE });
      await writeFile(target, content, { mode: fileMode(path) });
    }
    // mkdtemp makes a folder that only its owner can enter.
    await chmod(temporary, FOLDER_MODE);
    await rename(temporary, output);
    return success(undefined);
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    if (made !== undefined) await removeEmpty(dirname(output), made);
    const { code = '', path = output, syscall } = error as NodeJS.ErrnoException;
    // Somebody else made the folder meanwhile: to replace it is not ours.
    if (syscall === 'rename' && (code === 'ENOTEMPTY' || code === 'EEXIST')) return failure(outputExists(output));
    return failure(
      chainProblem(
        `the files cannot be written: ${shown(path)} (${code}); choose a folder with -o where you may write`,
        `无法写入 ${shown(path)}（${code}）；请用 -o 指定可写的目录`,
        '-l 127.0.0.1:4 -o ~/nodes',
      ),
    );
  }
}

/** Removes folders from the inner one up to the outer one, and stops at one that somebody else uses meanwhile. */
async function removeEmpty(inner: string, outer: string): Promise<void> {
  try {
    for (let folder = inner; folder.length >= outer.length; folder = dirname(folder)) await rmdir(folder);
  } catch {
    // Not empty: it stays.
  }
}
