import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { renderApiDocs } from './docs-page.ts';
import { ENDPOINTS } from './endpoints.ts';
import { describeApi } from './open-api.ts';
import { PROBLEM_NAMES } from './problem.ts';

const document = JSON.parse(JSON.stringify(describeApi(ENDPOINTS))) as Record<string, unknown>;
const page = renderApiDocs(describeApi(ENDPOINTS)).markup;

test('the document is one of OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('a document that is none is found out', async () => {
  const broken = { ...document, paths: { '/status': { get: { responses: { nowhere: {} } } } } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('every operation and every reference is there', () => {
  const text = JSON.stringify(document);
  for (const { id } of ENDPOINTS) expect(text).toContain(`"operationId":"${id}"`);
  const schemas = (document['components'] as { schemas: Record<string, unknown> }).schemas;
  const references = new Set(text.matchAll(/"#\/components\/schemas\/(\w+)"/g).map(([, name = '']) => name));
  expect(references.size).toBeGreaterThan(10);
  expect([...references].filter((name) => !Object.hasOwn(schemas, name))).toEqual([]);
});

test('no answer is anything, so that nothing leaves that is not declared', () => {
  const loose: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('properties' in value && typeof value.properties === 'object') {
      for (const [name, field] of Object.entries(value.properties ?? {}))
        if (Object.keys(field as object).length === 0) loose.push(`${path}.${name}`);
    }
    for (const [name, field] of Object.entries(value)) look(field, `${path}.${name}`);
  };
  look(document, '');
  expect(loose).toEqual([]);
});

describe('the page', () => {
  test.each(ENDPOINTS.map(({ id, method, path }) => [id, method, path] as const))(
    'has %s',
    (id, method, path) => {
      expect(page).toContain(`id="${id}"`);
      expect(page).toContain(`<code>${method.toUpperCase()} /api/v1${path}</code>`);
    },
  );

  test.each(PROBLEM_NAMES)('explains the problem %s', (name) => {
    expect(page).toContain(`<h3 id="${name}">`);
  });

  test('needs no script, no style of its own and nothing from elsewhere', () => {
    expect(page).not.toMatch(/<script|<style|style=|on\w+=|src=|href="http/);
  });

  test('has each id once, and each link leads to one of them', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });
});
