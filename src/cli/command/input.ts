import type { z } from 'zod';
import { usageError } from './run-command.ts';

/** Parses arguments. @throws UserError (exit code 2) with the first problem. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw usageError(parsed.error.issues[0]?.message ?? 'Invalid arguments.');
}
