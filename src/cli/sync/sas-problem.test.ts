import { expect, test } from '@jest/globals';
import { parseConfig } from '../../config/parse-config.ts';
import { sasProblem } from './sas-problem.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

function azureWith(variables: Record<string, string>) {
  const { azure } = parseConfig({
    ...{ REDIS_URL: 'redis://127.0.0.1:6379', MONGO_URL: 'mongodb://127.0.0.1/x' },
    ...{ MINIO_ENDPOINT: '127.0.0.1:9000', MINIO_ACCESS_KEY: 'access', MINIO_SECRET_KEY: 'secret-key' },
    ...variables,
  });
  if (azure === undefined) throw new Error('Azure is not configured.');
  return azure;
}
const sas = (end: string) =>
  azureWith({
    AZURE_ACCOUNT_URL: 'https://account.blob.core.windows.net',
    AZURE_SAS_TOKEN: `sv=2026-02-06&se=${encodeURIComponent(end)}&sp=racwl&sig=c2VjcmV0`,
  });

test.each([
  ['in a month', '2026-12-28T12:00:00Z', undefined],
  ['in exactly 14 days', '2026-12-12T12:00:00Z', undefined],
  ['in 13 days', '2026-12-11T12:00:01Z', 'ends in 13 days'],
  ['today', '2026-11-28T13:00:00Z', 'ends in 0 days'],
])('a SAS token that ends %s', (_when, end, said) => {
  const problem = sasProblem(sas(end), NOW);
  if (said === undefined) expect(problem).toBeUndefined();
  else expect(problem).toContain(said);
});

test('a SAS token that has ended stops the command, without showing it', () => {
  expect(() => sasProblem(sas('2026-11-28T12:00:00Z'), NOW)).toThrow(
    'The SAS token for Azure ended at 2026-11-28T12:00:00.000Z. Create a new one and set it.',
  );
});

test('a key does not end', () => {
  const azure = azureWith({
    AZURE_STORAGE_CONNECTION_STRING:
      'DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5;EndpointSuffix=core.windows.net',
  });
  expect(sasProblem(azure, NOW)).toBeUndefined();
});
