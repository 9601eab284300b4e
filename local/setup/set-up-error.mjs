/** A reason why the set-up cannot go on, told in one line. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {{ exitCode?: 1 | 2, cause?: unknown }} [options]
   */
  constructor(message, options = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SetUpError';
    /** 1 something failed · 2 the user has to do something first. */
    this.exitCode = options.exitCode ?? 1;
  }
}
