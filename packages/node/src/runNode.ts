import { timeText } from './logger.js';
import { Node } from './node.js';
import { readNodeFiles } from './nodeFiles.js';

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
  const node = new Node(files.value, {
    onFatal: (message) => {
      fatal ??= message;
      askToStop();
    },
  });
  process.once('SIGTERM', askToStop);
  process.once('SIGINT', askToStop);
  const started = await node.start();
  if (started.ok) {
    say('The FISCO-BCOS is running...');
    await stopAsked;
  } else {
    fatal = started.reason;
  }
  await node.stop();
  if (fatal !== undefined) {
    process.stderr.write(`the node stopped:\n${fatal}\n`);
    return 1;
  }
  say('FISCO-BCOS program exit normally.');
  return 0;
}
