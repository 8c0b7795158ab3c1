import { ClientError } from '../errors.ts';
import { DeviceDesk, type DeskOptions } from './device-desk.ts';
import type { LateDevices } from './late-devices.ts';
import { Studio, type StudioOptions } from './studio.ts';

// What a person does with devices beside talking into them, and what a call does with pictures beyond a face each way.
// Loaded when somebody asks for it, or once a call is open; nothing of it is waited for to ring, to answer or to connect.

/** Opens the studio of a call. */
export async function openStudio(options: Omit<StudioOptions, 'surroundings'>): Promise<Studio> {
  const surroundings = await options.platform.loadDevices?.();
  if (surroundings === undefined) throw new ClientError('unsupported-browser');
  return new Studio({ ...options, surroundings });
}

/** Opens the desk of a device: reads what was chosen before, and looks what is there. */
export async function openDesk(
  late: LateDevices,
  // Given, because what opens microphones for calls has it already.
  sourceError: DeskOptions['sourceError'],
): Promise<DeviceDesk> {
  const devices = await late.options.platform.loadDevices?.();
  if (devices === undefined) throw new ClientError('unsupported-browser', 'there is nothing to choose from');
  const { audioStore: audio, videoStore: video } = late;
  const desk = new DeviceDesk({ ...late.options, audio, video, devices, sourceError });
  late.desk = desk;
  return desk.open();
}
