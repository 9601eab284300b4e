import { hash } from 'node:crypto';
import { z } from 'zod';
import { dateOrderSetting } from '../../publication-date.ts';
import { areDistinct } from '../../sources-schema.ts';

const columnName = z.string().min(1);

const datasetReference = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]*\/[A-Za-z0-9][\w-]*$/, 'is not a reference such as owner/dataset-name');

const datasetSchema = z.strictObject({
  ref: datasetReference.describe('The dataset as in its URL: owner/dataset-name.'),
  files: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('The files to read, by name or path (no wildcards). Default: every .csv and .tsv file.'),
  keyColumns: z
    .array(columnName)
    .min(1)
    .optional()
    .describe(
      'Columns that identify a row: a row with the same values in them and different content is an update. Without them a changed row is a new document.',
    ),
  titleColumn: columnName.optional().describe('The column that becomes the title of the document.'),
  textColumn: columnName.optional().describe('The column that becomes the text of the document.'),
  dateColumn: columnName.optional().describe('The column with the date of publication.'),
  dateOrder: dateOrderSetting,
  encoding: z
    .enum(['auto', 'utf-8', 'latin-1'])
    .default('auto')
    .describe('The encoding of the files; auto detects it from the first bytes that are not ASCII.'),
  delimiter: z
    .union([z.literal('auto'), z.string().length(1)])
    .default('auto')
    .describe('The character between two values; auto detects it from the first lines.'),
});

export const settingsSchema = z.strictObject({
  datasets: z
    .array(z.union([datasetReference.transform((ref) => datasetSchema.parse({ ref })), datasetSchema]))
    .min(1)
    .refine((datasets) => areDistinct(datasets.map(({ ref }) => ref)), 'contains a dataset twice')
    .describe('The datasets to collect, each as owner/dataset-name or with settings.'),
  dateOrder: dateOrderSetting,
  maxRows: z
    .int()
    .positive()
    .default(1_000_000)
    .describe('The most rows to read from one version of a dataset.'),
  maxBytes: z
    .int()
    .positive()
    .default(1024 ** 3)
    .describe(
      'The largest download, in bytes. It is stored in the directory for temporary files while it is read.',
    ),
  maxUnpackedBytes: z
    .int()
    .positive()
    .default(20 * 1024 ** 3)
    .describe('The most bytes to unpack from one download.'),
});

export type KaggleSettings = z.infer<typeof settingsSchema>;
export type DatasetSettings = z.infer<typeof datasetSchema>;

/** The version of each dataset that was read last. */
export const stateSchema = z.object({
  datasets: z.record(
    z.string(),
    z.object({
      version: z.int(),
      /** The digest of the settings; when they change, the same version is read again. */
      settings: z.string(),
      /** A column or file of the settings that this version does not have. */
      problem: z.string().exactOptional(),
    }),
  ),
});

export type KaggleState = z.infer<typeof stateSchema>;

/** A digest of the settings that determine the rows of a version. */
export function settingsDigest(dataset: DatasetSettings, settings: KaggleSettings): string {
  const { files, keyColumns, titleColumn, textColumn, dateColumn, encoding, delimiter } = dataset;
  const { maxRows } = settings;
  const dateOrder = dataset.dateOrder ?? settings.dateOrder;
  const parts = [files, keyColumns, titleColumn, textColumn, dateColumn, encoding, delimiter, maxRows];
  // Left out where it is not set, so that datasets of earlier versions of the program are not read again.
  if (dateOrder !== undefined) parts.push(dateOrder);
  return hash('sha256', JSON.stringify(parts)).slice(0, 16);
}
