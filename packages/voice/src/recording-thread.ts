// Reading, levelling and encoding cost a fortieth of the time they fill: too much for the thread that answers browsers.
import { parentPort } from 'node:worker_threads';
import { setImmediate as turn } from 'node:timers/promises';
import { packFrames } from './packed-frames.ts';
import { record } from './recording.ts';
import type { ThreadAnswer, ThreadOrder } from './recording-studio.ts';
import { VoiceError } from './voice-error.ts';

const port = parentPort;
if (port === null) throw new Error('this is the code of a thread');

port.on('message', (order: ThreadOrder) => void carryOut(order));

async function carryOut({ id, ...order }: ThreadOrder): Promise<void> {
  try {
    for await (const frames of record(order)) {
      const packed = packFrames(frames);
      answer({ id, type: 'frames', packed }, [packed.bytes.buffer, packed.lengths.buffer]);
      // Everybody's beginning comes before anybody's end.
      await turn();
    }
    answer({ id, type: 'done' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ id, type: 'failed', message, isSound: error instanceof VoiceError });
  }
}

function answer(message: ThreadAnswer, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
