import { OperatorError } from '../../domain/job-errors.ts';

/** Another worker, with a whole configuration, may have added jobs that this one cannot do. */
export function notConfigured(message: string): { process: () => Promise<never> } {
  return { process: () => Promise.reject(new OperatorError('local_configuration', message)) };
}
