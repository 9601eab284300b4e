/** The last of all; smaller is sooner. BullMQ's limit. */
export const LAST_PRIORITY = 2_097_151;
