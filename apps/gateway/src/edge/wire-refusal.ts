import { wireError, type WireError, type WireErrorName } from '@parley/protocol';

/** A request that is not carried out, for a reason the device is told. Anything else thrown is our own failure. */
export class WireRefusal extends Error {
  readonly wire: WireError;

  constructor(name: WireErrorName, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'WireRefusal';
    this.wire = wireError(name, message, retryAfterMs);
  }
}
