/** One item of a feed, read. Texts are plain and not longer than `MAX_TEXT_CHARACTERS`. */
export interface FeedItem {
  readonly guid: string | undefined;
  /** Absolute; undefined when there is no valid web URL. */
  readonly link: string | undefined;
  readonly title: string | undefined;
  readonly summary: string | undefined;
  /** The body: the text of an item without summary; it also identifies an item without guid and link. */
  readonly content: string | undefined;
  /** Its dates as they are written, the best first; longer texts are cut. */
  readonly dateTexts: readonly string[];
  readonly author: string | undefined;
  /** The first audio enclosure; further ones are other encodings of the same audio. Pictures are enclosures as well. */
  readonly audioUrl: string | undefined;
  readonly durationSeconds: number | undefined;
}

/** An item that is not read, and why: one reason for each kind of mistake. */
export interface RejectedFeedItem {
  readonly reason: 'too_deep' | 'too_large' | 'cut_off' | 'unreadable';
  /** Which one it is. */
  readonly detail: string;
}

/** A feed, read. Everything in it can be passed between threads. */
export interface ParsedFeed {
  readonly title: string | undefined;
  /** BCP 47. */
  readonly language: string | undefined;
  /** The `<ttl>` of RSS 2.0. */
  readonly ttlMinutes: number | undefined;
  readonly items: readonly FeedItem[];
  readonly rejected: readonly RejectedFeedItem[];
  /** The number of items beyond `maxItems`. */
  readonly leftOut: number;
  /** Invalid byte sequences; each is U+FFFD in some text. */
  readonly invalidSequences: number;
  /** Items whose end or one of whose sections was not closed; they were read as far as possible. */
  readonly unclosed: number;
  /** The end tag of the feed is missing: it was cut off, and items may be missing. */
  readonly isCutOff: boolean;
}

/** More dates, and longer ones, are not looked at. */
const MAX_DATES = 4;
const MAX_DATE_CHARACTERS = 200;

export function boundedDates(texts: readonly (string | undefined)[]): string[] {
  return texts
    .filter((text) => text !== undefined)
    .slice(0, MAX_DATES)
    .map((text) => text.slice(0, MAX_DATE_CHARACTERS));
}

const MAX_ADDRESS_CHARACTERS = 4_000;
const MAX_NAME_CHARACTERS = 300;
const AUDIO_EXTENSION = /\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|flac|wav)$/i;

/** An address or id; longer ones are none. */
export function boundedId(text: string | undefined): string | undefined {
  const trimmed = text?.slice(0, MAX_ADDRESS_CHARACTERS + 1).trim() ?? '';
  return trimmed === '' || trimmed.length > MAX_ADDRESS_CHARACTERS ? undefined : trimmed;
}

/** The name in `mail@site.example (Name)`, as RSS 2.0 requires it, or in `Name <mail@site.example>`. */
export function nameOf(text: string | undefined): string | undefined {
  const line = text?.trim().slice(0, MAX_NAME_CHARACTERS) ?? '';
  const opening = line.endsWith(')') ? line.indexOf('(') : line.endsWith('>') ? line.indexOf('<') : -1;
  const address = line.startsWith('(') || opening === -1 ? line : line.slice(0, opening).trim();
  const isInBrackets = opening > 0 && line.endsWith(')') && isMailAddress(address);
  const name = isInBrackets
    ? line.slice(opening + 1, -1).trim()
    : line.endsWith('>') && opening > 0
      ? address
      : line;
  return name === '' || isMailAddress(name) ? undefined : name;
}

function isMailAddress(text: string): boolean {
  return text.includes('@') && !/\s/.test(text);
}

/** Whether an enclosure is audio: by its type, or by its name where the server had no type to give. */
export function isAudio(type: string | undefined, url: URL): boolean {
  const given = type?.trim().toLowerCase() ?? '';
  if (given.startsWith('audio/') || given === 'audio') return true;
  return (
    /^(?:|application\/octet-stream|binary\/octet-stream)$/.test(given) && AUDIO_EXTENSION.test(url.pathname)
  );
}

/** A language of BCP 47; some feeds contain the name of the language instead. */
export function languageOf(text: string | undefined): string | undefined {
  try {
    return Intl.getCanonicalLocales((text ?? '').trim().slice(0, 100).replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
