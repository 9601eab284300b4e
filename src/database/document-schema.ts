import { Schema, type IndexDefinition, type IndexOptions, type SchemaTypeOptions } from 'mongoose';
import { z } from 'zod';

type DeepReadonly<T> = T extends Date
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The TypeScript type of a document (or a part of one) from the zod schema of its fields. */
export type DocumentOf<Fields extends z.ZodType> = DeepReadonly<z.infer<Fields>>;

/** A field that may be missing or null. */
export function optional<T extends z.ZodType>(type: T) {
  return type.nullable().exactOptional();
}

/**
 * The mongoose schema of a collection, made from the zod schema of its fields, so that each field is declared once.
 * With it mongoose converts values and refuses unknown fields; what is read from MongoDB is not validated.
 */
export function documentSchema<Fields extends z.ZodObject>(
  fields: Fields,
  indexes: readonly (readonly [IndexDefinition, IndexOptions?])[],
): Schema<DocumentOf<Fields>> {
  const definition = mapShape(fields.shape, (type) => ({
    ...mongooseType(type),
    required: isRequired(type),
  }));
  const schema: Schema = new Schema(definition, {
    versionKey: false,
    autoCreate: false,
    autoIndex: false,
    strict: 'throw',
    minimize: false,
  });
  for (const [index, options] of indexes) schema.index(index, options);
  return schema as Schema<DocumentOf<Fields>>;
}

function mapShape<T>(shape: z.core.$ZodShape, map: (type: z.core.$ZodType) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, map(type)]));
}

/** Missing sub-documents are not refused, and a missing list is stored as an empty one. */
function isRequired(type: z.core.$ZodType): boolean {
  return !(type instanceof z.ZodExactOptional || type instanceof z.ZodObject || type instanceof z.ZodArray);
}

/** What mongoose has no type for, such as `z.unknown()` and `z.custom()`, is stored as it is. */
function mongooseType(type: z.core.$ZodType): Pick<SchemaTypeOptions<unknown>, 'type' | 'enum'> {
  if (type instanceof z.ZodExactOptional || type instanceof z.ZodNullable) return mongooseType(type.unwrap());
  if (type instanceof z.ZodString) return { type: String };
  if (type instanceof z.ZodEnum) return { type: String, enum: type.options };
  if (type instanceof z.ZodNumber) return { type: Number };
  if (type instanceof z.ZodBoolean) return { type: Boolean };
  if (type instanceof z.ZodDate) return { type: Date };
  if (type instanceof z.ZodArray) return { type: [mongooseType(type.element)] };
  if (type instanceof z.ZodObject) {
    return { type: new Schema(mapShape(type.shape, mongooseType), { _id: false }) };
  }
  return { type: Schema.Types.Mixed };
}
