import { z } from 'zod';
import { AUDIT_VIAS } from '../../../database/collections/audit.ts';
import { ROLES } from '../../../domain/role.ts';
import { listTokens, revokeToken, tokenNameInput } from '../../../operations/manage-tokens.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { moment } from '../fields.ts';

const token = z
  .object({
    name: z.string(),
    role: z.enum(ROLES).meta({ description: 'It never does more than its maker could do now.' }),
    madeBy: z.string().nullable(),
    madeVia: z.enum(AUDIT_VIAS),
    createdAt: moment,
    expiresAt: moment.nullable(),
    lastUsedAt: moment.nullable().meta({ description: 'Correct to a minute.' }),
  })
  .meta({ id: 'Token' });

export const tokenEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listTokens',
    ...{ method: 'get', path: '/tokens', subject: 'Tokens', role: 'operator' },
    summary: 'Lists the tokens by name.',
    description:
      'Tokens are made on the page /tokens and by the command `npm run tokens`, which show each once.',
    answer: z.object({ items: z.array(token) }),
    handle: async (_input, { database }) => ({ items: await listTokens(database) }),
  }),
  endpoint({
    id: 'revokeToken',
    ...{ method: 'delete', path: '/tokens/{name}', subject: 'Tokens', role: 'operator' },
    summary: 'Revokes a token, for good.',
    params: z.object({ name: tokenNameInput.meta({ description: 'Its name.', examples: ['backup'] }) }),
    answer: z.object({ name: z.string(), outcome: z.literal('revoked') }),
    handle: async ({ params: { name }, actor }, { database }) =>
      (await revokeToken(name, actor, { database })) ? { name, outcome: 'revoked' as const } : undefined,
  }),
];
