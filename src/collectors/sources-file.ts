import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CollectConfig } from '../config/config.ts';
import { ConfigurationError, UserError } from '../runtime/user-error.ts';
import type { CollectorKind } from './collector.ts';
import { completeSource, type SourceOptions } from './complete-source.ts';
import type { ConfiguredSource } from './configured-source.ts';
import { KINDS } from './kinds.ts';
import { guess, settingsProblems } from './settings-problems.ts';
import { entrySchema } from './sources-schema.ts';
import { readYaml, type YamlPath } from './yaml-text.ts';

const fileSchema = z.strictObject({ sources: z.array(z.looseObject({ kind: z.string(), id: z.unknown() })) });

/**
 * Reads the sources file.
 * @throws UserError when it cannot be read; ConfigurationError with all problems in it.
 */
export async function loadSources(
  { sourcesFile, ...options }: Pick<CollectConfig, 'sourcesFile'> & SourceOptions,
  kinds: readonly CollectorKind[] = KINDS,
): Promise<readonly ConfiguredSource[]> {
  const text = await readFile(sourcesFile, 'utf8').catch((error: unknown) => {
    const isMissing = (error as { code?: unknown }).code === 'ENOENT';
    const problem = isMissing ? 'There is no sources file' : 'The sources file cannot be read:';
    throw new UserError(
      `${problem} ${sourcesFile}. It lists the sources to collect: create it, or set SOURCES_FILE to its path.`,
      { exitCode: 2, cause: error },
    );
  });
  return parseSources(text, { name: path.basename(sourcesFile), kinds, ...options });
}

/**
 * Parses the text of a sources file.
 * @throws ConfigurationError with all problems, each with its line.
 */
export function parseSources(
  text: string,
  options: SourceOptions & { readonly name: string; readonly kinds: readonly CollectorKind[] },
): readonly ConfiguredSource[] {
  const { name, kinds } = options;
  const yaml = readYaml(text);
  const problems = yaml.problems.map((problem) => `${name} ${problem}`);
  const addProblem = (at: YamlPath, message: string) => {
    problems.push(`${name} line ${String(yaml.lineOf(at))}: ${pathPrefix(at)}${message}`);
  };
  const addIssues = (
    issues: readonly z.core.$ZodIssue[],
    parent: YamlPath,
    value: unknown,
    schema: z.ZodType,
  ) => {
    const writtenAt = (at: YamlPath) => yaml.writtenAt([...parent, ...at]);
    for (const { at, message } of settingsProblems(issues, { value, schema, writtenAt })) {
      addProblem([...parent, ...at], message);
    }
  };
  const sources: ConfiguredSource[] = [];
  const file = problems.length > 0 ? undefined : fileSchema.safeParse(yaml.value);
  if (file?.success === false) addIssues(file.error.issues, [], yaml.value, fileSchema);
  const lines = new Map<string, number>();
  for (const [index, raw] of (file?.data?.sources ?? []).entries()) {
    const at = ['sources', index];
    const kind = kinds.find((each) => each.kind === raw.kind);
    if (kind === undefined) {
      const known = kinds.map((each) => each.kind);
      const near = guess(raw.kind, known) ?? `known kinds: ${known.join(', ')}`;
      addProblem([...at, 'kind'], `is not a kind of source; ${near}`);
      continue;
    }
    const schema = entrySchema(kind);
    const entry = schema.safeParse(raw);
    if (!entry.success) {
      addIssues(entry.error.issues, at, raw, schema);
      continue;
    }
    const firstLine = lines.get(entry.data.id);
    if (firstLine !== undefined) {
      addProblem([...at, 'id'], `is already the id of the source in line ${String(firstLine)}`);
    }
    lines.set(entry.data.id, yaml.lineOf([...at, 'id']));
    const source = completeSource(entry.data, raw['settings'], kind, options);
    if (source.freshness.errorAfterMs < source.freshness.warnAfterMs) {
      addProblem([...at, 'freshness'], 'errorAfterHours may not be less than warnAfterHours');
    }
    sources.push(source);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return sources;
}

/** `sources[1].settings.feeds[0].url: ` */
function pathPrefix(at: YamlPath): string {
  const text = at
    .map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}
