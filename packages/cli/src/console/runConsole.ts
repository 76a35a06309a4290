import { httpTransport } from '@menglian/sdk/http';
import { SdkError } from '@menglian/sdk/sdkError';
import { failure } from '@menglian/base/result';
import type { Language } from '../language.js';
import type { ConsoleOptions } from './consoleCommand.js';
import { greeting, signedBy } from './greeting.js';
import { ConsoleHome } from './home.js';
import { runOnce, write, type Writers } from './oneShot.js';
import type { Page } from './output/render.js';
import { styleFor } from './output/style.js';
import { Progress } from './progress.js';
import { Repl } from './repl.js';
import { problemOfError } from './sdkProblem.js';
import { runCommand } from './run.js';
import { Session } from './session.js';
import { sessionWords } from './words.js';

/** Runs the command that the words make, or a conversation. @returns the exit code */
export async function runConsole(
  words: readonly string[],
  options: ConsoleOptions,
  language: Language,
): Promise<0 | 1> {
  const { stdin, stdout, stderr, env } = process;
  const page = (): Page => ({
    language,
    style: styleFor(stdout, env),
    columns: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
  });
  const progress = new Progress(stderr);
  const writers: Writers = {
    out: (text) => void stdout.write(`${text}\n`),
    error: (text) => void stderr.write(`${text}\n`),
  };
  const home = ConsoleHome.ofUser(env);
  let repl: Repl | undefined;
  const once = new AbortController();
  let session: Session;
  try {
    session = new Session({
      transport: httpTransport(options.rpc.split(',').map((url) => url.trim())),
      groupId: options.group,
      language,
      home,
      folder: process.cwd(),
      terminal: {
        progress: (text) => progress.show(text),
        askSecret: async (question) => repl?.askSecret(question),
        get interrupt() {
          return repl?.interrupt ?? once.signal;
        },
      },
      ...(options.solc !== undefined && { solc: options.solc }),
    });
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    write(failure(problemOfError(error)), { isJson: options.json, page: page(), writers });
    return 1;
  }
  try {
    if (options.pem !== undefined) {
      const loaded = await runCommand(session, 'loadAccount', [{ text: options.pem, isQuoted: true }]);
      if (!loaded.ok) {
        write(loaded, { isJson: options.json, page: page(), writers });
        return 1;
      }
    }
    const [name, ...given] = words;
    if (name !== undefined) {
      const code = await runOnce(session, [name, ...given], { isJson: options.json, page: page(), writers });
      if (session.sentHash !== undefined && session.isAccountTemporary && !options.json)
        writers.error(signedBy(session));
      return code;
    }
    repl = new Repl({
      input: stdin,
      output: stdout,
      home,
      words: sessionWords(session),
      isJson: options.json,
      writers,
      page,
    });
    if (stdin.isTTY && stdout.isTTY) writers.out(await greeting(session, options.rpc));
    return await repl.run(session);
  } finally {
    session.close();
  }
}
