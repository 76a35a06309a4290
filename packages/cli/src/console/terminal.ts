/** What the console asks of the place where it runs. */
export interface Terminal {
  /** Shows on one line what is waited for, or nothing any more. */
  progress(text: string | undefined): void;
  /** Shows a line now, before the command has its answer: what others sent. */
  say(text: string): void;
  /** Asks for a password, which is not shown. @returns undefined when nobody can be asked */
  askSecret(question: string): Promise<string | undefined>;
  /** Aborted when the person does not want to wait any longer. */
  readonly interrupt: AbortSignal;
}
