import type { AlertDependencies } from '../../src/alerts/conditions.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import type { TestEnvironment } from './test-environment.ts';

/** What the evaluation of alerts needs, with the stores of the test's configuration. */
export function alertDependencies(
  environment: TestEnvironment,
): TestEnvironment & Pick<AlertDependencies, 'store' | 'mirror'> {
  const { minio, azure, storage } = environment.config;
  return {
    ...environment,
    store: openMinioStore(minio, storage),
    mirror: azure && openAzureStore(azure, storage),
  };
}
