/** The set-up cannot continue; the message is printed without a stack. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {{ exitCode?: 1 | 2, cause?: unknown }} [options]
   */
  constructor(message, options = {}) {
    super(message, { cause: options.cause });
    this.name = 'SetUpError';
    /** 1: something failed. 2: the user has to do something first. */
    this.exitCode = options.exitCode ?? 1;
  }
}
