import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/runtime/user-error.ts';

const toolsSchema = z.object({
  redisServer: z.string().optional(),
  minio: z.string().optional(),
  ytDlp: z.string().optional(),
  mongo: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('mongod'), program: z.string() }),
      z.object({ kind: z.literal('stand-in'), java: z.string(), directory: z.string() }),
    ])
    .optional(),
});

/** Paths of the programs that the set-up found or installed. Servers that the environment names have none. */
export type Tools = z.output<typeof toolsSchema>;

/** Written by the set-up (local/setup/); relative to the checkout. */
const TOOLS_FILE = '.sonotheque/tools/tools.json';

/** @throws UserError when the set-up has not run. */
export function readTools(checkout: string): Tools {
  try {
    return toolsSchema.parse(JSON.parse(readFileSync(path.join(checkout, TOOLS_FILE), 'utf8')));
  } catch (error) {
    throw new UserError('The set-up has not run here yet. Run: npm run demo', { cause: error, exitCode: 2 });
  }
}
