import { createHash } from 'node:crypto';
import { z } from 'zod';

const columnName = z.string().min(1);

const datasetSchema = z.strictObject({
  ref: z
    .string()
    .regex(/^[A-Za-z0-9][\w-]*\/[A-Za-z0-9][\w-]*$/, 'is not a reference such as owner/dataset-name')
    .describe('The dataset as its address names it: owner/dataset-name.'),
  files: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'The files of the dataset that are read, by name or path (no wildcards); every .csv and .tsv file when left out.',
    ),
  keyColumns: z
    .array(columnName)
    .min(1)
    .optional()
    .describe(
      'Columns that name a row: other content under the same values is an update. Without them a changed row is a new one.',
    ),
  titleColumn: columnName.optional().describe('The column that becomes the title of the document.'),
  textColumn: columnName.optional().describe('The column that becomes the text of the document.'),
  dateColumn: columnName
    .optional()
    .describe('The column with the date of publication: ISO 8601, or seconds or milliseconds since 1970.'),
  encoding: z
    .enum(['auto', 'utf-8', 'latin-1'])
    .default('auto')
    .describe('How the files are encoded; auto looks at their first bytes beyond ASCII.'),
  delimiter: z
    .union([z.literal('auto'), z.string().length(1)])
    .default('auto')
    .describe('What stands between two values; auto looks at the first lines.'),
});

/** The settings of the kind `kaggle` in sources.yaml. */
export const settingsSchema = z.strictObject({
  datasets: z
    .array(datasetSchema)
    .min(1)
    .refine(
      (datasets) => new Set(datasets.map(({ ref }) => ref)).size === datasets.length,
      'names a dataset twice',
    )
    .describe('The datasets to collect.'),
  maxRows: z
    .int()
    .positive()
    .default(1_000_000)
    .describe('The most rows that are read of one version of a dataset.'),
  maxBytes: z
    .int()
    .positive()
    .default(1024 ** 3)
    .describe(
      'The largest download, in bytes. It is kept in the directory for temporary files while it is read.',
    ),
  maxUnpackedBytes: z
    .int()
    .positive()
    .default(20 * 1024 ** 3)
    .describe('The most bytes that are unpacked of one download.'),
});

export type KaggleSettings = z.infer<typeof settingsSchema>;
export type DatasetSettings = z.infer<typeof datasetSchema>;

/** How far the datasets have been read. */
export const stateSchema = z.object({
  datasets: z.record(
    z.string(),
    z.object({
      version: z.int(),
      /** The settings it was read with; with others, the same version is read again. */
      settings: z.string(),
    }),
  ),
});

export type KaggleState = z.infer<typeof stateSchema>;

/** Names the settings that decide which rows a version yields. */
export function settingsDigest(dataset: DatasetSettings, { maxRows }: KaggleSettings): string {
  const { files, keyColumns, titleColumn, textColumn, dateColumn, encoding, delimiter } = dataset;
  return createHash('sha256')
    .update(
      JSON.stringify([files, keyColumns, titleColumn, textColumn, dateColumn, encoding, delimiter, maxRows]),
    )
    .digest('hex')
    .slice(0, 16);
}
