import { describe, expect, it } from 'vitest';
import { CALL_SID, CALLER, rcml, recordingOf, Scene, sidOf } from './scene.test.kit.ts';

const RE1 = recordingOf(1);
const RECORDED = {
  RecordingUrl: RE1.url,
  PublicRecordingUrl: RE1.url,
  RecordingSid: RE1.sid,
  RecordingDuration: '7',
};
const SILENCE = { isSilent: true, why: 'silence', durationMs: 0, bytes: 0, file: null } as const;

/** A scene whose caller hears the tone to its end. */
function recording(attributes: string, after = '<Pause length="9"/>'): Scene {
  const scene = new Scene(`<Record ${attributes}/>${after}`, { answers: { '/said': '<Pause length="5"/>' } });
  scene.heard();
  return scene;
}

describe('<Record>', () => {
  it('[RV1] answers, plays a tone, and records only when that is over', () => {
    const scene = new Scene('<Record timeout="3" maxLength="20"/>');
    expect(scene.words(CALLER)).toEqual(['answered']);
    expect(scene.of('play')).toMatchObject([{ prompt: { verb: 'Beep' } }]);
    expect(scene.of('startRecording')).toEqual([]);
    scene.heard();
    expect(scene.of('startRecording')).toMatchObject([
      {
        leg: CALL_SID,
        recording: RE1,
        order: {
          source: 'RecordVerb',
          parties: [{ party: CALLER, channel: 0 }],
          channels: 1,
          media: 'audio',
          trim: true,
          maxLengthMs: 20_000,
          silenceTimeoutMs: 3000,
          withAnnouncements: false,
        },
      },
    ]);
  });

  it('[RV1] without a tone it begins at once', () => {
    const scene = new Scene('<Record playBeep="false" media="audio_video" trim="do-not-trim"/>');
    expect(scene.of('play')).toEqual([]);
    expect(scene.of('startRecording')).toMatchObject([{ order: { media: 'audio_video', trim: false } }]);
  });

  it('[RV2] [RV4] a finish key ends it; the action is asked when the file is whole', () => {
    const scene = recording('action="/said" finishOnKey="#"');
    scene.pass(7000);
    scene.press('12');
    expect(scene.of('stopRecording')).toEqual([]);
    scene.press('5#9');
    expect(scene.of('stopRecording')).toEqual([{ type: 'stopRecording', recordingSid: RE1.sid }]);
    expect(scene.lastAsked().url).not.toBe('/said');
    scene.recorded(RE1);
    expect(scene.lastAsked()).toMatchObject({ url: '/said', params: { ...RECORDED, Digits: '#' } });
  });

  it('[RV2] keys before and during it are for nobody', () => {
    const scene = new Scene('<Pause length="1"/><Record finishOnKey="#"/><Gather numDigits="1"/>');
    scene.press('1#');
    scene.pass(1000);
    scene.press('#');
    scene.heard();
    expect(scene.of('startRecording')).toHaveLength(1);
    expect(scene.of('stopRecording')).toEqual([]);
    scene.press('12');
    scene.recorded(RE1, SILENCE);
    // The Gather listens, and has no key yet.
    expect(scene.state.script.phase).toMatchObject({ name: 'gathering', gather: { digits: '' } });
  });

  it('[RV3] [RV4] silence and the greatest length end it; the current document is asked again', () => {
    for (const why of ['silence', 'max-length'] as const) {
      const scene = new Scene('<Record method="GET"/>');
      scene.heard();
      scene.pass(7000);
      scene.recorded(RE1, { why });
      expect(scene.of('stopRecording')).toEqual([]);
      expect(scene.lastAsked()).toMatchObject({
        url: 'https://app.example/voice',
        method: 'GET',
        params: { ...RECORDED, Digits: '' },
      });
    }
  });

  it('[RV5] where nothing was said, the next verb follows', () => {
    const scene = recording('action="/said"', '<Say>Nothing?</Say>');
    scene.recorded(RE1, SILENCE);
    expect(scene.of('play').at(-1)).toMatchObject({ prompt: { verb: 'Say' } });
    expect(scene.asked).toHaveLength(1);
  });

  it('[RV5] a silent picture is kept, a recording that failed is not', () => {
    const seen = recording('action="/said" media="audio_video"');
    seen.recorded(RE1, { isSilent: true, why: 'silence' });
    expect(seen.lastAsked().url).toBe('/said');
    const failed = recording('action="/said" media="audio_video"', '<Say>Sorry</Say>');
    failed.recorded(RE1, { ...SILENCE, why: 'failed' });
    expect(failed.of('play').at(-1)).toMatchObject({ prompt: { verb: 'Say' } });
  });

  it('[RV5] silence that was not to be trimmed is kept, unless a word was waited for in vain', () => {
    const scene = recording('action="/said" trim="do-not-trim"');
    scene.press('#');
    scene.recorded(RE1, { isSilent: true, durationMs: 3000 });
    expect(scene.lastAsked()).toMatchObject({
      url: '/said',
      params: { Digits: '#', RecordingDuration: '3' },
    });
    const waited = recording('action="/said" trim="do-not-trim"');
    waited.recorded(RE1, { isSilent: true, durationMs: 5000, why: 'silence' });
    expect(waited.asked).toHaveLength(1);
  });

  it('[RV6] a caller who hangs up leaves what she said; the action hears of it once', () => {
    const scene = recording('action="/said"');
    scene.pass(7000);
    scene.hangup();
    expect(scene.isOver).toBe(true);
    expect(scene.of('stopRecording')).toEqual([{ type: 'stopRecording', recordingSid: RE1.sid }]);
    expect(scene.of('askRecorded')).toMatchObject([
      {
        recordingSid: RE1.sid,
        request: { written: '/said', method: 'POST' },
        params: expect.arrayContaining([['CallStatus', 'completed']]),
      },
    ]);
    expect(scene.of('ask')).toEqual([]);
  });

  it('[RV6] during the tone nothing was said yet', () => {
    const scene = new Scene('<Record action="/said"/>');
    scene.hangup();
    expect(scene.isOver).toBe(true);
    expect(scene.of('askRecorded')).toEqual([]);
    expect(scene.of('startRecording')).toEqual([]);
  });

  it('[RV7] another document takes its place at once', () => {
    const scene = recording('action="/said"');
    const application = { type: 'document', document: rcml('<Pause length="3"/>'), base: '' } as const;
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application } });
    expect(scene.of('stopRecording')).toHaveLength(1);
    expect(scene.state.script.phase.name).toBe('pausing');
    scene.recorded(RE1);
    expect(scene.state.script.phase.name).toBe('pausing');
    expect(scene.of('askRecorded')).toEqual([]);
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'end' } });
    expect(scene.isOver).toBe(true);
  });

  it('[RV7] REST ends the call in the middle of it', () => {
    const scene = recording('action="/said"');
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'end' } });
    expect(scene.isOver).toBe(true);
    expect(scene.of('stopRecording')).toHaveLength(1);
    expect(scene.of('askRecorded')).toHaveLength(1);
  });

  it('[RV8] nothing is waited for without end', () => {
    const scene = new Scene('<Record maxLength="10"/><Pause length="60"/>');
    scene.pass(4999);
    expect(scene.of('startRecording')).toEqual([]);
    scene.pass(1);
    expect(scene.of('stopPlaying')).toHaveLength(1);
    expect(scene.of('startRecording')).toHaveLength(1);
    scene.pass(24_999);
    expect(scene.of('stopRecording')).toEqual([]);
    scene.pass(1);
    expect(scene.of('stopRecording')).toHaveLength(1);
    scene.pass(14_999);
    expect(scene.notified).toEqual([]);
    scene.pass(1);
    expect(scene.notified).toEqual([12400]);
    expect(scene.state.script.phase.name).toBe('pausing');
  });

  it('[RV9] in a screening document the called person is recorded', () => {
    const scene = new Scene('<Dial><Client url="/screen">jenny</Client></Dial>', {
      answers: { '/screen': '<Record playBeep="false" action="/said"/>', '/said': '' },
    });
    scene.accept('jenny');
    expect(scene.of('startRecording')).toMatchObject([
      { leg: sidOf(1), order: { parties: [{ party: 'jenny', channel: 0 }] } },
    ]);
    scene.recorded(RE1);
    expect(scene.asked.at(-1)).toMatchObject({ url: '/said', leg: sidOf(1), params: RECORDED });
    expect(scene.joins).toEqual(['jenny']);
  });

  it('[RV9] who hangs up in it has declined', () => {
    const scene = new Scene('<Dial><Client url="/screen">jenny</Client></Dial><Pause length="60"/>', {
      answers: { '/screen': '<Record playBeep="false" action="/said"/>' },
    });
    scene.accept('jenny');
    scene.hangup('jenny');
    expect(scene.of('stopRecording')).toHaveLength(1);
    expect(scene.of('askRecorded')).toEqual([]);
    expect(scene.end('jenny')).toMatchObject({ reason: 'declined' });
  });

  it('[RV10] a transcription is notified and left out', () => {
    const scene = new Scene('<Record transcribe="true"/>');
    expect(scene.of('notify')).toMatchObject([{ message: expect.stringContaining('transcribed') }]);
    expect(scene.of('play')).toHaveLength(1);
  });
});
