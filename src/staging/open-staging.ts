import type { StagingConfig } from '../config/config.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { createBucketStaging } from './bucket-staging.ts';
import { createDirectoryStaging } from './directory-staging.ts';
import type { Staging } from './staging.ts';

/**
 * Opens staging in the configured form.
 * @param openBucket called for `STAGING=s3` only.
 */
export function openStaging(
  { form, directory }: Pick<StagingConfig, 'form' | 'directory'>,
  openBucket: () => MinioStore,
): Staging {
  switch (form) {
    case 'directory':
      return createDirectoryStaging(directory);
    case 's3':
      return createBucketStaging(openBucket(), directory);
  }
}
