export interface ExportOptions {
  readonly playlist?: string;
  readonly since?: Date;
  readonly names: string;
  readonly json?: boolean;
}
