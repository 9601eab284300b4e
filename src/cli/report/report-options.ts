export const FORMATS = ['html', 'json', 'md'] as const;
export type Format = (typeof FORMATS)[number];

export interface ReportOptions {
  readonly format: Format;
  /** The length of the period up to now. */
  readonly days: number;
  /** A file; standard output when it is left out. */
  readonly output?: string;
}
