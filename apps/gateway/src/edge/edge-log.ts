/** What the edge logs with; a pino logger is one. Names and sids only above `debug` (D31). */
export interface EdgeLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
