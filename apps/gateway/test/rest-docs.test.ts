import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotificationLog } from '../src/store/notifications.ts';
import { restOperations, REST_PREFIXES } from '../src/rest/rest-api.ts';
import type { Operation } from '../src/rest/operation.ts';
import * as v from 'valibot';
import { ACCOUNT, RestGateway } from './rest-gateway.ts';

interface Described {
  readonly openapi: string;
  readonly servers: readonly { url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        { readonly schema: { readonly properties: object; readonly required?: readonly string[] } }
      >
    >;
  };
}

let rest: RestGateway;
let operations: readonly Operation[];
beforeAll(async () => {
  rest = await RestGateway.start();
  const { store } = rest;
  operations = restOperations({
    store,
    calls: rest.control,
    notifications: createNotificationLog({ table: store.notifications, logger: {} as never }),
    outbox: { replay: () => 0 },
  });
});
afterAll(() => rest[Symbol.asyncDispose]());

describe('the description', () => {
  let described: Described;
  beforeAll(async () => {
    const response = await fetch(`${rest.url}/openapi.json`);
    described = (await response.json()) as Described;
  });

  it('[RS36] is OpenAPI 3.1, read without credentials, and has every operation once', () => {
    expect(described.openapi).toBe('3.1.0');
    expect(described.servers.map(({ url }) => url)).toEqual(REST_PREFIXES);
    const ids = Object.values(described.paths).flatMap((place) =>
      Object.values(place).map(({ operationId }) => operationId),
    );
    expect(ids.toSorted()).toEqual(operations.map(({ id }) => id).toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[RS36] says of every field what it means and what it may be, from the schema that reads it', () => {
    const create = described.paths['/Accounts/{AccountSid}/Calls.json']?.['post'];
    const form = create?.requestBody?.content['application/x-www-form-urlencoded']?.schema;
    expect(form?.required).toEqual(['To', 'From']);
    expect(form?.properties).toMatchObject({
      To: { type: 'string', maxLength: 4096, description: expect.stringContaining('client:NAME') },
      Method: { type: 'string', enum: ['GET', 'POST'], default: 'POST' },
      Timeout: { type: 'integer', minimum: 1, maximum: 600, default: 60 },
      StatusCallbackEvent: { type: 'array', items: { enum: expect.arrayContaining(['answered']) } },
      Video: { type: 'boolean', default: false },
    });
    const list = described.paths['/Accounts/{AccountSid}/Calls.json']?.['get'];
    expect(list?.parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['AccountSid', 'StartTime', 'StartTime<', 'StartTime>', 'PageSize']),
    );
    for (const { input } of operations) {
      for (const [name, entry] of Object.entries(input.entries)) {
        const field =
          entry.type === 'optional' && 'wrapped' in entry ? (entry.wrapped as typeof entry) : entry;
        expect(`${name}: ${v.getDescription(field)}`).toMatch(/\.$/);
      }
    }
  });

  it('[RS36] refers to no schema that it does not have', () => {
    const written = JSON.stringify(described);
    for (const [, name] of written.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(Object.keys(described.components.schemas)).toContain(name);
    }
  });

  it('[RS37] tells the truth: what is answered is of the schema it names, and nothing more', async () => {
    const callSid = rest.addCall();
    rest.store.feedback.save({ callSid, accountSid: ACCOUNT.sid, score: 4, issue: 'echo' }, 0);
    rest.store.notifications.add({
      sid: `NO${'0'.repeat(32)}`,
      accountSid: ACCOUNT.sid,
      callSid,
      severity: 'error',
      code: 11200,
      message: 'm',
      line: null,
      column: null,
      requestUrl: null,
      requestMethod: null,
      requestParams: [],
      responseStatus: null,
      responseHeaders: [],
      responseBody: null,
      atMs: 0,
    });
    const application = await rest.ask('/Applications', { form: { FriendlyName: 'a' } });
    const client = await rest.ask('/Clients', { form: { Login: 'a' } });
    const key = await rest.ask('/Keys', { form: {}, method: 'POST' });
    const call = await rest.ask('/Calls', { form: { From: 'a', To: 'b', Url: 'https://app.example' } });
    const answered: Record<string, object> = {
      createApplication: application.body,
      createClient: client.body,
      createKey: key.body,
      createCall: call.body,
    };
    for (const { id, method, path } of operations) {
      if (method !== 'GET' || path.includes('Conference')) continue;
      const asked = path
        .replace('{CallSid}', callSid)
        .replace('{NotificationSid}', `NO${'0'.repeat(32)}`)
        .replace('{ApplicationSid}', String(application.body['sid']))
        .replace('{ClientSid}', String(client.body['sid']))
        .replace('{KeySid}', String(key.body['sid']));
      if (asked.includes('{')) continue;
      answered[id] = (await rest.ask(`${asked}.json`)).body;
    }
    expect(Object.keys(answered).length).toBeGreaterThan(14);
    for (const { id, answers } of operations) {
      const body = answered[id];
      if (body === undefined || answers.type === 'nothing') continue;
      const { entries } = answers.schema as v.ObjectSchema<v.ObjectEntries, undefined>;
      const items = answers.type === 'page' ? (body as Record<string, object[]>)[answers.key] : [body];
      for (const item of items ?? [undefined])
        expect({ id, issues: v.safeParse(v.strictObject(entries), item).issues }).toEqual({ id });
    }
  });
});

