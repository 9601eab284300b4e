import { z } from 'zod';

/** Messages from the guard about its processes. */
export const guardReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), id: z.number(), pid: z.number() }),
  z.object({ type: z.literal('failed'), id: z.number(), message: z.string() }),
  z.object({
    type: z.literal('ended'),
    id: z.number(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),
]);

/** Messages to the guard. */
export type GuardRequest =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      /** Undefined values are omitted from the message. */
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly logFile: string | undefined;
      readonly graceMs: number;
    }
  | { readonly type: 'stop'; readonly id: number };
