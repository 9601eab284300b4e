import { describe, expect, test } from '@jest/globals';
import { toAzureAccount } from './azure-account.ts';

const byText = (connectionString: string) =>
  toAzureAccount({ kind: 'connection-string', connectionString, container: 'c' });

describe('a connection string', () => {
  test.each([
    [
      'DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5;EndpointSuffix=core.windows.net',
      { origin: 'https://acc.blob.core.windows.net', basePath: '', proof: { kind: 'key', account: 'acc' } },
    ],
    [
      'DefaultEndpointsProtocol=http;AccountName=acc;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:10000/acc;',
      { origin: 'http://127.0.0.1:10000', basePath: '/acc', proof: { kind: 'key', account: 'acc' } },
    ],
    [
      'AccountName=acc;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn',
      { origin: 'https://acc.blob.core.chinacloudapi.cn', basePath: '' },
    ],
    [
      'BlobEndpoint=https://acc.blob.core.windows.net/;SharedAccessSignature=?sv=2023&sig=a%3D',
      {
        origin: 'https://acc.blob.core.windows.net',
        basePath: '',
        proof: { kind: 'sas', query: 'sv=2023&sig=a%3D' },
      },
    ],
  ])('%s', (text, account) => {
    expect(byText(text)).toMatchObject({ container: 'c', ...account });
  });

  test.each([
    '',
    'AccountName=acc',
    'AccountKey=c2VjcmV0',
    'AccountName=a b;AccountKey=c2VjcmV0',
    'nonsense',
  ])('%j is refused, and not quoted', (text) => {
    expect(() => byText(text)).toThrow('is not a valid connection string');
    expect(() => byText(text)).not.toThrow(/c2VjcmV0/);
  });
});

test('an account URL with a token', () => {
  const azure = {
    kind: 'sas',
    accountUrl: 'https://acc.blob.core.windows.net//',
    sasToken: '?sp=rcwl&sig=x',
    container: 'c',
  } as const;
  expect(toAzureAccount(azure)).toEqual({
    origin: 'https://acc.blob.core.windows.net',
    basePath: '',
    container: 'c',
    proof: { kind: 'sas', query: 'sp=rcwl&sig=x' },
  });
});
