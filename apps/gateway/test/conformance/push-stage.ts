import type { PushServer, PushSubscriptionFacts } from '@parley/testkit/push-server';
import { expect } from 'vitest';
import { soon } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';

/** Dials jenny, and goes on when that is over. */
export const DIAL = `<Dial action="/after" timeout="20"><Client ${EVENTS}>jenny</Client></Dial>`;
export const CONTACT = 'mailto:operator@example.com';

/** A gateway that sends for people. */
export async function pushStage(
  environment: Readonly<Record<string, string>> = {},
  dial = DIAL,
): Promise<Stage> {
  const stage = await Stage.open(dial, {
    environment: { PARLEY_PUSH_CONTACT: CONTACT, PARLEY_ALLOW: '127.0.0.1', ...environment },
  });
  stage.application.on('/after', '<Hangup/>');
  return stage;
}

export interface Asking {
  readonly method?: 'POST' | 'DELETE';
  /** Below `/parley/push`. */
  readonly path?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly origin?: string;
}

/** Asks the gateway where subscriptions are taken. */
export async function ask(stage: Stage, { method = 'POST', path = '', token, body, origin }: Asking) {
  const response = await fetch(`${stage.gateway.url}/parley/push${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(origin === undefined ? {} : { Origin: origin }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, said: (await response.json()) as { name?: string; message?: string } };
}

/** Has somebody who has no page open be reached by push. */
export async function sleeps(
  stage: Stage,
  service: PushServer,
  name = 'jenny',
): Promise<PushSubscriptionFacts> {
  const subscription = service.subscribe();
  const { status } = await ask(stage, { token: await stage.token(name), body: { subscription } });
  expect(status).toBe(201);
  return subscription;
}

/** What the push service was given, when there is so much of it. */
export const told = (service: PushServer, count: number) =>
  soon(
    () => (service.received.length >= count ? service.received : undefined),
    () => `${count} messages; there were ${service.received.length}`,
  );
