import { decodeServerMessage, ServerMessage } from '@parley/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALL_SHAPES } from '../core/call-shapes.ts';
import { readFrame } from '../core/read-frame.ts';
import { RINGING_SHAPES, type Shape } from '../core/wire-shape.ts';

/** As much of a valibot schema as the protocol uses. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly value?: Schema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
}

/** The shape a schema describes, lengths, patterns and lists of words left out. */
function shapeOf(schema: Schema): Shape {
  switch (schema.type) {
    case 'string':
    case 'picklist':
      return 'string';
    case 'number':
    case 'boolean':
      return schema.type;
    case 'literal':
      return typeof schema.literal as 'string' | 'boolean';
    case 'record':
      return schema.value?.type === 'string' ? 'strings' : 'record';
    case 'array':
      return [shapeOf(schema.item as Schema)];
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.entries ?? {})
          .filter(([key]) => key !== 'type')
          .map(([key, inner]) =>
            inner.type === 'optional' ? [`${key}?`, shapeOf(inner.wrapped as Schema)] : [key, shapeOf(inner)],
          ),
      );
    default:
      throw new Error(`the protocol has begun to use ${schema.type}: teach it to wire-shape.ts`);
  }
}

/** A value of that shape, now and then. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'string':
      return fc.constantFrom('id-00000001', `CA${'0'.repeat(32)}`);
    case 'picklist':
      return fc.constantFrom(...(schema.options ?? []));
    case 'number':
      return fc.nat();
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constant(schema.literal);
    case 'record':
      return fc.dictionary(fc.constantFrom('a', 'b'), fc.constant('x'));
    case 'array':
      return fc.array(valueOf(schema.item as Schema), { minLength: 1, maxLength: 3 });
    case 'optional':
      return fc.option(valueOf(schema.wrapped as Schema), { nil: undefined });
    default:
      return fc.record(
        Object.fromEntries(Object.entries(schema.entries ?? {}).map(([key, inner]) => [key, valueOf(inner)])),
      );
  }
}

const schemas = ServerMessage.options as unknown as readonly Schema[];

describe('reading frames', () => {
  it('[CS68] the shapes are those of the protocol', () => {
    const wire = schemas.map((schema) => [schema.entries?.['type']?.literal, shapeOf(schema)]);
    expect({ ...RINGING_SHAPES, ...CALL_SHAPES }).toEqual(Object.fromEntries(wire));
  });

  it('[CS68] what the protocol understands is understood, in the same way', () => {
    fc.assert(
      fc.property(fc.oneof(...schemas.map(valueOf)), (message) => {
        const frame = JSON.stringify(message);
        const theirs = decodeServerMessage(frame);
        if (theirs.ok) expect(readFrame(frame, CALL_SHAPES)).toEqual(theirs);
      }),
      { numRuns: 2000 },
    );
  });

  it('[CS68] nothing whatever makes it throw, or passes with a field missing or of another type', () => {
    // A list in place of a record is refused here and not there; everything else is refused by both.
    const damage = fc.constantFrom<unknown>(null, 7, 'x', true, {}, undefined);
    fc.assert(
      fc.property(fc.oneof(...schemas.map(valueOf)), fc.nat(), damage, (message, at, value) => {
        const fields = Object.entries(message as Record<string, unknown>);
        const [key] = fields[at % fields.length] ?? ['type'];
        const frame = JSON.stringify({ ...(message as object), [key]: value });
        const ours = readFrame(frame, CALL_SHAPES);
        const theirs = decodeServerMessage(frame);
        if (ours.ok && theirs.ok) expect(ours).toEqual(theirs);
        if (!ours.ok) expect(theirs.ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string(), (frame) => {
        expect(readFrame(frame, CALL_SHAPES).ok).toBe(false);
      }),
    );
  });

  it('[CS69] a call may end for a reason from the future', () => {
    const frame = {
      type: 'ended',
      seq: 1,
      callId: 'id-00000001',
      reason: 'new',
      by: 'server',
      durationMs: 0,
    };
    expect(readFrame(JSON.stringify(frame)).ok).toBe(true);
  });
});
