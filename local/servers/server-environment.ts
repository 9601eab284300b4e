/** What a program needs to run at all. Everything else, above all the secrets of the other servers, is not passed on. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'LD_LIBRARY_PATH'];

/**
 * The environment of a local server.
 * @param own the variables that only this server needs
 */
export function serverEnvironment(
  own: Readonly<Record<string, string>> = {},
  inherited: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const environment = new Map<string, string>();
  for (const name of PASSED_ON) {
    const value = inherited[name];
    if (value !== undefined) environment.set(name, value);
  }
  return { ...Object.fromEntries(environment), ...own };
}
