import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes the addresses of the servers, for commands in other terminals; readable by its owner only. */
export function writeEnvironmentFile(file: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  const unfinished = `${file}.partial`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

/** Quoted for Node's parseEnv, which has no escapes: the quotes must be ones that the value does not contain. */
function quoted(value: string): string {
  const quote = ["'", '"', '`'].find((candidate) => !value.includes(candidate));
  if (quote === undefined)
    throw new Error('A value that contains all three kinds of quotes cannot be written.');
  return `${quote}${value}${quote}`;
}
