import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes where the servers are, for commands in other terminals; readable by its owner only. */
export function writeEnvironmentFile(file: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`);
  const unfinished = `${file}.partial`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

/** In the form that Node's parseEnv reads; it knows no escapes, so a quote decides which quotes go around. */
function quoted(value: string): string {
  const quote = ["'", '"', '`'].find((candidate) => !value.includes(candidate));
  if (quote === undefined) throw new Error('A value with all three kinds of quotes cannot be written.');
  return `${quote}${value}${quote}`;
}
