export { FakeMediaPlane, type FakeMediaPlaneOptions } from './fake-media-plane.ts';
export { FakeRecordingPlane, type FakeRecordingPlaneOptions } from './fake-recording-plane.ts';
export { headlessPlatform, type HeadlessOptions } from './headless-platform.ts';
export { createPhone, type PhoneOptions } from './phone.ts';
