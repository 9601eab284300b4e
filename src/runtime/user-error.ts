/** A problem that the user can solve: printed as one line without a stack. */
export class UserError extends Error {
  /** 1 something failed · 2 usage or configuration · 3 unhealthy or drift. */
  readonly exitCode: 1 | 2 | 3;
  constructor(message: string, options?: ErrorOptions & { exitCode?: 1 | 2 | 3 }) {
    super(message, options);
    this.name = 'UserError';
    this.exitCode = options?.exitCode ?? 1;
  }
}

/** Invalid environment variables or arguments; `problems` lists all of them. */
export class ConfigurationError extends UserError {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n  ${problems.join('\n  ')}`,
      { exitCode: 2 },
    );
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}
