import { z } from 'zod';
import { html, type Html } from '../../text/html.ts';
import { markedCommands } from '../../text/marked-commands.ts';
import { renderTable } from '../../text/tables.ts';
import { renderSchema, shownSchema, typeOf } from './docs-schemas.ts';
import { SUBJECTS } from './endpoint.ts';
import type { ApiDocument } from './open-api.ts';
import { API_PATH, PROBLEM_NAMES, PROBLEMS } from './problem.ts';

const content = z.record(z.string(), z.object({ schema: shownSchema }));
const operationSchema = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string(),
  parameters: z
    .array(
      z.object({
        in: z.string(),
        name: z.string(),
        required: z.boolean().default(false),
        description: z.string().default(''),
        schema: shownSchema,
      }),
    )
    .default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content })),
});

/** The document as the page reads it. */
const documentSchema = z.object({
  info: z.object({ version: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), shownSchema) }),
});

type Operation = z.output<typeof operationSchema> & { readonly method: string; readonly path: string };

/** The documentation of the API for people, made from its document. It needs no script. */
export function renderApiDocs(document: ApiDocument): Html {
  const { info, paths, components } = documentSchema.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  );
  const subjects = SUBJECTS.filter((name) => operations.some(({ tags }) => tags.includes(name)));
  return html`<main lang="en">
    <h1>API</h1>
    <p>
      Version ${info.version}, below <code>${API_PATH}</code>. For programs:
      <a href="${API_PATH}/openapi.json">openapi.json</a> (OpenAPI 3.1).
    </p>
    <p>${markedCommands(info.description)}</p>
    <p>
      Programs send a token, made on the page <a href="/tokens">Tokens</a>:
      <code>Authorization: Bearer sonotheque_…</code>. Name and password of a user do as well (HTTP Basic).
    </p>
    <nav aria-label="Contents">
      <ul>
        ${subjects.map((name) => html`<li><a href="#${anchorOf(name)}">${name}</a></li>`)}
        <li><a href="#schemas">Schemas</a></li>
        <li><a href="#problems">Problems</a></li>
      </ul>
    </nav>
    ${subjects.map(
      (name) =>
        html`<h2 id="${anchorOf(name)}">${name}</h2>
          ${operations.filter(({ tags }) => tags.includes(name)).map(renderOperation)}`,
    )}
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(components.schemas).map(
      ([name, schema]) =>
        html`<h3 id="schema-${name}">${name}</h3>
          ${schema.description === undefined ? undefined : html`<p>${markedCommands(schema.description)}</p>`}
          ${renderSchema(schema, name)}`,
    )}
    <h2 id="problems">Problems</h2>
    ${PROBLEM_NAMES.map((name) => {
      const { status, title, advice } = PROBLEMS[name];
      return html`<h3 id="${name}">${title} (${status})</h3>
        <p>${markedCommands(advice)}</p>`;
    })}
  </main>`;
}

/** Not the name of a problem, such as `not-found`. */
function anchorOf(subject: string): string {
  return `subject-${subject.toLowerCase()}`;
}

function renderOperation(operation: Operation): Html {
  const { method, path, summary, description, parameters, requestBody, responses, operationId } = operation;
  return html`<section aria-labelledby="${operationId}">
    <h3 id="${operationId}">${summary}</h3>
    <p><code>${method.toUpperCase()} ${API_PATH}${path}</code></p>
    <p>${markedCommands(description)}</p>
    ${
      parameters.length === 0
        ? undefined
        : renderTable(
            `Parameters: ${operationId}`,
            ['parameter', 'in', 'type', 'meaning'],
            parameters.map(
              ({ name, in: place, required, schema, description: meaning }) =>
                html`<tr>
                  <td><code>${name}</code>${required ? undefined : html` <small>optional</small>`}</td>
                  <td>${place}</td>
                  <td>${typeOf(schema)}</td>
                  <td class="text">${markedCommands(meaning)}</td>
                </tr>`,
            ),
          )
    }
    ${requestBody === undefined ? undefined : renderContent('Body', operationId, requestBody.content)}
    ${Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .map(([, answer]) => renderContent('Answer', operationId, answer.content))}
  </section>`;
}

function renderContent(what: string, operationId: string, found: z.output<typeof content>): Html {
  return html`${Object.entries(found).map(
    ([type, { schema }]) =>
      html`<h4>${what} <small>${type}</small></h4>
        ${renderSchema(schema, `${what}: ${operationId}`)}`,
  )}`;
}
