/** Runs the named benchmarks with the options, or all of them without: bench.mjs [NAME …] [--OPTION …] */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';
import { spawnEnding } from './spawn-ending.mjs';

const directory = path.join(ROOT, 'bench');
const available = readdirSync(directory)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));
const options = process.argv.slice(2).filter((word) => word.startsWith('--'));
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = names.filter((name) => !available.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark "${unknown.join('", "')}". There are: ${available.join(', ')}\n`,
  );
  process.exit(2);
}
for (const name of names.length > 0 ? names : available) {
  const args = [path.join(directory, `${name}.ts`), ...(names.length > 0 ? options : [])];
  const child = spawnEnding(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) process.exitCode = 1;
}
