import { FakeRecordingPlane } from '@parley/testkit';
import type { PartyId } from '@parley/switchboard';
import type { GatewayRecorder } from '../../src/gateway-recorder.ts';

/** The recorder without files as a gateway owns one. */
export class StagedRecorder extends FakeRecordingPlane implements GatewayRecorder {
  readonly directory: string;
  readonly recovered = [];
  /** The recordings whose files were deleted. */
  readonly forgotten: string[] = [];

  constructor(directory: string) {
    super();
    this.directory = directory;
  }

  async warm(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  forget(recordingSid: string): void {
    this.forgotten.push(recordingSid);
  }

  /** Everybody who is recorded speaks for so long. */
  speak(ms: number): void {
    const speaking = this.inProgress.flatMap((sid) => this.parties(sid).map(({ party }): PartyId => party));
    this.pass(ms, speaking);
  }
}
