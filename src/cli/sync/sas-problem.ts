import type { AzureConfig } from '../../config/config.ts';
import { UserError } from '../../runtime/user-error.ts';
import { toAzureAccount } from '../../storage/azure-account.ts';
import { sasExpiry } from '../../storage/sas-expiry.ts';

const WARNING_DAYS = 14;
const DAY_MS = 24 * 3_600_000;

/**
 * A warning when the SAS token ends soon.
 * @throws UserError when it has ended: no request can succeed.
 */
export function sasProblem(azure: AzureConfig, now: Date): string | undefined {
  const { proof } = toAzureAccount(azure);
  const endsAt = proof.kind === 'sas' ? sasExpiry(proof.query) : undefined;
  if (endsAt === undefined) return undefined;
  const days = Math.floor((endsAt.getTime() - now.getTime()) / DAY_MS);
  const at = endsAt.toISOString();
  if (endsAt <= now) {
    throw new UserError(`The SAS token for Azure ended at ${at}. Create a new one and set it.`);
  }
  if (days >= WARNING_DAYS) return undefined;
  return `The SAS token for Azure ends in ${String(days)} days, at ${at}. Create a new one before that.`;
}
