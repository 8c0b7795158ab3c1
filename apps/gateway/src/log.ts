import { isIPv6 } from 'node:net';
import { pino, type DestinationStream, type Logger as PinoLogger, type LevelWithSilent } from 'pino';

/** What the gateway logs with. Bind `callSid` and `legId` once, with `child`. */
export type Logger = PinoLogger;

/** How a log is made. */
export interface LogOptions {
  /** `info` unless said otherwise. */
  readonly level?: LevelWithSilent;
  /** Where it goes; standard output otherwise: one line of JSON each, or one for a person when it is a terminal. */
  readonly destination?: DestinationStream;
  readonly isPretty?: boolean;
}

const DEBUG = 20;

/** Fields that are never logged above `debug`, whatever they hold (D31). */
const PRIVATE_FIELDS: ReadonlySet<string> = new Set([
  'address',
  'authToken',
  'authorization',
  'body',
  'cookie',
  'customParameters',
  'headers',
  'ip',
  'parameters',
  'params',
  'password',
  'query',
  'remoteAddress',
  'search',
  'secret',
  'token',
]);

/**
 * What is recognised wherever it stands in a line above `debug`. A sid is two capitals before 32 hex digits and stays;
 * 32 hex digits by themselves are a token.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bwhsec_[\w+/=-]+/g, '[secret]'],
  [/\b(Basic|Bearer) [\w+/=.~-]+/g, '$1 [secret]'],
  [/(https?:\/\/)[^\s"'/@\\]*@/g, '$1'],
  [/(\b(?:https?|wss?):\/\/[^\s"'?#\\]*)[?#][^\s"'\\]*/g, '$1'],
  // A trace id is one as well, and is there to be found.
  [/(?<!"traceId":")\b[0-9a-f]{32,}\b/g, '[token]'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, '[address]'],
];

/** Makes the log of a process. */
export function createLog(options: LogOptions = {}): Logger {
  const destination = options.destination ?? process.stdout;
  const isPretty = options.isPretty ?? (options.destination === undefined && process.stdout.isTTY);
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      hooks: {
        logMethod(args, method, level) {
          const [first] = args;
          if (level > DEBUG && isFields(first)) args[0] = withoutPrivateFields(first);
          method.apply(this, args);
        },
        // The last gate before the line leaves: it also sees what an error's message quotes.
        streamWrite: (line) => (isAboveDebug(line) ? withoutSecrets(line) : line),
      },
    },
    isPretty ? { write: (line) => destination.write(prettyLine(line)) } : destination,
  );
}

/** An error by itself is serialised by pino, and what it quotes is masked. */
function isFields(first: unknown): first is object {
  return typeof first === 'object' && first !== null && !(first instanceof Error);
}

function withoutPrivateFields(fields: object): object {
  if (!Object.keys(fields).some((field) => PRIVATE_FIELDS.has(field))) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !PRIVATE_FIELDS.has(field)));
}

function isAboveDebug(line: string): boolean {
  return Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? Infinity) > DEBUG;
}

function withoutSecrets(line: string): string {
  let clean = line;
  // Times of day look alike, so what could be an IPv6 address is asked whether it is one.
  clean = clean.replace(/(?<![0-9a-f:.])[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*/gi, (found) =>
    couldBeIPv6(found) ? '[address]' : found,
  );
  for (const [pattern, replacement] of SECRETS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** An address may stand after a colon, and before one or a full stop. */
function couldBeIPv6(found: string): boolean {
  const bare = found.replace(/^:(?!:)/, '');
  return [bare, bare.replace(/[:.]$/, '')].some((written) => isIPv6(written));
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A line for a person: time, level, message, and the rest as `name=value`. */
function prettyLine(line: string): string {
  const { level, time, msg = '', err, ...rest }: Record<string, unknown> = JSON.parse(line);
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const fields = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : '';
  return `${clock} ${(LEVELS[Number(level)] ?? '').padEnd(5)} ${String(msg)}${fields.join('')}${stack}\n`;
}
