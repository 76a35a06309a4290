import { failure } from '@menglian/base/result';
import { httpTransport } from '@menglian/sdk/http';
import type { Amop } from '@menglian/sdk/node/channel/amop';
import { channelTransport } from '@menglian/sdk/node/channel/channelTransport';
import { readCredentials } from '@menglian/sdk/node/channel/tlsDial';
import type { Transport } from '@menglian/sdk/transport';
import type { Language } from '../language.js';
import { tokenOf } from './arguments/tokens.js';
import type { ConsoleOptions } from './consoleCommand.js';
import type { Outcome } from './command.js';
import { greeting, signedBy } from './greeting.js';
import { ConsoleHome } from './home.js';
import { Printer } from './printer.js';
import { Progress } from './progress.js';
import { Repl } from './repl.js';
import { problemOfError } from './sdkProblem.js';
import { runCommand, runLine } from './run.js';
import { askSecretOnce } from './screen.js';
import { Session } from './session.js';
import { sessionWords } from './words.js';

/** Runs the command that the words make, or a conversation. @returns the exit code */
export async function runConsole(
  words: readonly string[],
  options: ConsoleOptions,
  language: Language,
): Promise<0 | 1> {
  const { stdin, stdout, stderr, env } = process;
  const printer = new Printer({ out: stdout, error: stderr, language, isJson: options.json, environment: env });
  const progress = new Progress(stderr);
  const home = ConsoleHome.ofUser(env);
  let repl: Repl | undefined;
  const once = new AbortController();
  let session: Session;
  try {
    session = new Session({
      ...transportOf(options),
      groupId: options.group,
      language,
      home,
      folder: process.cwd(),
      terminal: {
        progress: (text) => progress.show(text),
        say: (text) => printer.line(text),
        askSecret: async (question) =>
          repl === undefined ? askSecretOnce(question, stdin, stderr) : repl.askSecret(question),
        get interrupt() {
          return repl?.interrupt ?? once.signal;
        },
      },
      ...(options.solc !== undefined && { solc: options.solc }),
      ...(options.passwordFile !== undefined && { passwordFile: options.passwordFile }),
    });
  } catch (error) {
    printer.print(failure(problemOfError(error)));
    return 1;
  }
  try {
    const keyFile = options.pem ?? options.keystore;
    if (keyFile !== undefined) {
      const loaded = await runCommand(session, 'loadAccount', [{ text: keyFile, isQuoted: true }]);
      if (!loaded.ok) {
        printer.print(loaded);
        return 1;
      }
    }
    const [name, ...given] = words;
    if (name !== undefined) {
      // The first Ctrl-C ends the waiting; another one the program.
      process.once('SIGINT', () => once.abort());
      const outcome = await runWords(session, name, given);
      printer.print(outcome);
      if (session.sentHash !== undefined && session.isAccountTemporary) printer.note(signedBy(session));
      return outcome.ok ? 0 : 1;
    }
    repl = new Repl({ input: stdin, output: stdout, home, words: sessionWords(session), printer, language });
    if (stdin.isTTY && stdout.isTTY) stdout.write(`${await greeting(session, options.channel ?? options.rpc)}\n`);
    return await repl.run(session);
  } finally {
    session.close();
  }
}

/** The channel where it is asked for: it carries messages between clients, too. @throws SdkError */
function transportOf({ rpc, channel, sdk }: ConsoleOptions): { readonly transport: Transport; readonly amop?: Amop } {
  const listOf = (text: string) => text.split(',').map((one) => one.trim());
  if (channel === undefined) return { transport: httpTransport(listOf(rpc)) };
  const transport = channelTransport({ nodes: listOf(channel), ...readCredentials(sdk) });
  return { transport, amop: transport.amop };
}

/** A single word with spaces is a whole line, so that shells need to quote a statement only once. */
async function runWords(session: Session, name: string, given: readonly string[]): Promise<Outcome> {
  if (given.length > 0 || !/\s/.test(name)) return runCommand(session, name, given.map(tokenOf));
  return (await runLine(session, name)) ?? runCommand(session, 'help', []);
}
