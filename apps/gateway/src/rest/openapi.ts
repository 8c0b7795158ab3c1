import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { notesOf, unwrapped, type FieldsSchema } from './fields.ts';
import type { AnswerShape, Operation } from './operation.ts';
import { REFUSALS } from './rest-refusal.ts';

/** As much of JSON Schema as is written here. */
export type Schema = Readonly<Record<string, unknown>>;

export interface DescribedField {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly schema: Schema;
}

const PAGE_LINKS = ['first_page_uri', 'last_page_uri', 'uri'] as const;
const PAGE_NUMBERS = ['page', 'page_size', 'num_pages', 'total', 'start', 'end'] as const;

/** The fields of an operation, as its schema has them. */
export function describedFields(input: FieldsSchema): readonly DescribedField[] {
  return Object.entries(input.entries).map(([name, entry]) => {
    const field = unwrapped(entry);
    const isOptional = entry.type === 'optional';
    const fallback = isOptional && 'default' in entry ? entry.default : undefined;
    const shown =
      notesOf(entry).shown ?? withoutDialect(toJsonSchema(field, { errorMode: 'ignore', typeMode: 'input' }));
    const schema =
      typeof fallback === 'string' ? { ...shown, default: typedDefault(shown, fallback) } : shown;
    return { name, description: v.getDescription(field) ?? '', required: !isOptional, schema };
  });
}

/** The OpenAPI 3.1 description of the operations, made of the schemas that read their fields and shape their answers. */
export function describe(operations: readonly Operation[], servers: readonly string[]): object {
  const schemas: Record<string, Schema> = { Refusal: REFUSAL_SCHEMA };
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const { answers, path } = operation;
    if (answers.type !== 'nothing') {
      schemas[answers.name] ??= withoutDialect(
        toJsonSchema(answers.schema, { errorMode: 'ignore', typeMode: 'input' }),
      );
    }
    const place = (paths[`/Accounts/{AccountSid}${path}.json`] ??= {});
    place[operation.method.toLowerCase()] = describeOperation(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '2012-04-24',
      description: 'Calls, clients and everything about them. The npm package `twilio` speaks it.',
    },
    servers: servers.map((url) => ({ url })),
    security: [{ account: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        account: {
          type: 'http',
          scheme: 'basic',
          description: 'Account sid and token, or sid and secret of an API key.',
        },
      },
      responses: {
        Refused: {
          description: 'Nothing was done.',
          content: { 'application/json': { schema: ref('Refusal') } },
        },
      },
    },
  };
}

function describeOperation({ id, method, path, summary, input, answers, status }: Operation): object {
  const names = ['AccountSid', ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name)];
  const inPath = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const fields = describedFields(input);
  const inQuery = method === 'GET' ? fields.map((field) => ({ ...field, in: 'query' })) : [];
  const body = method === 'POST' && fields.length > 0 ? { requestBody: formBody(fields) } : {};
  return {
    operationId: id,
    summary,
    tags: [path.split('/')[1] || 'Account'],
    parameters: [...inPath, ...inQuery],
    ...body,
    responses: {
      [status]: describeAnswer(answers),
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

function formBody(fields: readonly DescribedField[]): object {
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const properties = Object.fromEntries(
    fields.map(({ name, description, schema }) => [name, { ...schema, description }]),
  );
  const schema = { type: 'object', properties, ...(required.length > 0 && { required }) };
  return { required: required.length > 0, content: { 'application/x-www-form-urlencoded': { schema } } };
}

function describeAnswer(answers: AnswerShape): object {
  if (answers.type === 'nothing') return { description: 'Done.' };
  const schema = answers.type === 'one' ? ref(answers.name) : pageSchema(answers.key, answers.name);
  return { description: answers.name, content: { 'application/json': { schema } } };
}

function pageSchema(key: string, name: string): Schema {
  return {
    type: 'object',
    properties: {
      [key]: { type: 'array', items: ref(name) },
      ...Object.fromEntries(PAGE_NUMBERS.map((number) => [number, { type: 'integer' }])),
      ...Object.fromEntries(PAGE_LINKS.map((link) => [link, { type: 'string' }])),
      next_page_uri: { type: ['string', 'null'] },
      previous_page_uri: { type: ['string', 'null'] },
    },
  };
}

const REFUSAL_SCHEMA: Schema = {
  type: 'object',
  required: ['code', 'message', 'more_info', 'status'],
  properties: {
    code: {
      type: 'integer',
      description: Object.values(REFUSALS)
        .map(([, code, meaning]) => `${code}: ${meaning}`)
        .join(' '),
    },
    message: { type: 'string' },
    more_info: { type: 'string' },
    status: { type: 'integer' },
  },
};

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function withoutDialect(schema: ReturnType<typeof toJsonSchema>): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}

function typedDefault(schema: Schema, written: string): unknown {
  if (schema['type'] === 'integer') return Number(written);
  return schema['type'] === 'boolean' ? written === 'true' : written;
}
