import { closestMatch } from 'leven';
import { z } from 'zod';
import type { YamlPath } from './yaml-text.ts';

/** Something wrong in a file of settings. */
export interface SettingsProblem {
  readonly at: YamlPath;
  /** Continues the path: `is not a known setting`. */
  readonly message: string;
}

interface SettingsFile {
  /** What was parsed. */
  readonly value: unknown;
  readonly schema: z.ZodType;
  /** A plain value as it is written in the file, without quotation marks. */
  readonly writtenAt: (path: YamlPath) => string | undefined;
}

type Json = z.core.JSONSchema.JSONSchema;

/** Words the problems that a schema found for the people who wrote the file, with what they probably meant. */
export function settingsProblems(issues: readonly z.core.$ZodIssue[], file: SettingsFile): SettingsProblem[] {
  let json: Json | undefined;
  const namesAt = (path: YamlPath): readonly string[] => {
    json ??= z.toJSONSchema(file.schema, { io: 'input', unrepresentable: 'any' });
    return [...new Set(alternativesAt(json, path, file.value).flatMap(namesOf))];
  };
  const wordIssue = (issue: z.core.$ZodIssue, parent: YamlPath): SettingsProblem[] => {
    const at = [...parent, ...issue.path];
    const value = valueAt(file.value, at);
    if (issue.code === 'unrecognized_keys') {
      const known = namesAt(at);
      return issue.keys.map((key) => {
        const meant = guess(key, known) ?? `known are ${known.join(', ')}`;
        return { at: [...at, key], message: `is not a known setting; ${meant}` };
      });
    }
    if (issue.code === 'invalid_union') {
      const [only, ...others] = issue.errors.filter((branch) => !branch.some(isOfAnotherType));
      if (only !== undefined && others.length === 0) return only.flatMap((each) => wordIssue(each, at));
      const types = issue.errors.flat().flatMap((each) => (isOfAnotherType(each) ? [typeName(each)] : []));
      if (types.length > 0) return [{ at, message: `must be ${[...new Set(types)].join(' or ')}` }];
    }
    if (issue.code === 'invalid_type') {
      const names = issue.expected === 'object' && value !== undefined ? namesAt(at) : [];
      const message = typeProblem(issue, file.writtenAt(at), value);
      return [{ at, message: names.length === 0 ? message : `${message}: ${names.join(', ')}` }];
    }
    const meant = issue.code === 'invalid_value' ? guess(String(value), issue.values.map(String)) : undefined;
    return [{ at, message: meant === undefined ? issue.message : `${issue.message}; ${meant}` }];
  };
  return issues.flatMap((issue) => wordIssue(issue, []));
}

/** `did you mean NAME?` when one of the names is written similarly. */
export function guess(written: string, names: readonly string[]): string | undefined {
  const maxDistance = Math.max(written.length > 3 ? 2 : 1, Math.floor(written.length / 3));
  const lower = names.map((name) => name.toLowerCase());
  const near = written.length > 100 ? undefined : closestMatch(written.toLowerCase(), lower, { maxDistance });
  return near === undefined ? undefined : `did you mean ${names[lower.indexOf(near)] ?? near}?`;
}

/** The whole value has another type than this branch of a union wants: another branch was meant. */
function isOfAnotherType(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueInvalidType {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

const TYPE_NAMES = new Map<string, string>([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a group of settings'],
  ['record', 'a group of settings'],
]);

function typeName({ expected }: z.core.$ZodIssueInvalidType): string {
  return TYPE_NAMES.get(expected) ?? expected;
}

function typeProblem(
  issue: z.core.$ZodIssueInvalidType,
  written: string | undefined,
  value: unknown,
): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'has no value';
  const message = `must be ${typeName(issue)}`;
  if (issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return `${message}: quote it, "${written ?? String(value)}"`;
  }
  if (issue.expected === 'array') return `${message}: begin each entry with "- ", or write [ ] around it`;
  const isQuoted = typeof value === 'string' && ['number', 'int', 'boolean'].includes(issue.expected);
  return isQuoted ? `${message}, without quotation marks` : message;
}

function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (parent, name) =>
      typeof parent === 'object' && parent !== null
        ? (parent as Record<PropertyKey, unknown>)[name]
        : undefined,
    value,
  );
}

/** The schemas that may apply at a path: of several alternatives, those that do not exclude the value. */
function alternativesAt(schema: Json, path: YamlPath, value: unknown): readonly Json[] {
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (alternatives.length > 0) {
    return alternatives
      .map(toSchema)
      .filter((each) => !isExcluded(each, value))
      .flatMap((each) => alternativesAt(each, path, value));
  }
  const [name, ...rest] = path;
  if (name === undefined) return [schema];
  const child = typeof name === 'number' ? schema.items : schema.properties?.[String(name)];
  if (child === undefined || Array.isArray(child)) return [];
  return alternativesAt(toSchema(child), rest, valueAt(value, [name]));
}

function isExcluded({ properties = {} }: Json, value: unknown): boolean {
  return Object.entries(properties).some(([name, property]) => {
    const { const: only } = toSchema(property);
    const given = valueAt(value, [name]);
    return only !== undefined && given !== undefined && only !== given;
  });
}

function toSchema(schema: z.core.JSONSchema._JSONSchema): Json {
  return typeof schema === 'boolean' ? {} : schema;
}

function namesOf({ properties = {} }: Json): string[] {
  return Object.keys(properties);
}
