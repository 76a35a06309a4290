/** Languages in which the command speaks to people. Files and logs stay English, so that everybody can search them. */
export type Language = 'en' | 'zh';

export type Localized = Readonly<Record<Language, string>>;

/** `--lang zh` decides, then the locale of the environment. @param args the command line without program and script */
export function chooseLanguage(args: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): Language {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = at < 0 ? undefined : (args[at]!.split('=')[1] ?? args[at + 1]);
  // The order of POSIX: LC_ALL overrules LC_MESSAGES, which overrules LANG.
  const locale = asked ?? [environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']].find(Boolean);
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}
