import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError, readConfig, type GatewayConfig } from '../config.ts';
import { CommandError, type Terminal } from './command.ts';

/** The gateway that a command talks to. */
export interface GatewayAccess {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
}

/** The configuration that a gateway started here would have. */
export function configOf({ environment }: Pick<Terminal, 'environment'>): GatewayConfig {
  try {
    return readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError)
      throw new CommandError(`The configuration cannot be read:\n${error.message}`, 2);
    throw error;
  }
}

/** Where a gateway of this configuration is reached from this machine; `PARLEY_URL` says it for one elsewhere. */
export function urlOf(
  config: Pick<GatewayConfig, 'host' | 'port'>,
  terminal: Pick<Terminal, 'environment'>,
): string {
  const said = terminal.environment['PARLEY_URL'];
  if (said !== undefined && said !== '') return said.replace(/\/+$/, '');
  const isEverywhere = config.host === '0.0.0.0' || config.host === '::';
  const host = isEverywhere ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${config.port}`;
}

/** The gateway and the account: what the environment says, else the first account of the store. */
export function accessOf(terminal: Pick<Terminal, 'environment'>): GatewayAccess {
  const config = configOf(terminal);
  const account = config.account ?? storedAccount(config.storePath);
  if (account === undefined) {
    throw new CommandError(
      'No account is known here: set PARLEY_ACCOUNT_SID and PARLEY_AUTH_TOKEN, or PARLEY_DATA to the folder of the gateway.',
    );
  }
  return { url: urlOf(config, terminal), accountSid: account.sid, authToken: account.authToken };
}

/** Whoever may read the store's file may do what its accounts may. The running gateway is not disturbed. */
function storedAccount(path: string): { readonly sid: string; readonly authToken: string } | undefined {
  if (path === ':memory:' || !existsSync(path)) return undefined;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const row = database.prepare('SELECT sid, auth_token FROM accounts ORDER BY rowid LIMIT 1').get();
    return row === undefined ? undefined : { sid: String(row['sid']), authToken: String(row['auth_token']) };
  } finally {
    database.close();
  }
}

/** Asks the REST API of a running gateway. Throws a {@link CommandError} that says why it was not answered. */
export async function askGateway(
  access: GatewayAccess,
  path: string,
  form?: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const url = `${access.url}/2012-04-24/Accounts/${access.accountSid}${path}`;
  const authorization = `Basic ${Buffer.from(`${access.accountSid}:${access.authToken}`).toString('base64')}`;
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization },
      signal: AbortSignal.timeout(30_000),
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
  } catch {
    throw new CommandError(
      `No gateway answers at ${access.url}. Is it running? PARLEY_URL says where it is.`,
    );
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!isRecord(body)) throw new CommandError(`What answers at ${access.url} is no Parley gateway.`);
  if (!response.ok) throw new CommandError(`The gateway refused: ${String(body['message'])}`);
  return body;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
