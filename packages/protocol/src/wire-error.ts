import * as v from 'valibot';
import { WIRE_ERRORS, type WireErrorName } from './wire-error-table.ts';

export { WIRE_ERRORS, type WireErrorName };

/** A refusal as it travels. `name` is one of {@link WIRE_ERRORS}, or a newer one this side does not know. */
export const WireError = v.object({
  code: v.number(),
  name: v.string(),
  // What was wrong, for a developer. Never holds a token or a key.
  message: v.string(),
  retryAfterMs: v.optional(v.number()),
});
export type WireError = v.InferOutput<typeof WireError>;

/** Makes the refusal of the given name. */
export function wireError(name: WireErrorName, message: string, retryAfterMs?: number): WireError {
  const base = { code: WIRE_ERRORS[name].code, name, message };
  return retryAfterMs === undefined ? base : { ...base, retryAfterMs };
}
