import { z } from 'zod';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { renderTable } from '../../text/tables.ts';

/** A schema of the document, as far as its documentation shows it. */
export interface ShownSchema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly items?: ShownSchema | undefined;
  readonly anyOf?: readonly ShownSchema[] | undefined;
  readonly properties?: Readonly<Record<string, ShownSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
}

export const shownSchema: z.ZodType<ShownSchema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    description: z.string().optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    items: shownSchema.optional(),
    anyOf: z.array(shownSchema).optional(),
    properties: z.record(z.string(), shownSchema).optional(),
    required: z.array(z.string()).optional(),
  }),
);

const HEADINGS = ['field', 'type', 'meaning'] as const;

/** The fields of an object; of anything else its type. @param label of the table */
export function renderSchema(schema: ShownSchema, label: string): Html {
  const fields = fieldsOf(schema, '');
  if (fields.length === 0) return html`<p>${typeOf(schema)}</p>`;
  return renderTable(
    label,
    HEADINGS,
    fields.map(
      ({ name, schema: field, isRequired }) =>
        html`<tr>
          <td><code>${name}</code>${isRequired ? undefined : html` <small>optional</small>`}</td>
          <td>${typeOf(field)}</td>
          <td class="text">${describe(field)}</td>
        </tr>`,
    ),
  );
}

interface Field {
  readonly name: string;
  readonly schema: ShownSchema;
  readonly isRequired: boolean;
}

/** The fields of an object with those of the objects within it, whose names have a dot: `audio.key`, `items[].id`. */
function fieldsOf({ properties = {}, required = [] }: ShownSchema, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${prefix}${key}`;
    return [{ name, schema, isRequired: required.includes(key) }, ...fieldsWithin(schema, name)];
  });
}

function fieldsWithin(schema: ShownSchema, name: string): Field[] {
  const parts = [schema, ...(schema.anyOf ?? [])];
  return parts.flatMap((part) => [
    ...fieldsOf(part, `${name}.`),
    ...(part.items === undefined ? [] : fieldsOf(part.items, `${name}[].`)),
  ]);
}

/** The type of a value in words: `list of Video`, `string or null`. */
export function typeOf(schema: ShownSchema): Html {
  const { $ref, anyOf, enum: values, items, type, format, const: only } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (anyOf !== undefined)
    return html`${anyOf.map((one, index) => html`${index > 0 ? ' or ' : ''}${typeOf(one)}`)}`;
  if (only !== undefined) return html`<code>${written(only)}</code>`;
  if (values !== undefined)
    return html`${values.map((value, index) => html`${index > 0 ? ', ' : ''}<code>${written(value)}</code>`)}`;
  if (items !== undefined) return html`list of ${typeOf(items)}`;
  const types = type === undefined ? [] : [type].flat();
  return html`${types.length === 0 ? 'anything' : types.join(' or ')}${format === undefined ? '' : ` (${format})`}`;
}

function describe({ description, default: usual }: ShownSchema): Html {
  return html`${description === undefined ? undefined : markedCommands(description)}
  ${usual === undefined ? undefined : html`Without it: <code>${written(usual)}</code>.`}`;
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
