import { z } from 'zod';

/** What the guard tells of the processes it owns. */
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

/** What the guard is asked to do. */
export type GuardOrder =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly logFile?: string;
      readonly graceMs: number;
    }
  | { readonly type: 'stop'; readonly id: number };
