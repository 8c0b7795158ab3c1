import { describe, expect, it } from 'vitest';
import type { LegModification } from './call-state.ts';
import { CALL_SID, CALLER, rcml, Scene, sidOf } from './scene.test.kit.ts';

const CHILD = sidOf(1);
const END: LegModification = { type: 'end' };
const jenny = '<Dial action="/after"><Client statusCallback="/status">jenny</Client></Dial>';
const options = { answers: { '/after': '<Pause length="60"/>' } };

function inlined(verbs: string): LegModification {
  return {
    type: 'document',
    application: { type: 'document', document: rcml(verbs), base: 'https://app.example/' },
  };
}

describe('a call that REST changes', () => {
  it('[D25] ends a caller who was not answered as canceled, and everybody who rang', () => {
    const scene = new Scene(jenny, options);
    scene.alert('jenny');
    scene.feed({ type: 'modify', leg: CALL_SID, change: END });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'canceled', reason: 'replaced' });
    expect(scene.end('jenny')).toMatchObject({ reason: 'replaced' });
    expect(scene.isOver).toBe(true);
  });

  it('[D25] ends a talking call as completed, and tells both', () => {
    const scene = new Scene(jenny, options);
    scene.accept('jenny');
    scene.pass(3000);
    scene.feed({ type: 'modify', leg: CALL_SID, change: END });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed', durationMs: 3000 });
    expect(scene.end('jenny')).toMatchObject({ reason: 'replaced', by: 'server' });
  });

  it('[CL11] [D27] a parent with a new document goes on with it, and her child ends', () => {
    const scene = new Scene(jenny, options);
    scene.accept('jenny');
    scene.feed({ type: 'modify', leg: CALL_SID, change: inlined('<Pause length="9"/>') });
    expect(scene.end('jenny')).toMatchObject({ reason: 'replaced' });
    expect(scene.callbacks(CHILD)).toEqual(['0 completed completed']);
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted']);
    // The action of the dial that was left is not asked: nobody waits for what it would say.
    expect(scene.asked.map(({ url }) => url)).toEqual(['https://app.example/voice']);
    expect(scene.isOver).toBe(false);
  });

  it('[D27] a new document may name who is told of the end', () => {
    const scene = new Scene(jenny, options);
    const application = { type: 'document', document: rcml('<Hangup/>'), base: '' } as const;
    const owed = { url: 'https://app.example/over', base: '', method: 'POST' } as const;
    scene.ledger.owes(CALL_SID);
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application, owed } });
    expect(scene.of('callback').filter(({ leg }) => leg === CALL_SID)).toMatchObject([
      { url: owed.url, event: 'completed', sequence: 0 },
    ]);
  });

  it('[D27] a ringing child that is ended ends canceled, and the dial goes on without it', () => {
    const scene = new Scene('<Dial><Client>jenny</Client><Client>bob</Client></Dial>', {
      registered: { jenny: [''], bob: [''] },
    });
    scene.alert('jenny', 'bob');
    scene.feed({ type: 'modify', leg: CHILD, change: END });
    expect(scene.legEnd(CHILD)).toMatchObject({ status: 'canceled' });
    scene.accept('bob');
    expect(scene.joins).toEqual(['bob']);
  });

  it('[D27] a new document on a ringing child does nothing', () => {
    const scene = new Scene(jenny, options);
    scene.alert('jenny');
    scene.feed({ type: 'modify', leg: CHILD, change: inlined('<Hangup/>') });
    expect(scene.end('jenny')).toBeUndefined();
    scene.accept('jenny');
    expect(scene.joins).toEqual(['jenny']);
  });

  it('[D27] a talking child that is ended leaves a completed dial, and the action is asked', () => {
    const scene = new Scene(jenny, options);
    scene.accept('jenny');
    scene.feed({ type: 'modify', leg: CHILD, change: END });
    expect(scene.lastAsked()).toMatchObject({
      url: '/after',
      params: { DialCallStatus: 'completed', DialBridged: 'true' },
    });
    expect(scene.callbacks(CHILD)).toEqual(['0 completed completed']);
  });

  it('[CL11] [D27] a talking child with a document of her own leaves with it, untold and unreleased, owing her last callback', () => {
    const scene = new Scene(jenny, options);
    scene.accept('jenny');
    scene.pass(2000);
    scene.feed({ type: 'modify', leg: CHILD, change: inlined('<Pause length="5"/>') });
    expect(scene.of('detach')).toMatchObject([
      {
        from: CALLER,
        answeredMs: 0,
        facts: { sid: CHILD, parentSid: CALL_SID, owed: { url: '/status', sequence: 0 } },
      },
    ]);
    expect(scene.end('jenny')).toBeUndefined();
    expect(scene.callbacks(CHILD)).toEqual([]);
    expect(scene.lastAsked()).toMatchObject({ url: '/after', params: { DialCallStatus: 'completed' } });
    expect(scene.words(CALLER)).toEqual(['ringing', 'joined', 'parted']);
  });

  it('[CA7] a leg that is over, or never was, cannot be changed', () => {
    const scene = new Scene(jenny, options);
    const before = scene.outputs.length;
    scene.feed({ type: 'modify', leg: sidOf(77), change: END });
    expect(scene.outputs).toHaveLength(before);
  });
});
