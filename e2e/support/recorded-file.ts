import { expect, type Page } from '@playwright/test';
import type { Gateway } from './gateway.ts';

/** What a person would hear and see in a recording. */
export interface RecordedSound {
  readonly durationMs: number;
  readonly channels: readonly {
    /** Of each tone that was asked for, from 0 to 1. */
    readonly strengths: readonly number[];
    /** When the first of them set in, each time. */
    readonly onsetsMs: readonly number[];
  }[];
}

/** Fetches a recording in the page, decodes it with the browser's own decoder, and looks for tones in it. */
export function listenTo(page: Page, url: string, tonesHz: readonly number[]): Promise<RecordedSound> {
  return page.evaluate(
    async ([address, tones]) => {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`the recording was answered with ${answer.status}`);
      const context = new OfflineAudioContext(1, 1, 48_000);
      const sound = await context.decodeAudioData(await answer.arrayBuffer());
      const rate = sound.sampleRate;
      /** How strong a wave is in a stretch of samples (Goertzel). */
      const strength = (samples: Float32Array, toneHz: number): number => {
        const coefficient = 2 * Math.cos((2 * Math.PI * toneHz) / rate);
        let before = 0;
        let beforeThat = 0;
        for (const sample of samples) {
          const now = sample + coefficient * before - beforeThat;
          beforeThat = before;
          before = now;
        }
        const power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
        return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
      };
      const step = Math.round(rate * 0.01);
      const stretch = Math.round(rate * 0.02);
      const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => {
        const samples = sound.getChannelData(index);
        const strengths = tones.map((toneHz) => strength(samples, toneHz));
        const course: number[] = [];
        for (let at = 0; at + stretch <= samples.length; at += step) {
          course.push(strength(samples.subarray(at, at + stretch), tones[0] ?? 0));
        }
        const loud = Math.max(...course) / 3;
        const onsetsMs: number[] = [];
        for (let at = 1; at < course.length; at++) {
          const isOnset = (course[at] ?? 0) >= loud && (course[at - 1] ?? 0) < loud;
          // What wavers at its beginning begins once.
          if (isOnset && at * 10 - (onsetsMs.at(-1) ?? -Infinity) > 400) onsetsMs.push(at * 10);
        }
        return { strengths, onsetsMs };
      });
      return { durationMs: sound.duration * 1000, channels };
    },
    [url, [...tonesHz]] as const,
  );
}

/** Plays a recording as a page would, and answers how bright its picture was at each of these times; null: no picture. */
export function watch(
  page: Page,
  url: string,
  timesMs: readonly number[],
): Promise<readonly (number | null)[]> {
  return page.evaluate(
    async ([address, times]) => {
      const video = document.createElement('video');
      video.muted = true;
      video.preload = 'auto';
      const loaded = new Promise<void>((resolve, reject) => {
        video.addEventListener('loadeddata', () => resolve(), { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'cannot be played')), {
          once: true,
        });
      });
      video.src = address;
      await loaded;
      const canvas = document.createElement('canvas');
      canvas.width = 16;
      canvas.height = 16;
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      if (pen === null) throw new Error('there is no canvas');
      const seen: (number | null)[] = [];
      for (const timeMs of times) {
        const sought = new Promise<void>((resolve) => {
          video.addEventListener('seeked', () => resolve(), { once: true });
        });
        video.currentTime = timeMs / 1000;
        await sought;
        if (video.videoWidth === 0) {
          seen.push(null);
          continue;
        }
        pen.drawImage(video, 0, 0, 16, 16);
        const { data } = pen.getImageData(0, 0, 16, 16);
        let sum = 0;
        for (let at = 0; at < data.length; at += 4)
          sum += (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
        seen.push(sum / (data.length / 4));
      }
      video.removeAttribute('src');
      video.load();
      return seen;
    },
    [url, [...timesMs]] as const,
  );
}

/** Plays a recording from its beginning for a moment; answers whether it moved on. */
export function plays(page: Page, url: string): Promise<boolean> {
  return page.evaluate(async (address) => {
    const element = document.createElement('video');
    element.muted = true;
    element.src = address;
    await element.play();
    const beganMs = performance.now();
    while (element.currentTime < 0.5 && performance.now() - beganMs < 10_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const hasMoved = element.currentTime >= 0.5;
    element.removeAttribute('src');
    element.load();
    return hasMoved;
  }, url);
}

/** Waits until something is being recorded, a minute at most, and for so long. */
export async function isRecorded(gateway: Gateway, ms: number): Promise<void> {
  const inProgress = expect.poll(() => gateway.recordings(), {
    message: 'recordings in progress',
    timeout: 60_000,
  });
  await inProgress.toBe(1);
  await passes(ms);
}

/** What is recorded is time: it has to pass. */
export function passes(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
