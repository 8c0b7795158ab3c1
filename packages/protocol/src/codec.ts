import * as v from 'valibot';
import { ClientMessage } from './client-message.ts';
import { ServerMessage } from './server-message.ts';
import { wireError, type WireError } from './wire-error.ts';

/** A frame that was understood, or why it was not. A peer's mistake is a value, never an exception. */
export type Decoded<Message> =
  | { readonly ok: true; readonly message: Message }
  | {
      readonly ok: false;
      readonly error: WireError;
      /** The type is not in the vocabulary; the rest of the frame was not looked at. */
      readonly unknownType: boolean;
      /** The id of the request that cannot be carried out, where it could be read. */
      readonly re?: string;
      /** The sequence number, where it could be read, so that a reader can go on counting. */
      readonly seq?: number;
    };

// Marked, so that a bundler leaves out the half of the wire its side does not read.
const CLIENT_MESSAGES = /* @__PURE__ */ vocabularyOf(ClientMessage);
const SERVER_MESSAGES = /* @__PURE__ */ vocabularyOf(ServerMessage);

/** Decodes a frame a browser sent. Never throws. */
export function decodeClientMessage(frame: string): Decoded<ClientMessage> {
  return decode(frame, CLIENT_MESSAGES);
}

/** Decodes a frame the gateway sent. Never throws. */
export function decodeServerMessage(frame: string): Decoded<ServerMessage> {
  return decode(frame, SERVER_MESSAGES);
}

/** Writes a message of either side as a frame. */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message);
}

/** What may be said, by its type: looking it up costs nothing, and trying one after the other half of what reading does. */
type Vocabulary<Message> = ReadonlyMap<string, v.GenericSchema<unknown, Message>>;

function vocabularyOf<Option extends typeof ClientMessage | typeof ServerMessage>(
  schema: Option,
): Vocabulary<v.InferOutput<Option>> {
  return new Map(schema.options.map((option) => [option.entries.type.literal, option] as const));
}

function decode<Message>(frame: string, vocabulary: Vocabulary<Message>): Decoded<Message> {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return refusal('malformed-frame', 'the frame is not JSON', {});
  }
  if (!isRecord(value) || typeof value['type'] !== 'string') {
    return refusal('malformed-frame', 'the frame is not an object with a type', {});
  }
  const schema = vocabulary.get(value['type']);
  if (schema === undefined) {
    return refusal('unknown-message', `no message has the type "${value['type'].slice(0, 40)}"`, value);
  }
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return { ok: true, message: parsed.output };
  const issue = parsed.issues[0];
  // The value itself is left out: it may be a token.
  const path = v.getDotPath(issue) ?? '';
  const complaint = issue.expected === null ? issue.message : `expected ${issue.expected}`;
  return refusal('malformed-frame', `${value['type']}.${path}: ${complaint}`, value);
}

function refusal(
  name: 'malformed-frame' | 'unknown-message',
  message: string,
  value: Readonly<Record<string, unknown>>,
): Decoded<never> {
  const { id, seq } = value;
  return {
    ok: false,
    error: wireError(name, message),
    unknownType: name === 'unknown-message',
    ...(typeof id === 'string' ? { re: id } : {}),
    ...(typeof seq === 'number' ? { seq } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
