/** The options of the command. */
export interface ImportCommandOptions {
  readonly archive?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}
