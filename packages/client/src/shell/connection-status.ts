import type { ConnectionStatus } from '../api.ts';
import type { Connection } from '../core/connection.ts';

/** How the connection stands, in the words of the public API. */
export function statusOfLink({ link, session, attempt }: Connection): ConnectionStatus {
  const trying = session === null ? 'connecting' : 'reconnecting';
  switch (link.name) {
    case 'offline':
    case 'suspended':
      return { state: link.name, attempt };
    case 'online':
      return { state: 'connected', attempt };
    case 'waiting':
      return { state: trying, attempt, retryAtMs: link.untilMs };
    case 'authorizing':
    case 'opening':
    case 'greeting':
      return { state: trying, attempt };
  }
}

export function isSameStatus(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return a.state === b.state && a.attempt === b.attempt && a.retryAtMs === b.retryAtMs;
}
