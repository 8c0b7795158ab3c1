import assert from 'node:assert/strict';
import { ACCOUNT, type Stage } from './stage.ts';

/** A form that is posted, or the deletion of what is at the path; without either it is read. */
type Asked = Readonly<Record<string, string>> | 'DELETE';

/** Asks the REST API of a stage's account; fails the test where it is refused. */
export async function askRest(
  stage: Stage,
  path: string,
  asked?: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask(stage, path, asked);
  assert.ok(answer.ok, `${path} is answered ${answer.status}`);
  return answer.status === 204 ? {} : ((await answer.json()) as Readonly<Record<string, unknown>>);
}

/** Asks for what is to be refused, and answers the refusal; fails the test where it is carried out. */
export async function refusedByRest(
  stage: Stage,
  path: string,
  asked?: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask(stage, path, asked);
  assert.ok(!answer.ok, `${path} is answered ${answer.status}`);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
}

function ask(stage: Stage, path: string, asked: Asked | undefined): Promise<Response> {
  const credentials = Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.authToken}`).toString('base64');
  const url = `${stage.gateway.url}/2010-04-01/Accounts/${ACCOUNT.sid}${path}`;
  const headers = { authorization: `Basic ${credentials}` };
  if (asked === undefined || asked === 'DELETE') return fetch(url, { method: asked ?? 'GET', headers });
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(asked) });
}
