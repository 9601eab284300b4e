import { z } from 'zod';
import {
  DIRECTIONS,
  VIDEO_SORTS,
  type SortValue,
  type VideoOrder,
  type VideoPosition,
  type VideoSort,
} from '../database/video-order.ts';

/** Titles of YouTube have 100 characters, those of feeds up to 1,000: an address must not become that long. */
const MAX_TITLE_LENGTH = 400;
/** A title of three-byte characters in base64. */
export const MAX_CURSOR_LENGTH = 2_000;
const MAX_ID_LENGTH = 100;

const moment = z
  .int()
  .min(-8_640_000_000_000_000)
  .max(8_640_000_000_000_000)
  .transform((time) => new Date(time));

const VALUES: Readonly<Record<VideoSort, z.ZodType<SortValue>>> = {
  changed: moment,
  published: moment.nullable(),
  title: z.string().max(MAX_TITLE_LENGTH).nullable(),
  duration: z.number().nullable(),
  size: z.number().nullable(),
};

const order = [z.enum(VIDEO_SORTS), z.enum(DIRECTIONS)] as const;
const id = z.string().min(1).max(MAX_ID_LENGTH);
/** Without a value it is that of the video, which is looked up. */
const cursorParts = z.union([z.tuple([...order, id]), z.tuple([...order, id, z.unknown()])]);

/** What a cursor says; the value is undefined where it was too long for it. */
export interface CursorPlace {
  readonly id: string;
  readonly value: SortValue | undefined;
}

/** A place in a list that is sorted in one order, as a text for an address. It says nothing that the list does not show. */
export function writeCursor({ sort, direction }: VideoOrder, { value, id }: VideoPosition): string {
  const written = value instanceof Date ? value.getTime() : value;
  const isLong = typeof written === 'string' && written.length > MAX_TITLE_LENGTH;
  const parts = isLong ? [sort, direction, id] : [sort, direction, id, written];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @returns undefined for anything that `writeCursor` did not make for this order. */
export function readCursor({ sort, direction }: VideoOrder, cursor: string): CursorPlace | undefined {
  if (cursor.length > MAX_CURSOR_LENGTH || !/^[\w-]+$/.test(cursor)) return undefined;
  const parts = cursorParts.safeParse(parsed(Buffer.from(cursor, 'base64url').toString('utf8'))).data;
  if (parts?.[0] !== sort || parts[1] !== direction) return undefined;
  if (parts.length === 3) return { id: parts[2], value: undefined };
  const value = VALUES[sort].safeParse(parts[3]);
  return value.success ? { id: parts[2], value: value.data } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
