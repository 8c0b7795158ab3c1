import assert from 'node:assert/strict';
import { ACCOUNT, type Stage } from './stage.ts';

/** Asks the REST API of a stage's account; fails the test where it is refused. */
export async function askRest(
  stage: Stage,
  path: string,
  form?: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const credentials = Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64');
  const answer = await fetch(`${stage.gateway.url}/2010-04-01/Accounts/${ACCOUNT.sid}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    headers: { authorization: `Basic ${credentials}` },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  assert.ok(answer.ok, `${path} is answered ${answer.status}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}
