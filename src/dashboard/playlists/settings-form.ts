import { z } from 'zod';
import { AUDIO_PROFILES } from '../../domain/audio.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { MAX_PRIORITY } from '../../domain/download-priority.ts';
import {
  MAX_DURATION_SECONDS,
  playlistSettingsInput,
  type PlaylistSettings,
  type PlaylistSettingsChange,
} from '../../operations/playlist-settings.ts';
import { MAX_PATTERN_LENGTH, MAX_PATTERNS } from '../../producers/title-pattern.ts';
import type { Messages } from '../../text/messages/en.ts';

const MAX_FIELD_LENGTH = 20_000;
const field = z.string().max(MAX_FIELD_LENGTH).catch('');

/** The fields of the form as a person typed them. */
const formSchema = z.object({
  titleInclude: field,
  titleExclude: field,
  minDuration: field,
  maxDuration: field,
  publishedAfter: field,
  publishedBefore: field,
  live: field,
  shorts: field,
  profile: field,
  priority: field,
  language: field,
});
export type SettingsForm = z.output<typeof formSchema>;
export type SettingsField = keyof SettingsForm;

/** What is wrong with a field. */
export interface FieldProblem {
  readonly field: SettingsField;
  readonly reason: string;
}

export type ReadSettings =
  | { readonly ok: true; readonly change: PlaylistSettingsChange }
  | { readonly ok: false; readonly form: SettingsForm; readonly problems: readonly FieldProblem[] };

const CHOICES: ReadonlyMap<string, boolean | null> = new Map([
  ['', null],
  ['keep', true],
  ['skip', false],
]);

/** Reads what was typed; what is empty is as configured. */
export function readSettingsForm(body: unknown, { playlists }: Messages): ReadSettings {
  const form = formSchema.parse(body ?? {});
  const { invalid } = playlists.settings;
  const problems: FieldProblem[] = [];
  const read = <T>(
    name: SettingsField,
    reason: string,
    parse: (text: string) => T | undefined,
  ): T | undefined => {
    const value = parse(form[name].trim());
    if (value === undefined) problems.push({ field: name, reason });
    return value;
  };
  const minutes = (name: SettingsField) =>
    read(name, invalid.minutes(MAX_DURATION_SECONDS / 60), orNull(secondsOfMinutes));
  const date = (name: SettingsField) => read(name, invalid.date, orNull(dayStart));
  const choice = (name: SettingsField) => read(name, invalid.choice, (text) => CHOICES.get(text));
  const patterns = (name: SettingsField) =>
    read(name, invalid.tooManyPatterns(MAX_PATTERNS, MAX_PATTERN_LENGTH), patternLines);
  const values = definedFields({
    titleInclude: patterns('titleInclude'),
    titleExclude: patterns('titleExclude'),
    minDurationSeconds: minutes('minDuration'),
    maxDurationSeconds: minutes('maxDuration'),
    publishedAfter: date('publishedAfter'),
    publishedBefore: date('publishedBefore'),
    live: choice('live'),
    shorts: choice('shorts'),
    profile: read(
      'profile',
      invalid.choice,
      orNull((text) => AUDIO_PROFILES.find((name) => name === text)),
    ),
    priority: read('priority', invalid.priority(MAX_PRIORITY), orNull(wholeNumber)),
    language: read('language', invalid.language, (text) => (text === '' ? null : text)),
  });
  const parsed = playlistSettingsInput.safeParse(values);
  if (!parsed.success) {
    for (const { path } of parsed.error.issues) {
      const name = FIELDS.get(String(path[0]));
      const isKnown = problems.some((problem) => problem.field === name);
      if (name !== undefined && !isKnown) {
        problems.push({ field: name, reason: name === 'language' ? invalid.language : invalid.range });
      }
    }
  }
  if (problems.length > 0 || !parsed.success) return { ok: false, form, problems };
  return { ok: true, change: parsed.data };
}

/** Where the problem of a setting is shown. */
const FIELDS: ReadonlyMap<string, SettingsField> = new Map([
  ['titleInclude', 'titleInclude'],
  ['titleExclude', 'titleExclude'],
  ['minDurationSeconds', 'minDuration'],
  ['maxDurationSeconds', 'maxDuration'],
  ['publishedAfter', 'publishedAfter'],
  ['publishedBefore', 'publishedBefore'],
  ['profile', 'profile'],
  ['priority', 'priority'],
  ['language', 'language'],
]);

/** The form with the settings of a playlist in it. */
export function toSettingsForm(settings: PlaylistSettings): SettingsForm {
  const choice = (value: boolean | null) => (value === null ? '' : value ? 'keep' : 'skip');
  const minutes = (seconds: number | null) =>
    seconds === null ? '' : String(Math.round((seconds / 60) * 10_000) / 10_000);
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? '';
  return {
    titleInclude: settings.titleInclude.join('\n'),
    titleExclude: settings.titleExclude.join('\n'),
    minDuration: minutes(settings.minDurationSeconds),
    maxDuration: minutes(settings.maxDurationSeconds),
    publishedAfter: day(settings.publishedAfter),
    publishedBefore: day(settings.publishedBefore),
    live: choice(settings.live),
    shorts: choice(settings.shorts),
    profile: settings.profile ?? '',
    priority: settings.priority === null ? '' : String(settings.priority),
    language: settings.language ?? '',
  };
}

/** Null for an empty text, which means: as configured. */
function orNull<T>(parse: (text: string) => T | undefined): (text: string) => T | null | undefined {
  return (text) => (text === '' ? null : parse(text));
}

function secondsOfMinutes(text: string): number | undefined {
  // A decimal comma, as people write it in French.
  const seconds = Math.round(Number(text.replace(',', '.')) * 60);
  return /^\d{1,6}(?:[.,]\d{1,6})?$/.test(text) && seconds <= MAX_DURATION_SECONDS ? seconds : undefined;
}

function dayStart(text: string): Date | undefined {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^\d{1,7}$/.test(text) && value >= 1 && value <= MAX_PRIORITY ? value : undefined;
}

function patternLines(text: string): string[] | undefined {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const areAllowed = lines.length <= MAX_PATTERNS && lines.every((line) => line.length <= MAX_PATTERN_LENGTH);
  return areAllowed ? lines : undefined;
}
