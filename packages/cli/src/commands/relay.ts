import { laneStatuses } from '@menglian/relay/laneStatus';
import { PLATFORM_PORTS } from '@menglian/relay/platformPorts';
import { registerAll, type Registration } from '@menglian/relay/registration';
import { Relay, type RelayEvent } from '@menglian/relay/relay';
import { retryFailed } from '@menglian/relay/retries';
import { RpcChain } from '@menglian/relay/rpcChain';
import { SdkError } from '@menglian/sdk/sdkError';
import { Command } from 'commander';
import type { Language, Localized } from '../language.js';
import { PASSWORD_VARIABLE, readRelayConfig, type RelayConfig } from '../relay/relayConfig.js';
import * as texts from '../relay/relayTexts.js';

interface Options {
  readonly config: string;
  readonly once?: boolean;
  readonly json?: boolean;
  readonly money?: boolean;
}

type Say = (text: Localized, record: object) => void;
type Run = (config: RelayConfig, options: Options, say: Say) => Promise<boolean>;

/** `menglian relay`. */
export function relayCommand(language: Language): Command {
  const tool = (command: Command, description: Localized, run: Run): Command =>
    command
      .description(description[language])
      .option('-c, --config <path>', texts.CONFIG[language], 'relay.ini')
      .option('--json', texts.JSON_LINES[language])
      // Options that the commands below share with this one are read by this one, wherever they stand.
      .action((_, command: Command) => runTool(run, command.optsWithGlobals<Options>(), language));
  return tool(new Command('relay'), texts.RELAY, carry)
    .option('--once', texts.ONCE[language])
    .addHelpText('after', texts.EXAMPLES[language])
    .addCommand(tool(new Command('register'), texts.REGISTER, register).option('--money', texts.MONEY[language]))
    .addCommand(tool(new Command('status'), texts.STATUS, status))
    .addCommand(tool(new Command('retry'), texts.RETRY, retry));
}

async function runTool(run: Run, options: Options, language: Language): Promise<void> {
  const say: Say = (text, record) => {
    const line = options.json === true ? JSON.stringify(record, plainValue) : text[language];
    process.stdout.write(`${line}\n`);
  };
  const config = await readRelayConfig(options.config, process.env[PASSWORD_VARIABLE]);
  const isDone = config.ok
    ? await run(config.value, options, say).catch((error: unknown) => refused(error, language))
    : complain(config.reason);
  if (!isDone) process.exitCode = 1;
}

/** Numbers of messages are larger than JSON's; errors have members that JSON does not see. */
function plainValue(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof SdkError) return { code: value.code, message: value.message };
  return value;
}

function complain(problem: string): false {
  process.stderr.write(`[ERROR] ${problem}\n`);
  return false;
}

function refused(error: unknown, language: Language): false {
  if (!(error instanceof SdkError)) throw error;
  return complain(texts.problemText(error)[language]);
}

async function carry({ chains, pollMs, clearSeconds }: RelayConfig, options: Options, say: Say): Promise<boolean> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  const report = (event: RelayEvent) => say(texts.eventText(event), event);
  const carried = chains.map(({ name, client }) => new RpcChain(name, client));
  const relay = new Relay(carried, { pollMs, clearMs: clearSeconds * 1000 }, PLATFORM_PORTS, report);
  const names = chains.map(({ name }) => name);
  try {
    if (options.once === true) {
      const problems = await relay.once(stop.signal);
      if (problems.size === 0) say(texts.NOTHING_LEFT, { kind: 'nothingLeft' });
      return problems.size === 0;
    }
    say(texts.started(names), { kind: 'started', chains: names });
    await relay.run(stop.signal);
    say(texts.STOPPED, { kind: 'stopped' });
    return true;
  } finally {
    process.removeListener('SIGTERM', onSignal).removeListener('SIGINT', onSignal);
    for (const { client } of chains) client.close();
  }
}

async function register({ chains }: RelayConfig, { money = false }: Options, say: Say): Promise<boolean> {
  const report = (done: Registration) => say(texts.registrationText(done), done);
  await registerAll(chains, { money }, report);
  return true;
}

async function status({ chains }: RelayConfig, _options: Options, say: Say): Promise<boolean> {
  const asked = chains.map(({ name, client }) => new RpcChain(name, client));
  for (const lane of await laneStatuses(asked)) say(texts.statusText(lane), lane);
  return true;
}

async function retry({ chains }: RelayConfig, _options: Options, say: Say): Promise<boolean> {
  const tried = chains.map(({ name, client }) => new RpcChain(name, client));
  return retryFailed(tried, (done) => say(texts.retryText(done), done));
}
