import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Endpoint } from '../../src/dashboard/api/endpoint.ts';

/** Checks answers against the document, as a client that has nothing else does. @returns the problems */
export function validatorOf(document: unknown): (endpoint: Endpoint, answer: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document as object, 'api');
  return ({ method, path, status = 200 }, answer) => {
    const pointer = [
      'paths',
      path,
      method,
      'responses',
      String(status),
      'content',
      'application/json',
      'schema',
    ];
    const reference = pointer.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = ajv.getSchema(`api#/${reference.join('/')}`);
    if (validate === undefined) return [`There is no schema of ${method} ${path}.`];
    if (validate(answer) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
  };
}
