import { z } from 'zod';
import type { Endpoint } from '../../src/dashboard/api/endpoint.ts';
import { API_PATH } from '../../src/dashboard/api/problem.ts';

/** A request that an endpoint accepts, made from its declaration. */
export interface ExampleRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

/** The same for a generated client. */
export function exampleInput({ id, params, query, body }: Endpoint) {
  return {
    ...(params && { path: exampleObject(params, id) }),
    ...(query && { query: exampleObject(query, id) }),
    ...(body && { body: exampleValue(body, id) }),
  };
}

/** @throws Error when a field that is needed declares no example: then its declaration is not finished. */
export function exampleOf({ id, method, path, params, query, body }: Endpoint): ExampleRequest {
  const values = params === undefined ? {} : exampleObject(params, id);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const fields = new URLSearchParams(
    Object.entries(query === undefined ? {} : exampleObject(query, id)).map(
      ([name, value]): [string, string] => [name, String(value)],
    ),
  );
  return {
    method: method.toUpperCase(),
    path: `${API_PATH}${filled}${fields.size === 0 ? '' : `?${fields.toString()}`}`,
    body: body === undefined ? undefined : JSON.stringify(exampleValue(body, id)),
  };
}

function exampleObject(schema: z.ZodObject, id: string): Record<string, unknown> {
  const shape: Record<string, z.core.$ZodType> = schema.shape;
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, field]) => {
      const isNeeded = !z.safeParse(field, undefined).success;
      return isNeeded ? [[name, exampleValue(field, `${id}.${name}`)]] : [];
    }),
  );
}

function exampleValue(schema: z.core.$ZodType, where: string): unknown {
  const { examples } = z.globalRegistry.get(schema) ?? {};
  if (Array.isArray(examples)) return examples[0];
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodPipe) return exampleValue(schema.in, where);
  if (schema instanceof z.ZodObject) return exampleObject(schema, where);
  throw new Error(`${where} needs an example.`);
}
