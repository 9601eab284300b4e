/** `npm run generate`: writes the files that are made from the sources; with --check it only compares them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { KINDS } from '../../src/collectors/kinds.ts';
import { refuseSwallowedOptions } from '../../src/cli/command/npm-options.ts';
import { sourcesJsonSchemaText } from '../../src/collectors/sources-schema.ts';
import { faultsPage } from '../../test/faults/catalogue/page.ts';
import { configurationPage, environmentExample } from './setting-pages.ts';

const FILES = {
  '.env.example': environmentExample(),
  'docs/configuration.md': await format(configurationPage(), { parser: 'markdown', printWidth: 110 }),
  'docs/dev/faults.md': faultsPage(),
  'sources.schema.json': sourcesJsonSchemaText(KINDS),
};

refuseSwallowedOptions('generate', [{ long: '--check' }]);
const isCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(FILES)) {
  const file = new URL(`../../${name}`, import.meta.url);
  if (!isCheck) writeFileSync(file, text);
  else if (readIfThere(file) !== text) {
    process.stderr.write(`${name} is out of date. Run: npm run generate\n`);
    process.exitCode = 1;
  }
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
