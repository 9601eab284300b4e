import { z } from 'zod';
import type { ArchivedVideo } from '../database/video-search.ts';
import { plainText } from '../text/plain-text.ts';
import { withoutEnd } from '../text/without-end.ts';

/** The fields of a template, such as `{title}`, and their values. */
const FIELDS = {
  title: ({ title }: ArchivedVideo) => title ?? 'Untitled',
  id: ({ video_id: videoId }: ArchivedVideo) => videoId,
  author: ({ author }: ArchivedVideo) => author ?? 'Unknown',
  date: (video: ArchivedVideo) => video.published_at?.toISOString().slice(0, 10) ?? 'undated',
} as const;
const FIELD = /\{([^{}]*)\}/g;

export { DEFAULT_NAMES } from './default-names.ts';
/** Common file systems take 255 bytes; some bytes are left for a number or an id behind the name. */
const MAX_NAME_BYTES = 160;
/** Windows does not open files of these names, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** A template for names of files, without their extension; `/` makes directories. */
export const namesInput = z.string().superRefine((template, context) => {
  const names = [...template.matchAll(FIELD)].map(([, name = '']) => name);
  const unknown = names.find((name) => !Object.hasOwn(FIELDS, name));
  const known = Object.keys(FIELDS)
    .map((name) => `{${name}}`)
    .join(', ');
  if (unknown !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `Unknown field {${unknown}} in --names. There are: ${known}.`,
    });
  } else if (!names.includes('title') && !names.includes('id')) {
    context.addIssue({ code: 'custom', message: '--names must contain {title} or {id}.' });
  }
});

/**
 * The path of an exported file below the directory, without its extension; `/` separates directories. Safe on Linux, macOS
 * and Windows: nothing of a title leads elsewhere, hides the file or looks like an option.
 */
export function exportName(video: ArchivedVideo, template: string): string {
  return template
    .split('/')
    .map((segment) => safeName(segment, video))
    .join('/');
}

function safeName(segment: string, video: ArchivedVideo): string {
  // Long fields are cut so far that the whole fits, and the id, which is short, stays whole.
  for (let maxLength = MAX_NAME_BYTES; ; maxLength = Math.floor(maxLength * 0.8)) {
    const name = safeText(
      segment.replaceAll(FIELD, (_field, field: string) => {
        const value = Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof typeof FIELDS](video) : '';
        if (field === 'id') return value;
        // A title may consist of marks that are removed.
        const shown = cleaned(plainText(value, maxLength));
        return shown === '' ? '_' : shown;
      }),
    );
    if (Buffer.byteLength(name) <= MAX_NAME_BYTES || maxLength <= 1) return name;
  }
}

/** One segment of a path that every common file system takes. */
export function safeText(text: string): string {
  // Windows drops dots and spaces at the end.
  const name = withoutEnd(cleaned(text), '. ');
  if (name === '') return '_';
  // A hidden file, an option, a home directory, or a comment in a list.
  return /^[.\-~#]/.test(name) || RESERVED.test(name) ? `_${name}` : name;
}

function cleaned(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Co}]+/gu, ' ')
    .replaceAll(/["<>|:*?/\\]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Names that many file systems take for the same: they ignore letter case, and how accents are written. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
