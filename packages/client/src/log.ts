/** How serious a line is. `error`: a person was told. `warn`: we recovered. `info`: one step in a life. `debug`: the rest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where log lines go; `console` will do. */
export interface Logger {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}

/** What a line is about. No token, SDP, candidate or address is ever among them above `debug`. */
export type LogFacts = Readonly<Record<string, unknown>>;

const ORDER = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];

/** A logger that swallows what is less serious than is asked for, and survives a logger that throws. */
export function limitLogger(options: { readonly logger?: Logger; readonly logLevel?: LogLevel }): Logger {
  const write = (at: Exclude<LogLevel, 'silent'>) => (message: string, facts?: LogFacts) => {
    // Asked each time: the options of a device may change.
    const { logger = console, logLevel = 'warn' } = options;
    if (ORDER.indexOf(at) < ORDER.indexOf(logLevel)) return;
    try {
      logger[at](`[parley] ${message}`, ...(facts === undefined ? [] : [facts]));
    } catch {
      // A broken logger must not break a call.
    }
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
