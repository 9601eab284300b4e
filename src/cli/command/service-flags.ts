/**
 * V8 flags of services, which wait for servers and child processes most of the time. While it loads its modules V8 lets the young
 * generation grow to 50 MB, and keeps it: measured, an idle worker for uploads holds 133 MB with this and 155 without, in the same
 * processor time. Code that was compiled with other flags is of no use, so services have a compile cache of their own
 * (local/setup/compile-cache.mjs).
 */
export const SERVICE_FLAGS = ['--semi-space-growth-factor=1'];
