import { writeFileSync } from 'node:fs';
import { KINDS } from '../../src/collectors/kinds.ts';
import { sourcesJsonSchemaText } from '../../src/collectors/sources-schema.ts';

writeFileSync(new URL('../../sources.schema.json', import.meta.url), sourcesJsonSchemaText(KINDS));
