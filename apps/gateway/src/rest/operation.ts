import type * as v from 'valibot';
import { readFields, type FieldsSchema, type RawFields } from './fields.ts';

/** A request that has been let in: whose it is, what it names and what it says. */
export interface RestRequest {
  readonly accountSid: string;
  /** The path of the account as it was asked for: `/2010-04-01/Accounts/AC…`. Addresses in answers begin with it. */
  readonly root: string;
  /** `2010-04-01` or `2012-04-24`. */
  readonly apiVersion: string;
  /** What stands in the braces of the operation's path. */
  readonly names: Readonly<Record<string, string>>;
  /** The form of a POST, the query otherwise. */
  readonly fields: RawFields;
}

export interface RestAnswer {
  readonly status: 200 | 201 | 204;
  readonly body?: object;
}

/** The methods that are answered. `PUT` is read as POST, which RestComm's clients expect of an update. */
export type RestMethod = 'GET' | 'POST' | 'DELETE';

/** The shape of what is answered: one thing, a page of them, or nothing. */
export type AnswerShape =
  | { readonly type: 'one'; readonly schema: v.GenericSchema; readonly name: string }
  | { readonly type: 'page'; readonly schema: v.GenericSchema; readonly name: string; readonly key: string }
  | { readonly type: 'nothing' };

/** One thing that can be asked: what the router finds it by, what reads it, and what the description says of it. */
export interface Operation {
  /** Unique: `createCall`. */
  readonly id: string;
  readonly method: RestMethod;
  /** Below the account, with braces around what is named: `/Calls/{CallSid}`. */
  readonly path: string;
  /** A sentence for the reader of the description. */
  readonly summary: string;
  readonly input: FieldsSchema;
  readonly answers: AnswerShape;
  /** 200 unless the answer is something new (201) or nothing (204). */
  readonly status: RestAnswer['status'];
  run(request: RestRequest): Promise<RestAnswer>;
}

/** Makes an operation from what it does with fields that have been read. */
export function operation<Schema extends FieldsSchema>(given: {
  readonly id: string;
  readonly method: RestMethod;
  readonly path: string;
  readonly summary: string;
  readonly input: Schema;
  readonly answers: AnswerShape;
  readonly status?: RestAnswer['status'];
  readonly perform: (
    request: RestRequest,
    fields: v.InferOutput<Schema>,
  ) => Promise<object | OtherStatus> | object | OtherStatus;
}): Operation {
  const { perform, ...described } = given;
  const status = given.status ?? (given.answers.type === 'nothing' ? 204 : 200);
  return {
    ...described,
    status,
    async run(request) {
      const done = await perform(request, readFields(given.input, request.fields));
      if (done instanceof OtherStatus) return { status: done.status, body: done.body };
      return status === 204 ? { status } : { status, body: done };
    },
  };
}

/** An answer whose status is not the usual one of its operation. */
export class OtherStatus {
  readonly status: 200 | 201;
  readonly body: object;

  constructor(status: 200 | 201, body: object) {
    this.status = status;
    this.body = body;
  }
}
