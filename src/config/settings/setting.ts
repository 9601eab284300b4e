import { z } from 'zod';

/** The documentation of an environment variable, and how its value is handled. */
export interface SettingInfo {
  /** Plain text in sentences, for .env.example and docs/configuration.md. */
  readonly description: string;
  /** A possible value. */
  readonly example?: string;
  /** The value may also be read from the file that `<NAME>_FILE` names (container secrets). */
  readonly secret?: true;
  /** `docker compose up` needs it. */
  readonly compose?: true;
}

const registry = z.registry<SettingInfo>();

/** Declares an environment variable, whose name is the key in its group: the type of its value, and its documentation. */
export function setting<T extends z.ZodType>(type: T, info: SettingInfo): T {
  registry.add(type, info);
  return type;
}

/** @throws Error for a type that was not declared with `setting`. */
export function settingInfo(type: z.ZodType): SettingInfo {
  const info = registry.get(type);
  if (info === undefined) throw new Error('This environment variable is not declared with setting().');
  return info;
}
