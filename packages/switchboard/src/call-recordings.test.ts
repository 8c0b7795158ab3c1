import { describe, expect, it } from 'vitest';
import type { RecordingTerms } from './recording-order.ts';
import { CALL_SID, CALLER, recordingOf, Scene, sidOf } from './scene.test.kit.ts';

const CHILD = sidOf(1);
const RE1 = recordingOf(1);
const FROM_REST = { sid: 'RE-rest', url: 'https://parley.example/RE-rest' };
const TERMS: RecordingTerms = {
  source: 'StartCallRecordingAPI',
  channels: 2,
  trim: false,
  track: 'both',
  base: '',
  reports: { recordingStatusCallbackMethod: 'POST', recordingStatusCallbackEvents: ['completed'] },
};

function dialing(attributes: string, noun = '<Client>jenny</Client>', after = '<Pause length="60"/>'): Scene {
  const scene = new Scene(`<Dial action="/after" ${attributes}>${noun}</Dial>`, {
    answers: { '/after': after },
  });
  scene.alert('jenny');
  return scene;
}

function record(scene: Scene, leg = CALL_SID, terms: Partial<RecordingTerms> = {}): void {
  scene.feed({ type: 'record', leg, recording: FROM_REST, terms: { ...TERMS, ...terms } });
}

describe('<Dial record>', () => {
  it('[RV11] [RV12] from answer: begins when two are joined, both on one channel', () => {
    for (const value of ['record-from-answer', 'true', 'TRUE']) {
      const scene = dialing(`record="${value}" trim="trim-silence"`);
      expect(scene.of('startRecording')).toEqual([]);
      scene.accept('jenny');
      expect(scene.of('startRecording')).toMatchObject([
        {
          leg: CALL_SID,
          recording: RE1,
          order: {
            source: 'DialVerb',
            channels: 1,
            media: 'audio',
            trim: true,
            withAnnouncements: true,
            parties: [
              { party: CALLER, channel: 0 },
              { party: 'jenny', channel: 0 },
            ],
          },
        },
      ]);
    }
  });

  it('[RV11] nothing is recorded that was not asked for', () => {
    for (const attributes of ['', 'record="do-not-record"', 'record="false"']) {
      const scene = dialing(attributes);
      scene.accept('jenny');
      expect(scene.of('startRecording')).toEqual([]);
    }
  });

  it('[RV11] [RV12] from ringing, dual: the caller alone at first, then both on channels of their own', () => {
    const scene = dialing('record="record-from-ringing-dual"');
    expect(scene.of('startRecording')).toMatchObject([
      { order: { channels: 2, parties: [{ party: CALLER, channel: 0 }] } },
    ]);
    scene.accept('jenny');
    expect(scene.of('startRecording')).toHaveLength(1);
    expect(scene.of('addToRecording')).toMatchObject([
      { recordingSid: RE1.sid, party: { party: 'jenny', channel: 1 } },
    ]);
  });

  it('[RV11] several ring: the recording from ringing begins once', () => {
    const scene = new Scene(
      '<Dial record="record-from-ringing"><Client>jenny</Client><Client>bob</Client></Dial>',
      { registered: { jenny: [''], bob: [''] } },
    );
    scene.alert('jenny', 'bob');
    expect(scene.of('startRecording')).toHaveLength(1);
    scene.accept('bob');
    expect(scene.of('addToRecording')).toMatchObject([{ party: { party: 'bob', channel: 0 } }]);
  });

  it('[RV11] nobody joined: from answer has nothing to show, from ringing has', () => {
    const answered = dialing('record="record-from-answer"');
    answered.reject('jenny');
    expect(answered.lastAsked().params).not.toHaveProperty('RecordingUrl');
    const rung = dialing('record="record-from-ringing"');
    rung.reject('jenny');
    expect(rung.of('stopRecording')).toHaveLength(1);
    expect(rung.lastAsked().params).toMatchObject({ DialCallStatus: 'busy', RecordingUrl: RE1.url });
  });

  it('[RV13] ends with the dial, and its action hears where it will be', () => {
    const scene = dialing('record="true"');
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.of('stopRecording')).toEqual([{ type: 'stopRecording', recordingSid: RE1.sid }]);
    expect(scene.lastAsked()).toMatchObject({
      url: '/after',
      params: {
        DialCallStatus: 'completed',
        RecordingUrl: RE1.url,
        PublicRecordingUrl: RE1.url,
        RecordingSid: RE1.sid,
      },
    });
    expect(scene.isOver).toBe(false);
  });

  it('[RV13] the caller hangs up, or REST changes her call: it ends once', () => {
    const scene = dialing('record="true"');
    scene.accept('jenny');
    scene.hangup();
    expect(scene.of('stopRecording')).toHaveLength(1);
    expect(scene.lastAsked().params).toMatchObject({ RecordingSid: RE1.sid });
    const changed = dialing('record="true"');
    changed.accept('jenny');
    const application = { type: 'url', url: '/after', method: 'POST' } as const;
    changed.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application } });
    expect(changed.of('stopRecording')).toHaveLength(1);
  });

  it('[RV13] the callee leaves with a document of her own: it ends with the dial', () => {
    const scene = dialing('record="true"');
    scene.accept('jenny');
    const application = { type: 'url', url: '/hers', method: 'POST' } as const;
    scene.feed({ type: 'modify', leg: CHILD, change: { type: 'document', application } });
    expect(scene.of('stopRecording')).toHaveLength(1);
  });

  it('[RV13] a recording that could not be begun is not told of', () => {
    const scene = dialing('record="true"');
    scene.accept('jenny');
    scene.recorded(RE1, { why: 'failed', file: null, durationMs: 0, bytes: 0 });
    scene.hangup('jenny');
    expect(scene.of('stopRecording')).toEqual([]);
    expect(scene.lastAsked().params).not.toHaveProperty('RecordingUrl');
  });

  it('[RV14] a call with video is recorded with its picture', () => {
    const scene = dialing('record="true"', '<Client name="jenny"><Video/></Client>');
    scene.accept('jenny');
    expect(scene.of('startRecording')).toMatchObject([{ order: { media: 'audio_video' } }]);
    const ringing = dialing('record="record-from-ringing"', '<Client name="jenny"><Video/></Client>');
    expect(ringing.of('startRecording')).toMatchObject([{ order: { media: 'audio_video' } }]);
  });

  it('[RV11] around a conference it is notified and means nothing', () => {
    const scene = dialing('record="true"', '<Conference>blue</Conference>');
    expect(scene.of('notify')).toMatchObject([{ message: expect.stringContaining('record-from-start') }]);
    expect(scene.of('startRecording')).toEqual([]);
    const plain = dialing('', '<Conference>blue</Conference>');
    expect(plain.of('notify')).toEqual([]);
  });

  it('[RV13] each dial of a document is recorded by itself', () => {
    const scene = new Scene(
      '<Dial record="true"><Client>jenny</Client></Dial><Dial record="true"><Client>jenny</Client></Dial>',
    );
    scene.accept('jenny');
    scene.hangup('jenny');
    scene.accept('jenny~2');
    expect(scene.of('startRecording').map(({ recording }) => recording)).toEqual([RE1, recordingOf(2)]);
    scene.hangup();
    expect(scene.of('stopRecording')).toHaveLength(2);
  });
});