describe('the page for people', () => {
  it('[RS38] has every operation, every number, and runs nothing', async () => {
    const response = await fetch(`${rest.url}/docs`);
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(policy).not.toContain('unsafe');
    expect(html).not.toMatch(/<script|\son\w+=|style="|https?:\/\//);
    for (const { id } of operations) expect(html).toContain(`id="${id}"`);
    for (const link of ['refusal-20404', 'notification-11200']) expect(html).toContain(`id="${link}"`);
    const ids = Array.from(html.matchAll(/\sid="([^"]+)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[RS38] is read only, and has nothing below it', async () => {
    expect((await fetch(`${rest.url}/docs`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${rest.url}/docs/more`)).status).toBe(404);
    expect((await fetch(`${rest.url}/openapi.json`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('what is wrong with a document', () => {
  const validate = async (body: string, type?: string) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const response = await fetch(`${rest.url}/rcml/validate`, { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as unknown };
  };

  it('[RS39] is nothing, for a right one', async () => {
    const document = '<Response><Dial><Client>jenny</Client></Dial></Response>';
    for (const type of ['text/xml', 'application/xml; charset=utf-8', undefined]) {
      expect(await validate(document, type)).toEqual({ status: 200, body: { valid: true, complaints: [] } });
    }
    const form = new URLSearchParams({ Rcml: document }).toString();
    expect((await validate(form, 'application/x-www-form-urlencoded')).body).toMatchObject({ valid: true });
  });

  it('[RS39] is told with line, column, what is wrong and what would be right', async () => {
    expect(await validate('<Response>\n  <Dail>jenny</Dail>\n</Response>', 'text/xml')).toMatchObject({
      status: 200,
      body: {
        valid: true,
        complaints: [
          {
            line: 2,
            column: 3,
            severity: 'warning',
            message: expect.stringContaining('Dail'),
            remedy: expect.stringContaining('Dial'),
          },
        ],
      },
    });
  });

  it('[RS39] is what it looks like, for a text that is no document', async () => {
    expect(await validate('<html><body>Log in</body></html>')).toMatchObject({
      body: { valid: false, looksLike: expect.stringMatching(/page/), complaints: [{ severity: 'error' }] },
    });
    expect((await validate('')).body).toMatchObject({ valid: false, looksLike: 'empty' });
    expect((await validate('x'.repeat(70_000))).body).toMatchObject({ valid: false, looksLike: 'too-large' });
    expect((await validate('x'.repeat(200_000))).status).toBe(413);
  });

  it('[RS39] is asked with POST, and not too often', async () => {
    expect((await fetch(`${rest.url}/rcml/validate`)).status).toBe(405);
    await using own = await RestGateway.start();
    // Many at once, so that a slow machine does not earn more of them while it asks.
    const asked = Array.from({ length: 200 }, () =>
      fetch(`${own.url}/rcml/validate`, { method: 'POST', body: '<Response/>' }),
    );
    const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 429]));
  });
});
