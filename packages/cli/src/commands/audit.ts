import { failure, type Result, success } from '@menglian/base/result';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { auditChains, type ChainToAudit } from '@menglian/sdk/audit/auditChains';
import type { AuditReport } from '@menglian/sdk/audit/auditReport';
import { Client } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { suiteOfChain } from '@menglian/sdk/suiteOfChain';
import { Command } from 'commander';
import * as texts from '../audit/auditTexts.js';
import { BlockProgress } from '../audit/blockProgress.js';
import { labelOf, readChainPlace } from '../audit/chainPlace.js';
import { reportText } from '../audit/reportText.js';
import { readTrustFile } from '../audit/trustFile.js';
import { problemOfError } from '../console/sdkProblem.js';
import type { Language, Localized } from '../language.js';

/** How long a node may take to answer: blocks may be large, and nodes busy. */
const ANSWER_TIMEOUT_MS = 60_000;

interface HotAccountOptions {
  readonly hot: string;
  readonly user: readonly string[];
  readonly trust?: string;
  readonly json?: boolean;
}

/** `menglian audit`. */
export function auditCommand(language: Language): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  const hotAccount = new Command('hot-account')
    .description(texts.HOT_ACCOUNT[language])
    .argument('<name>', texts.NAME[language])
    .requiredOption('--hot <url,group>', texts.HOT[language])
    .requiredOption('--user <url,group>', texts.USER[language], collect)
    .option('--trust <file>', texts.TRUST[language])
    .option('--json', texts.JSON_REPORT[language])
    .addHelpText('after', texts.EXAMPLES[language])
    .action(async (name: string, options: HotAccountOptions) => {
      const audited = await auditAccount(name, options, language);
      if (audited.ok) {
        const text = options.json === true ? reportJson(audited.value) : reportText(audited.value, language);
        process.stdout.write(`${text}\n`);
      } else {
        process.stderr.write(`[ERROR] ${audited.reason[language]}\n`);
      }
      process.exitCode = audited.ok && audited.value.isRight ? 0 : 1;
    });
  return new Command('audit').description(texts.AUDIT[language]).addCommand(hotAccount);
}

async function auditAccount(
  account: string,
  options: HotAccountOptions,
  language: Language,
): Promise<Result<AuditReport, Localized>> {
  const trusted = options.trust === undefined ? undefined : readTrustFile(options.trust);
  if (trusted?.ok === false) return trusted;
  if (trusted === undefined) process.stderr.write(`${texts.UNTRUSTED[language]}\n`);
  const progress = new BlockProgress();
  const chains: ChainToAudit[] = [];
  try {
    for (const text of [options.hot, ...options.user]) {
      const chain = await chainAt(text);
      if (!chain.ok) return chain;
      chains.push(chain.value);
    }
    const [hot, ...users] = chains;
    const report = await auditChains({
      account,
      hot: hot!,
      users,
      ...(trusted && { trusted: trusted.value }),
      onBlock: (label, number, last) => progress.show(label, number, last),
    });
    return success(report);
  } catch (error) {
    const { message, advice } = problemOfError(error);
    return failure({ en: `${message.en}; ${advice.en}`, zh: `${message.zh}；${advice.zh}` });
  } finally {
    progress.clear();
    for (const { client } of chains) client.close();
  }
}

async function chainAt(text: string): Promise<Result<ChainToAudit, Localized>> {
  const place = readChainPlace(text);
  if (!place.ok) return place;
  const { url, groupId } = place.value;
  const transport = httpTransport(url, { timeoutMs: ANSWER_TIMEOUT_MS });
  const suite = await loadSuite(await suiteOfChain(transport));
  return success({ label: labelOf(place.value), client: new Client(suite, { transport, groupId }) });
}

/** Amounts and epochs are decimal text: programs must not round them. */
function reportJson(report: AuditReport): string {
  return JSON.stringify(report, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2);
}
