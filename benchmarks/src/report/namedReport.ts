/** A report and what the page calls it: the name of its file. */
export interface NamedReport<T> {
  readonly name: string;
  readonly report: T;
}