describe('a call that REST records', () => {
  it('[RV15] whoever the caller is joined with comes into it and leaves it', () => {
    const scene = new Scene(
      '<Say>Hello</Say><Dial><Client>jenny</Client></Dial><Dial><Client>bob</Client></Dial>',
      { registered: { jenny: [''], bob: [''] } },
    );
    record(scene);
    expect(scene.of('startRecording')).toMatchObject([
      { recording: FROM_REST, order: { source: 'StartCallRecordingAPI', channels: 2 } },
    ]);
    scene.heard();
    scene.accept('jenny');
    scene.hangup('jenny');
    scene.accept('bob');
    expect(scene.of('addToRecording').map(({ party }) => party)).toEqual([
      { party: 'jenny', channel: 1 },
      { party: 'bob', channel: 1 },
    ]);
    expect(scene.of('removeFromRecording')).toEqual([
      { type: 'removeFromRecording', recordingSid: FROM_REST.sid, party: 'jenny' },
    ]);
    expect(scene.of('stopRecording')).toEqual([]);
    scene.hangup();
    expect(scene.of('stopRecording')).toHaveLength(1);
  });

  it('[RV15] in the middle of a talk both are in it; another document does not end it', () => {
    const scene = dialing('');
    scene.accept('jenny');
    record(scene);
    expect(scene.of('startRecording')).toMatchObject([
      {
        order: {
          parties: [
            { party: CALLER, channel: 0 },
            { party: 'jenny', channel: 1 },
          ],
        },
      },
    ]);
    const application = { type: 'url', url: '/after', method: 'POST' } as const;
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application } });
    expect(scene.of('removeFromRecording')).toHaveLength(1);
    expect(scene.of('stopRecording')).toEqual([]);
  });

  it('[RV15] a dialled leg is recorded from its own side, as long as it lasts', () => {
    const scene = dialing('');
    scene.accept('jenny');
    record(scene, CHILD);
    expect(scene.of('startRecording')).toMatchObject([
      {
        leg: CHILD,
        order: {
          parties: [
            { party: 'jenny', channel: 0 },
            { party: CALLER, channel: 1 },
          ],
        },
      },
    ]);
    scene.hangup('jenny');
    expect(scene.of('stopRecording')).toHaveLength(1);
    // It is not the dial's own recording.
    expect(scene.lastAsked().params).not.toHaveProperty('RecordingUrl');
    expect(scene.isOver).toBe(false);
  });

  it('[RV15] what is not answered cannot be recorded', () => {
    const scene = dialing('');
    record(scene);
    record(scene, CHILD);
    record(scene, sidOf(9));
    expect(scene.of('startRecording')).toEqual([]);
  });

  it('[RV17] the inbound track is of the one whose leg it is', () => {
    const scene = new Scene('<Say>Hello</Say><Dial><Client>jenny</Client></Dial>');
    record(scene, CALL_SID, { track: 'inbound', channels: 1 });
    expect(scene.of('startRecording')).toMatchObject([
      { order: { parties: [{ party: CALLER, channel: 0 }], withAnnouncements: false } },
    ]);
    scene.heard();
    scene.accept('jenny');
    expect(scene.of('addToRecording')).toEqual([]);
  });

  it('[RV18] eight at a time, and no more', () => {
    const scene = new Scene('<Say>Hello</Say>');
    for (let serial = 1; serial <= 9; serial++) {
      scene.feed({ type: 'record', leg: CALL_SID, recording: recordingOf(serial), terms: TERMS });
    }
    expect(scene.of('startRecording')).toHaveLength(8);
    scene.recorded(recordingOf(3));
    scene.feed({ type: 'record', leg: CALL_SID, recording: recordingOf(10), terms: TERMS });
    expect(scene.of('startRecording')).toHaveLength(9);
    scene.hangup();
    expect(scene.of('stopRecording')).toHaveLength(8);
  });
});
