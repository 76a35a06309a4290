import { failure, success, type Result } from '@menglian/base/result';
import { timeText } from './logger.js';
import { Node } from './node.js';
import { readNodeFiles, type NodeFiles } from './nodeFiles.js';

/**
 * Runs one node in the foreground until SIGTERM or SIGINT, with the lines on stdout that scripts of 2.x wait for.
 * @returns the exit code: 0 after an orderly stop, 1 when the node could not start or had to stop
 */
export async function runNode(configPath: string): Promise<number> {
  const say = (text: string) => process.stdout.write(`[${timeText(new Date())}] ${text}\n`);
  say('Initializing...');
  const files = readNodeFiles(configPath);
  if (!files.ok) {
    process.stderr.write(`the node cannot start:\n${files.reason}\n`);
    return 1;
  }
  let fatal: string | undefined;
  let askToStop = (): void => {};
  const stopAsked = new Promise<void>((resolve) => {
    askToStop = resolve;
  });
  const created = createNode(files.value, (message) => {
    fatal ??= message;
    askToStop();
  });
  if (!created.ok) {
    process.stderr.write(`the node cannot start:\n${created.reason}\n`);
    return 1;
  }
  const node = created.value;
  process.once('SIGTERM', askToStop);
  process.once('SIGINT', askToStop);
  const started = await node.start();
  if (!started.ok) {
    await node.stop();
    process.stderr.write(`the node cannot start:\n${started.reason}\n`);
    return 1;
  }
  say('The FISCO-BCOS is running...');
  await stopAsked;
  await node.stop();
  if (fatal !== undefined) {
    process.stderr.write(`the node stopped:\n${fatal}\n`);
    return 1;
  }
  say('FISCO-BCOS program exit normally.');
  return 0;
}

function createNode(files: NodeFiles, onFatal: (message: string) => void): Result<Node> {
  try {
    return success(new Node(files, { onFatal }));
  } catch (error) {
    if (error instanceof Error) return failure(error.message);
    throw error;
  }
}
