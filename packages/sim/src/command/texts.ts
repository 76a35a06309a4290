/** What the command says to people, in both languages. */
export const HELP = {
  en: `npm run sim -- [options]

Runs whole clusters in simulated time, each seed another kind of bad day, and checks what must never happen.

  --engine NAME     pbft, rpbft, raft, sync or whole (pbft)
  --seeds N         how many seeds to run (1000)
  --from S          the first of them (1)
  --replicas N      replicas, instead of what each seed draws
  --processes N     processes to share the seeds (one for each core)
  --json FILE       write the report as JSON, too

  --seed S          one seed; with --story, line by line: time, replica, view, height, phase, event
                    (* hostile, + after healing)
  --lines N         the last N lines of the story only
  --without A,B     leave out classes of faults: CLASSES
  --chaos MS        how long faults last
  --shrink          makes a failing seed smaller first

  --mutants         searches for each deliberate bug, prints the median of seeds that it took
  --lang en|zh      language of this text

A violation ends the report with the command that replays it.

Examples:
  npm run sim -- --engine pbft --seeds 100000
  npm run sim -- --engine raft --seeds 5000 --replicas 5 --json report.json
  npm run sim -- --engine pbft --seed 1234 --story --lines 200
  npm run sim -- --mutants
`,
  zh: `npm run sim -- [选项]

在模拟时间里运行整个集群，每个种子是一种不同的坏天气，并检查绝不允许发生的事。

  --engine NAME     pbft、rpbft、raft、sync 或 whole（默认 pbft）
  --seeds N         运行多少个种子（1000）
  --from S          第一个种子（1）
  --replicas N      副本数，代替种子自己抽取的数目
  --processes N     分担种子的进程数（每核一个）
  --json FILE       同时把报告写成 JSON

  --seed S          单个种子；加 --story 逐行打印：时间、副本、视图、高度、阶段、事件
                    （* 表示恶意副本，+ 表示故障已恢复）
  --lines N         只打印故事的最后 N 行
  --without A,B     去掉几类故障：CLASSES
  --chaos MS        故障持续多久
  --shrink          先把失败的种子缩小

  --mutants         逐个寻找故意放入的错误，打印找到它所需种子数的中位数
  --lang en|zh      本说明的语言

发现违例时，报告末尾给出重放它的命令。

示例：
  npm run sim -- --engine pbft --seeds 100000
  npm run sim -- --engine raft --seeds 5000 --replicas 5 --json report.json
  npm run sim -- --engine pbft --seed 1234 --story --lines 200
  npm run sim -- --mutants
`,
} as const;

export type Language = keyof typeof HELP;

/** `--lang zh` decides, then the locale of the environment. */
export function languageOf(asked: string | undefined, environment: Readonly<NodeJS.ProcessEnv>): Language {
  const locale = asked ?? [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(Boolean);
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}
