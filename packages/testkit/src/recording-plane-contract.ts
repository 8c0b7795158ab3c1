import { partyId, RecordingRefusal } from '@parley/switchboard';
import type { PartyId, RecordingEnd, RecordingOptions, RecordingPlane } from '@parley/switchboard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** A recording plane under test, with a media plane whose parties send nothing. At most three recordings at once. */
export interface RecordingPlaneHarness {
  readonly plane: RecordingPlane;
  readonly openParty: (party: PartyId) => Promise<void>;
  readonly closeParty: (party: PartyId) => void;
  /** Lets time pass, virtual or not. */
  readonly pass: (ms: number) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export const RECORDINGS_MAX_OF_THE_CONTRACT = 3;
const [ALICE, BOB, NOBODY] = ['alice', 'bob', 'nobody'].map((name) => partyId(name, 'call')) as [
  PartyId,
  PartyId,
  PartyId,
];

/** The promises of the port, which every plane keeps. Rules: docs/spec/recorder.md. */
export function describeRecordingPlane(name: string, factory: () => Promise<RecordingPlaneHarness>): void {
  describe(`${name} is a recording plane`, () => {
    let harness: RecordingPlaneHarness;
    let plane: RecordingPlane;
    let ends: Record<string, RecordingEnd[]>;

    beforeEach(async () => {
      harness = await factory();
      plane = harness.plane;
      ends = {};
      await harness.openParty(ALICE);
      await harness.openParty(BOB);
    });
    afterEach(() => harness.dispose());

    const optionsOf = (recordingSid: string, options: Partial<RecordingOptions> = {}): RecordingOptions => ({
      recordingSid,
      parties: [
        { party: ALICE, channel: 0 },
        { party: BOB, channel: 1 },
      ],
      channels: 2,
      media: 'audio',
      trim: false,
      maxLengthMs: 3_600_000,
      withAnnouncements: false,
      onEnded: (end) => (ends[recordingSid] ??= []).push(end),
      ...options,
    });
    const start = (recordingSid: string, options: Partial<RecordingOptions> = {}): Promise<void> =>
      plane.start(optionsOf(recordingSid, options));
    const endOf = (recordingSid: string): Promise<RecordingEnd> =>
      vi.waitFor(
        () => {
          const [end] = ends[recordingSid] ?? [];
          if (end === undefined) throw new Error(`${recordingSid} is not over`);
          return end;
        },
        { timeout: 5000, interval: 5 },
      );

    it('[RG1] says once that a recording is over, later than it was asked to stop, with length and file', async () => {
      await start('RE1');
      await harness.pass(400);
      plane.stop('RE1');
      plane.stop('RE1');
      expect(ends).toEqual({});
      const end = await endOf('RE1');
      expect(end).toMatchObject({ why: 'stopped', isSilent: true });
      expect(end.file).toMatch(/RE1\.ogg$/);
      expect(end.durationMs).toBeGreaterThanOrEqual(300);
      expect(end.bytes).toBeGreaterThan(0);
      plane.stop('RE1');
      await harness.pass(50);
      expect(ends['RE1']).toHaveLength(1);
      expect(plane.recordingCounts).toMatchObject({ inProgress: 0, taps: 0 });
    });

    it('[RG2] refuses a party it does not know, with a code, and holds nothing', async () => {
      const strangers = start('RE1', { parties: [{ party: NOBODY, channel: 0 }] });
      await expect(strangers).rejects.toBeInstanceOf(RecordingRefusal);
      await expect(strangers).rejects.toMatchObject({ code: 'no-such-party' });
      await expect(start('RE2', { parties: [] })).rejects.toMatchObject({ code: 'no-such-party' });
      expect(plane.recordingCounts.inProgress).toBe(0);
      expect(ends).toEqual({});
    });

    it('[RG3] refuses more recordings at once than it may hold, and takes the next when one is over', async () => {
      for (let index = 0; index < RECORDINGS_MAX_OF_THE_CONTRACT; index += 1) await start(`RE${index}`);
      await expect(start('REmore')).rejects.toMatchObject({ code: 'too-many' });
      plane.stop('RE0');
      await endOf('RE0');
      await start('REmore');
      expect(plane.recordingCounts.inProgress).toBe(RECORDINGS_MAX_OF_THE_CONTRACT);
    });

    it('[RG4] begins a recording once, however often it is asked', async () => {
      await Promise.all([start('RE1'), start('RE1')]);
      await start('RE1');
      expect(plane.recordingCounts.inProgress).toBe(1);
      plane.stop('RE1');
      await endOf('RE1');
      await harness.pass(50);
      expect(ends['RE1']).toHaveLength(1);
    });

    it('[RG5] takes no notice of what is asked for a recording that is over, or never was', async () => {
      plane.pause('RE1', 'skip');
      plane.resume('RE1');
      plane.stop('RE1');
      plane.add('RE1', { party: ALICE, channel: 0 });
      plane.remove('RE1', ALICE);
      await harness.pass(20);
      expect(ends).toEqual({});
    });

    it('[RG6] ends at its greatest length, which is how long it then is', async () => {
      await start('RE1', { maxLengthMs: 400 });
      await harness.pass(400);
      expect(await endOf('RE1')).toMatchObject({ why: 'max-length', durationMs: 400 });
    });

    it('[RG7] ends after so much silence, also when nobody ever spoke', async () => {
      await start('RE1', { silenceTimeoutMs: 400 });
      await harness.pass(400);
      expect(await endOf('RE1')).toMatchObject({ why: 'silence', isSilent: true });
    });

    it('[RG8] has no file where nothing is left after trimming', async () => {
      await start('RE1', { trim: true });
      await harness.pass(300);
      plane.stop('RE1');
      expect(await endOf('RE1')).toEqual({
        why: 'stopped',
        durationMs: 0,
        bytes: 0,
        file: null,
        isSilent: true,
      });
    });

    it('[RG9] ends when the last of its parties is closed, and not before', async () => {
      await start('RE1');
      await harness.pass(200);
      harness.closeParty(ALICE);
      await harness.pass(200);
      expect(ends).toEqual({});
      harness.closeParty(BOB);
      const end = await endOf('RE1');
      expect(end.why).toBe('party-gone');
      expect(end.durationMs).toBeGreaterThanOrEqual(300);
    });

    it('[RG10] goes on when everybody was taken out of it, and takes in who is added', async () => {
      await start('RE1', { parties: [{ party: ALICE, channel: 0 }] });
      plane.remove('RE1', ALICE);
      plane.remove('RE1', ALICE);
      harness.closeParty(ALICE);
      await harness.pass(100);
      expect(ends).toEqual({});
      plane.add('RE1', { party: BOB, channel: 0 });
      plane.add('RE1', { party: BOB, channel: 1 });
      plane.add('RE1', { party: NOBODY, channel: 1 });
      await harness.pass(100);
      harness.closeParty(BOB);
      expect((await endOf('RE1')).why).toBe('party-gone');
    });

    it('[RG11] leaves out what passed in a pause with skip, and keeps as much silence with silence', async () => {
      await start('REskip', { maxLengthMs: 60_000 });
      await start('REsilence', { maxLengthMs: 60_000, silenceTimeoutMs: 2000 });
      await harness.pass(200);
      plane.pause('REskip', 'skip');
      plane.pause('REskip', 'skip');
      plane.pause('REsilence', 'silence');
      await harness.pass(600);
      plane.resume('REskip');
      plane.resume('REsilence');
      await harness.pass(200);
      plane.stop('REskip');
      plane.stop('REsilence');
      const [skipped, silenced] = await Promise.all([endOf('REskip'), endOf('REsilence')]);
      const differenceMs = silenced.durationMs - skipped.durationMs;
      expect(differenceMs).toBeGreaterThanOrEqual(500);
      expect(skipped.durationMs).toBeGreaterThanOrEqual(300);
    });

    it('[RG12] names the file by the recording, .webm where a picture is asked for', async () => {
      await start('RE1', { media: 'audio_video' });
      await harness.pass(300);
      plane.stop('RE1');
      expect((await endOf('RE1')).file).toMatch(/RE1\.webm$/);
    });
  });
}
